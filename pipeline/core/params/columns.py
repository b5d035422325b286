"""Which column of somebody's own table means what, as params say it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from pipeline.core.spelling import nearest

DIGESTS: Final = ("sha256", "md5")
"""What a table may say of the bytes of a file."""
STEERING: Final = ("file", "address", "page_url", *DIGESTS)
"""What decides which files or addresses are captured, and what is asked for with them."""
DESCRIBING: Final = (
    "listing_id", "page_url", "title", "creator", "creator_name", "rights", "year_text", "tags",
    "original_title", "model", "reference", "style", "genre", "media", "period", "series",
    "location", "gallery", "dimensions", "price", "currency", "condition", "seller", "description",
)  # fmt: skip
"""What only `parse` asks for, so that mending it reads no picture again."""


def _steers(columns: dict[str, str]) -> dict[str, str]:
    for name in columns:
        if name in STEERING:
            continue
        if name in DESCRIBING:
            raise ValueError(
                f"{name} belongs to parse.columns, where a change reads no picture again"
            )
        raise ValueError(_unknown(name, STEERING))
    return columns


def _describes(columns: dict[str, str]) -> dict[str, str]:
    for name in columns:
        if name in DESCRIBING:
            continue
        if name in STEERING:
            raise ValueError(f"{name} belongs to scrape.columns: it decides what is captured")
        raise ValueError(_unknown(name, DESCRIBING))
    return columns


def _unknown(name: str, known: tuple[str, ...]) -> str:
    return f"no column can be {name!r}{nearest(name, known)}; write one of {', '.join(known)}"


NO_COLUMNS: Final[dict[str, str]] = {}
"""All columns have usual names."""

Column = Annotated[str, Field(min_length=1)]
SteeringColumns = Annotated[dict[str, Column], AfterValidator(_steers)]
DescribingColumns = Annotated[dict[str, Column], AfterValidator(_describes)]
