"""The rows of a list of addresses: a line is a line, and a hash begins a comment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pipeline.core.errors import FilesError
from scrapers.parsing.column_meanings import PAGE, Columns, check_columns
from scrapers.parsing.table_files import LIST_KINDS, table_rows
from scrapers.parsing.text import absolute

# Some ten million addresses of 100 characters.
_MOST_BYTES: Final = 1 << 30
_NO_ADDRESS: Final = "no address of http or https"


@dataclass
class Listed:
    """What a list names."""

    pages: dict[str, str | None] = field(default_factory=dict)
    """Page on which it was found, by address, in the order of the list."""
    wrong: dict[str, str] = field(default_factory=dict)
    """What stands in the place of an address, and why it is none."""
    repeated: int = 0
    """Rows whose address an earlier row has."""
    without: int = 0
    """Rows without anything in its place."""

    @property
    def hosts(self) -> frozenset[str]:
        """Names of all hosts."""
        return frozenset(urlsplit(url).hostname or "" for url in self.pages)


def read_list(path: Path) -> bytes:
    """The list at ``path``.

    Raises:
        FilesError: there is none, or it is something else.
    """
    if path.suffix.lower() not in LIST_KINDS:
        raise FilesError(
            f"{path}: not a list of addresses; set scrape.path to one of {', '.join(LIST_KINDS)}"
        )
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise FilesError(f"{path}: longer than {_MOST_BYTES:,} bytes; make several of it")
        return path.read_bytes()
    except OSError as error:
        raise FilesError(f"{path}: {error.strerror}; set scrape.path in params.yaml") from error


def addresses_listed(path: Path, body: bytes, mapping: Mapping[str, str]) -> Listed:
    """What the list says.

    Raises:
        FilesError: it is torn, or names no address at all.
        ParamsError: it has no column that the params name.
    """
    columns, rows = Columns(mapping), Listed()
    names: dict[str, None] = {}
    for row in table_rows(path.name, body):
        names |= dict.fromkeys(map(str, row))
        address = columns.address(row)
        if address is None:
            rows.without += 1
        elif (why := _why_none(address)) is not None:
            rows.wrong[address] = why
        elif address in rows.pages:
            rows.repeated += 1
        else:
            page = columns.first(row, PAGE)
            rows.pages[address] = None if page is None else absolute(page, page)
    check_columns(mapping, names)
    if not rows.pages:
        raise FilesError(
            f"{path}: names no address that begins with http:// or https://"
            + (f" in {', '.join(names)}" if names else "")
            + "; if a column has another name, write scrape.columns: {address: NAME}"
        )
    return rows


def _why_none(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        return _NO_ADDRESS
    return None if is_address else _NO_ADDRESS
