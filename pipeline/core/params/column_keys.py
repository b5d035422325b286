"""Which column of somebody's own table means what, as params say it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from pipeline.core.errors import nearest

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


_CALLED: Final = {
    "id": "listing_id", "key": "listing_id", "url": "page_url", "page": "page_url",
    "caption": "title", "name": "title", "artist": "creator", "author": "creator",
    "painter": "creator", "photographer": "creator", "brand": "creator", "license": "rights",
    "licence": "rights", "copyright": "rights", "year": "year_text", "date": "year_text",
    "file_name": "file", "filename": "file", "path": "file", "image": "file",
    "image_url": "address", "link": "address",
}  # fmt: skip
"""What people call them, and what they are called here."""


def _a_mapping(columns: object) -> object:
    if not isinstance(columns, dict):
        raise ValueError("write what a column is and then its name, as {creator: painter}")  # noqa: TRY004 - pydantic's
    return columns


def _steers(columns: dict[str, str]) -> dict[str, str]:
    for name in columns:
        if name in STEERING:
            continue
        if name in DESCRIBING:
            raise ValueError(
                f"{name} belongs to parse.columns, where a change reads no picture again"
            )
        raise ValueError(_unknown(name, columns[name], STEERING))
    return columns


def _describes(columns: dict[str, str]) -> dict[str, str]:
    for name in columns:
        if name in DESCRIBING:
            continue
        if name in STEERING:
            raise ValueError(f"{name} belongs to scrape.columns: it decides what is captured")
        raise ValueError(_unknown(name, columns[name], DESCRIBING))
    return columns


def _unknown(name: str, column: str, known: tuple[str, ...]) -> str:
    if column in known:
        return f"{name}: {column}: write it the other way round, as {{{column}: {name}}}"
    if _CALLED.get(name) in known:
        return f"{name} is called {_CALLED[name]} here: write {{{_CALLED[name]}: {column}}}"
    return f"no column can be {name!r}{nearest(name, known)}; write one of {', '.join(known)}"


NO_COLUMNS: Final[dict[str, str]] = {}
"""All columns have usual names."""

Column = Annotated[str, Field(min_length=1)]
SteeringColumns = Annotated[dict[str, Column], BeforeValidator(_a_mapping), AfterValidator(_steers)]
DescribingColumns = Annotated[
    dict[str, Column], BeforeValidator(_a_mapping), AfterValidator(_describes)
]
