"""Which pictures a row of a table speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Final

from scrapers.files.picture_names import checked_name, folder_name_of, same_letters
from scrapers.parsing.column_meanings import Columns, by_name

_KEYS: Final = ("key", "image_id", "id", "listing_id")
"""Columns that name a picture by its name without suffix, as img2dataset and FiftyOne do."""


class Pictures:
    """The names of all pictures, to be found by what tables call them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = {same_letters(name): name for name in names}

    def called(self, reference: str, folder: str) -> str | None:
        """The picture that a table in ``folder`` calls so; None where there is none, or several.

        By its path from the table or from the outermost folder, else by the only file of that
        name, else by the only one of that name without suffix.
        """
        path = same_letters(reference)
        beside = f"{folder}/{path}" if folder else path
        exact = self.names.get(same_letters(beside)) or self.names.get(path)
        return exact or self._by_name.get(PurePosixPath(path).name) or self._by_stem.get(path)

    def with_stem(self, stem: str) -> str | None:
        """The only picture with that name without suffix."""
        return self._by_stem.get(same_letters(stem))

    def has_folder(self, name: str) -> bool:
        """Whether pictures lie in a folder, or a container, of that name."""
        return same_letters(name) in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(map(folder_name_of, self.names))

    @cached_property
    def _by_name(self) -> Mapping[str, str | None]:
        return _only((PurePosixPath(name).name, name) for name in self.names)

    @cached_property
    def _by_stem(self) -> Mapping[str, str | None]:
        return _only((PurePosixPath(name).stem, name) for name in self.names)


def _only(pairs: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """The names that nothing else is called by."""
    only: dict[str, str | None] = {}
    for short, name in pairs:
        only[short] = None if short in only else name
    return only


class Match:
    """What one table says of the pictures."""

    def __init__(self, table: str, pictures: Pictures, columns: Columns) -> None:
        self._table, self._pictures, self._columns = table, pictures, columns
        self._folder = folder_name_of(table)

    def of_row(self, number: int, row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
        """The pictures of the row of that number from 0, and the names of those that are not there.

        Raises:
            FilesError: it names a file outside of the folder.
        """
        own = f"{self._table}/{number}"  # in a table that holds its pictures
        within = self._pictures.names.get(same_letters(own))
        if within is not None:
            return [within], []
        there, missing = self._named(number, row)
        if not there and not missing and self._pictures.has_folder(self._table):
            missing = [own]
        keyed = None if there else self._keyed(row)  # a file may be the archive that holds it
        return ([keyed], []) if keyed is not None else (there, missing)

    def column_of_pictures(self, rows: Iterable[Mapping[str, Any]]) -> str | None:
        """The first column in which a picture is named; None where none is."""
        cells = ((str(column), value) for row in rows for column, value in row.items())
        names = ((column, value) for column, value in cells if isinstance(value, str) and value)
        return next((c for c, name in names if self._pictures.called(name, self._folder)), None)

    def _named(self, number: int, row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
        where = f"{self._table}, row {number + 1}"
        paths = [checked_name(name, where) for name in self._columns.files(row)]
        pictures = [self._pictures.called(path, self._folder) for path in paths]
        there = [picture for picture in pictures if picture is not None]
        return there, [p for p, picture in zip(paths, pictures, strict=True) if picture is None]

    def _keyed(self, row: Mapping[str, Any]) -> str | None:
        """The picture of which the row has the name without suffix."""
        cells = by_name(row)
        stems = (str(cells[key]) for key in _KEYS if cells.get(key))
        return next(filter(None, map(self._pictures.with_stem, stems)), None)
