"""What a column of somebody's table means, told by its name or by the params.

The names are those that Hugging Face, img2dataset, gallery-dl, FiftyOne, fastai and people use. A
column that means nothing here is kept under its own name in the ``sheet`` of the listing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.core.errors import ParamsError, nearest
from scrapers.parsing.text import plain

FILE, ADDRESS, PAGE, ID = "file", "address", "page_url", "listing_id"
_PLAIN_FIELDS: Final = (
    "creator_name", "original_title", "model", "reference", "style", "genre", "media", "period",
    "series", "location", "gallery", "dimensions", "price", "currency", "condition", "seller",
    "description",
)  # fmt: skip
DIGESTS: Final = ("sha256", "md5")
UNDERSTOOD: Final[Mapping[str, tuple[str, ...]]] = {
    FILE: ("file_name", "filename", "filepath", "file", "path", "image", "img"),
    ADDRESS: ("url", "image_url", "src"),
    PAGE: ("page_url", "webpage_url", "post_url", "permalink", "referer"),
    ID: ("listing_id", "id", "key", "image_id", "md5"),
    "title": ("title", "caption", "text", "txt"),
    "creator": ("creator", "artist", "author", "artist_name", "photographer", "brand"),
    "rights": ("rights", "license", "licence", "copyright"),
    "year_text": ("year_text", "year", "date", "created"),
    "tags": ("tags",),
    **{name: (name,) for name in _PLAIN_FIELDS},
}
"""Names of columns by what they mean, in small letters; the first that a row has counts."""
_FILE_LISTS: Final = ("file_names",)
_FILE_ENDINGS: Final = ("_file_name", "_file_names")
"""How Hugging Face calls columns in a row that has several pictures."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Meaning:
    """One row in Salon's words."""

    fields: dict[str, str]
    """By the keys of `UNDERSTOOD`."""
    rest: dict[str, str]
    """Everything else by its column."""


@dataclass
class Columns:
    """The meaning of columns, and what was seen of them."""

    mapping: Mapping[str, str]
    """Column by meaning, from the params; it replaces the names that are understood."""
    mapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a column gave a field, by column and field."""
    unmapped: Counter[str] = field(default_factory=Counter)
    """How often a column went to the sheet."""

    def __post_init__(self) -> None:
        self._names = {
            meaning: (self.mapping[meaning].strip().casefold(),)
            if meaning in self.mapping
            else understood
            for meaning, understood in UNDERSTOOD.items()
        }

    def read(self, row: Row) -> Meaning:
        """What ``row`` says."""
        cells: dict[str, tuple[str, str]] = {}
        for column, value in row.items():
            text = cell_text(value)
            if text:
                cells.setdefault(str(column).strip().casefold(), (str(column), text))
        fields, used = {}, set()
        for meaning, names in self._names.items():
            name = next((name for name in names if name in cells), None)
            if name is not None:
                column, fields[meaning] = cells[name]
                used.add(name)
                self.mapped[column, meaning] += 1
        rest = {column: text for name, (column, text) in cells.items() if name not in used}
        self.unmapped.update(rest.keys())
        return Meaning(fields, rest)

    def files(self, row: Row) -> list[str]:
        """The files that ``row`` names, in the order of its columns; addresses are none."""
        configured = FILE in self.mapping
        cells = by_name(row)
        single = next((cells[name] for name in self._names[FILE] if _names(cells.get(name))), None)
        named = _names(single)
        if configured:
            return named
        for column, value in cells.items():
            if column in _FILE_LISTS or column.endswith(_FILE_ENDINGS):
                named += _names(value)
        return [name for name in named if "://" not in name]

    def digest(self, row: Row) -> tuple[str, str] | None:
        """How the params have a file's bytes checked, and what the row says of them.

        Only where the params ask for it: img2dataset's sha256 is that of the bytes before it
        encoded them anew.
        """
        for kind in DIGESTS:
            if kind in self.mapping:
                column = self.mapping[kind].strip().casefold()
                said = cell_text(by_name(row).get(column)).lower()
                return (kind, said) if said else None
        return None

    def address(self, row: Row) -> str | None:
        """The address that ``row`` names, also in a column that usually names a file."""
        named = self.first(row, ADDRESS)
        if named is not None or ADDRESS in self.mapping:
            return named
        cells = by_name(row)
        values = (name for column in self._names[FILE] for name in _names(cells.get(column)))
        return next((value for value in values if "://" in value), None)

    def first(self, row: Row, meaning: str) -> str | None:
        """What ``row`` says of one thing, without counting it."""
        cells = by_name(row)
        return next((t for name in self._names[meaning] if (t := cell_text(cells.get(name)))), None)


def check_columns(mapping: Mapping[str, str], names: Iterable[str]) -> None:
    """Pass params all of whose columns are among the ``names`` that tables have.

    Raises:
        ParamsError: one is not.
    """
    known = {str(name).strip().casefold(): str(name) for name in names}
    for meaning, column in mapping.items():
        if column.strip().casefold() not in known:
            raise ParamsError(
                f"params.yaml: columns.{meaning}: no table has a column {column!r}"
                f"{nearest(column, known.values())}; there are: "
                f"{', '.join(known.values()) or 'none'}"
            )


def by_name(row: Row) -> dict[str, Any]:
    """The cells of a row by the names of their columns, in small letters."""
    return {str(column).strip().casefold(): value for column, value in row.items()}


def _names(value: object) -> list[str]:
    """The names in a cell: one, or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [each.strip() for each in values if isinstance(each, str) and each.strip()]


def cell_text(value: object) -> str:
    """A cell as text; empty for what says nothing.

    >>> text_of(["blue", "red"]), text_of(7.0), text_of(None), text_of({"a": 1})
    ('blue, red', '7', '', '{"a": 1}')
    """
    match value:
        case None | bytes():
            return ""
        case str():
            return plain(value)
        case bool():
            return str(value).lower()
        case float():
            return "" if value != value else f"{value:g}" if value.is_integer() else repr(value)
        case list() if all(isinstance(each, str | int | float) for each in value):
            return ", ".join(filter(None, map(cell_text, value)))
        case dict() | list():
            return plain(json.dumps(value, ensure_ascii=False, default=str))
    return plain(str(value))
