"""The collection of `tests.train.small` with a listing of each image, and a data sheet on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS
from tests.train import small

SHEET: Final = ("Dial", "Case diameter", "year")
TRAIN: Final[dict[str, Any]] = small.RESIDUAL | {
    "condition": "sheet", "sheet": SHEET, "kimg": 0.032, "checkpoint_every_kimg": 0.016,
    "log_every_kimg": 0.016, "samples_every_kimg": 0.032, "sample_grid": 2,
}  # fmt: skip
DIALS: Final = ("Black", "Blue", "black ", None)
"""Of two images each, in turns."""


def build(root: Path, train: dict[str, Any] | None = None) -> Paths:
    """Write the collection below ``root``, its params, and its listings."""
    paths = small.build(root, train or TRAIN)
    rows = [_listing(number) for number in range(small.IMAGES)]
    tables.write(paths.table("listings"), LISTINGS, tables.from_rows(LISTINGS, rows))
    return paths


def _listing(number: int) -> dict[str, Any]:
    sheet = {
        "Case / Dial": DIALS[number // 2 % len(DIALS)],
        "Case / Case diameter": f"{36 + number % 5} mm",
        "Basic Info / Reference number": f"{number}X{number}",
        "Basic Info / Brand": "Vorn",
    }
    told = {name: text for name, text in sheet.items() if text is not None}
    return dict.fromkeys(LISTINGS.arrow.names) | {
        "capture": "2026-01-01",
        "source": "chrono24",
        "listing_id": f"{number:03d}",
        "position": 0,
        "image_key": f"key-{number}",
        "page_url": f"https://example.com/{number}",
        "page_fetch": "fetched",
        "image_id": f"{number:024x}",
        "fetch": "fetched",
        "layer": "dom",
        "year": 1980 + number if number % 2 else None,
        "sheet": json.dumps(told),
    }
