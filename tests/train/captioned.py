"""The tiny collection of `tests.train.small` with listings that tell of its pictures.

Which colours a picture has is no matter of these listings: what they say follows from its number.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS
from tests.train import small

COLOURS: Final = ("red", "green", "blue", "white", "black", "grey")
CREATORS: Final = ("Ana Ember", "Ben {title}", None)
TEMPLATE: Final = "{creator_name}, {sheet[Dial]} dial, {year}"
TEXT: Final[dict[str, Any]] = small.RESIDUAL | {"condition": "text", "caption": TEMPLATE}


def build(root: Path, train: dict[str, Any] | None = None, silent: int = small.IMAGES - 1) -> Paths:
    """As `small.build`, with the table of listings beside it; that of ``silent`` tells nothing."""
    paths = small.build(root, train or TEXT)
    rows = [_listing(number, tells=number != silent) for number in range(small.IMAGES)]
    tables.write(paths.table("listings"), LISTINGS, tables.from_rows(LISTINGS, rows))
    return paths


def caption(number: int) -> str:
    """That of an image by `TEMPLATE`."""
    if number == small.IMAGES - 1:
        return ""
    creator = CREATORS[number % 3]
    return f"{f'{creator}, ' if creator else ''}{COLOURS[number % 6]} dial, {1990 + number % 4}"


def _listing(number: int, *, tells: bool) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(LISTINGS.arrow.names)
    row |= {
        "capture": "2026-01-01",
        "source": "wikiart",
        "listing_id": f"{number:03d}",
        "position": 0,
        "image_key": f"{number}.jpg",
        "page_url": f"https://www.wikiart.org/en/{number}",
        "image_id": f"{number:024x}",
        "fetch": "fetched",
        "page_fetch": "fetched",
    }
    if not tells:
        return row
    sheet = {"Basic Info / Case": "steel", "Case / Dial": COLOURS[number % 6]}
    return row | {
        "layer": "json",
        "creator_name": CREATORS[number % 3],
        "year": 1990 + number % 4,
        "sheet": json.dumps(sheet),
    }
