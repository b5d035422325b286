"""Whether tables and pictures belong together, and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.errors import UnmatchedError
from pipeline.core.log import counted
from scrapers.files.matching import Match, Pictures
from scrapers.files.picture_names import first_names, shown
from scrapers.files.sidecars import SUFFIXES, names_beside
from scrapers.files.survey import Survey
from scrapers.parsing.column_meanings import ADDRESS, Columns, Row, check_columns
from scrapers.parsing.table_files import table_rows


@dataclass
class Matching:
    """How tables and pictures fit together."""

    missing: list[str] = field(default_factory=list)
    """Files that rows name and that are not there."""
    failed: dict[str, str] = field(default_factory=dict)
    """Addresses that somebody's downloader could not get, by what it said."""
    digests: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What the bytes of pictures must come to: name of the digest, and its hex digits."""
    without_row: list[str] = field(default_factory=list)
    silent: dict[str, str | None] = field(default_factory=dict)
    """Tables of which no row names a picture by a column that is understood, and the column of each
    that does all the same; such as ``Dateiname``."""
    unknown: list[str] = field(default_factory=list)

    def check(self, path: Path) -> None:
        """Pass what fits.

        Raises:
            UnmatchedError: something does not.
        """
        told = self.words()
        if told:
            raise UnmatchedError(
                f"{path}: {told}; correct them, or set scrape.allow_unmatched: true to capture "
                f"what is there"
            )

    def words(self) -> str:
        """What does not fit, with the first three of each; empty where all fits."""
        parts = (
            (self.missing, "row", "without a file"),
            (self.without_row, "file", "without a row"),
            (self.unknown, "file", "of unknown kind"),
            (list(self.silent), "table", "that names no picture"),
        )
        told = [
            f"{counted(len(names), noun)} {what} ({first_names(names)})"
            for names, noun, what in parts
            if names
        ]
        column = next(filter(None, self.silent.values()), None)
        if column is not None:
            told.append(
                f"its column {shown(column)} does, so write scrape.columns: {{file: {column}}}"
            )
        return "; ".join(told)


def match(held: Survey, mapping: Mapping[str, str]) -> Matching:
    """Hold the tables against the pictures.

    Raises:
        FilesError: a table is torn, or names a file outside.
        ParamsError: no table has a column that the params name.
    """
    pictures, columns = Pictures(held.pictures), Columns(mapping)
    matching = Matching(unknown=held.unknown)
    told, names = set[str](), dict[str, None]()
    for table, body in held.tables.items():
        of_table, speaks = Match(table, pictures, columns), None
        for number, row in enumerate(table_rows(table, body)):
            names |= dict.fromkeys(row)
            there, missing = of_table.of_row(number, row)
            told.update(there)
            speaks = speaks or bool(there or missing or columns.address(row))
            _take_row(matching, columns, row, there, missing)
        if speaks is False:  # None: it has no rows
            matching.silent[table] = of_table.column_of_pictures(table_rows(table, body))
    check_columns(mapping, names)
    beside = {name for name, _ in held.sidecars}
    if told or any(_has_sidecar(name, beside) for name in held.pictures):
        matching.without_row = [
            name for name in held.pictures if name not in told and not _has_sidecar(name, beside)
        ]
    return matching


def _take_row(
    matching: Matching, columns: Columns, row: Row, there: list[str], missing: list[str]
) -> None:
    digest = columns.digest(row)
    if digest is not None:
        matching.digests |= dict.fromkeys(there, digest)
    address, error = columns.first(row, ADDRESS), _download_failure(row)
    if not there and address is not None and error is not None:
        matching.failed[address] = error
    else:
        matching.missing += missing


def _download_failure(row: Row) -> str | None:
    """Why somebody's downloader has no file for the row, as img2dataset writes it."""
    status = row.get("status")
    if not isinstance(status, str) or status == "success":
        return None
    return f"{status}: {row.get('error_message') or ''}".strip(" :")


def _has_sidecar(picture: str, beside: set[str]) -> bool:
    return any(name in beside for suffix in SUFFIXES for name in names_beside(picture, suffix))
