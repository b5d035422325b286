"""What the tables and texts of a capture of one's own pictures say of each: a pure function.

For one picture the nearest word counts: the row of a table, the JSON beside it, the text beside
it, the ``info.json`` of its folder, the name of its folder. ``sources`` tells which said what.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.core.log import counted
from scrapers.address import FILE_SCHEME, file_name, file_url
from scrapers.files.matching import Match, Pictures
from scrapers.files.picture_names import first_names, folder_name_of
from scrapers.files.sidecars import (
    INFO,
    PACK,
    caption_in,
    names_beside,
    object_in,
    unpacked_sidecars,
)
from scrapers.parsing.column_meanings import (
    ADDRESS,
    DIGESTS,
    FILE,
    ID,
    PAGE,
    Columns,
    Meaning,
    Row,
    check_columns,
)
from scrapers.parsing.listing_facts import DETAIL, Fact, dated, sheet_of
from scrapers.parsing.page_layers import merge
from scrapers.parsing.table_files import is_table, table_rows
from scrapers.parsing.text import creator_slug

TABLE, OTHER_TABLE, JSON = "table", "other table", "json"
TEXT, FOLDER_INFO, FOLDER_NAME = "text", "info", "folder"
"""The layers of a picture, the nearest first."""
_OF_FACT: Final = frozenset(Fact.__dataclass_fields__)
_OF_ONE_PICTURE: Final = frozenset({ID, FILE, ADDRESS})
"""What the text about a folder cannot say of each picture in it."""
_UNKNOWN: Final = "unknown"
"""How exports call the class of those of whom no creator is known."""


@dataclass
class _Documents:
    """The documents of a capture, sorted by what they are."""

    tables: list[tuple[str, bytes]] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    """Texts of sidecars by name."""

    @classmethod
    def of(cls, documents: Iterable[tuple[str, bytes]]) -> _Documents:
        held = cls()
        for url, body in documents:
            if url.startswith(PACK):
                held.beside.update(unpacked_sidecars(body))
            else:
                held.tables.append((file_name(url), body))
        return held


class Records:
    """Facts of every picture or address of a capture."""

    def __init__(
        self,
        documents: Iterable[tuple[str, bytes]],
        requests: Iterable[str],
        columns: Mapping[str, str],
    ) -> None:
        """Read the texts.

        Args:
            documents: address and body of each document.
            requests: addresses of all pictures that were asked for.
            columns: column by meaning, from the params.
        """
        self._documents = _Documents.of(documents)
        self._requests = dict.fromkeys(requests)
        names = [file_name(url) for url in self._requests if url.startswith(FILE_SCHEME)]
        self._pictures, self.columns = Pictures(names), Columns(columns)
        self._folders: Counter[str] = Counter()
        self._positions: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def facts(self) -> Iterator[Fact]:
        """One fact a picture and row that names it, and one a picture without a row.

        Raises:
            FilesError: a table is torn.
            ParamsError: a column that the params name is in no table.
        """
        told: set[str] = set()
        tables = self._tables()
        main, others = self._shared(tables) if len(tables) > 1 else ({}, {})
        for table, body in tables:
            for urls, row in self._rows(table, body):
                for url in urls:
                    if main.get(url, table) == table:
                        told.add(url)
                        yield self._image_fact(url, row, others.get(url, {}))
        for url in self._requests:
            if url not in told:
                yield self._image_fact(url, {}, {})
        self._check_mapping()

    def _tables(self) -> list[tuple[str, bytes]]:
        """The tables that name listings first, then the nearest to their pictures, then by name."""

        def rank(table: tuple[str, bytes]) -> tuple[bool, int, str]:
            first = next(table_rows(*table), {})
            return self.columns.first(first, ID) is None, -table[0].count("/"), table[0]

        return sorted((t for t in self._documents.tables if is_table(t[0])), key=rank)

    def _rows(self, table: str, body: bytes) -> Iterator[tuple[list[str], Row]]:
        """The rows of a table, each with the requests of which it speaks."""
        match = Match(table, self._pictures, self.columns)
        for number, row in enumerate(table_rows(table, body)):
            urls = self._urls(match, number, row)
            if urls:
                yield urls, row

    def _shared(
        self, tables: list[tuple[str, bytes]]
    ) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
        """The first table that names each picture, and what the others say of it."""
        main: dict[str, str] = {}
        others: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        for table, body in tables:
            for urls, row in self._rows(table, body):
                for url in urls:
                    if main.setdefault(url, table) != table:
                        others[url] = {**row, **others[url]}
        return main, others

    def words(self) -> str:
        """Which column gave what, and how often; what means nothing here is in the sheet."""
        gave = (
            f"{meaning} from {column} ({count:,})"
            for (column, meaning), count in self.columns.mapped.most_common()
        )
        unmapped = self.columns.unmapped.copy()
        folders = self._folders if unmapped[FOLDER_NAME] == self._folders.total() else None
        if folders:
            del unmapped[FOLDER_NAME]  # no column of a table: the folders themselves are told
        sheet = (f"{name} ({count:,})" for name, count in unmapped.most_common())
        told = f"{', '.join(gave) or 'no column'} understood; in the sheet"
        rest = ", ".join(sheet)
        told += f" until parse.columns says what they mean: {rest}" if rest else ": -"
        return f"{told}; {_folder_words(folders)}" if folders else told

    def _urls(self, match: Match, number: int, row: Row) -> list[str]:
        """The requests of which a row speaks."""
        there, missing = match.of_row(number, row)
        urls = [url for url in map(file_url, [*there, *missing]) if url in self._requests]
        address = self.columns.address(row)
        if not urls and address is not None and address in self._requests:
            return [address]
        return urls

    def _image_fact(self, url: str, row: Row, other: Row) -> Fact:
        raw = {TABLE: row, OTHER_TABLE: other, **self._around(url)}
        layers = {name: self._read(name, said) for name, said in raw.items()}
        merged = merge({name: meaning.fields for name, meaning in layers.items()})
        said = merged.values
        rest: dict[str, str] = {}
        for meaning in layers.values():
            rest = {**meaning.rest, **rest}
        if PAGE in said and ADDRESS in said:
            rest.setdefault("image_url", said[ADDRESS])
        listing = said.get(ID) or url.removeprefix(FILE_SCHEME)
        places = self._positions[listing]
        position = places.setdefault(url, len(places))
        return Fact(
            key=listing,
            listing_id=listing,
            position=position,
            rank=DETAIL,
            page_url=said.get(PAGE) or said.get(ADDRESS) or url,
            layer=merged.layer,
            sources=merged.sources or None,
            image_key=url,
            image_url=url,
            **_dated(said.get("year_text")),
            **_creator(said),
            **{name: said[name] for name in said if name in _OF_FACT - _SET_HERE},
            sheet=sheet_of(rest.items()),
        )

    def _read(self, layer: str, raw: Row) -> Meaning:
        meaning = self.columns.read(raw)
        unsaid = _OF_ONE_PICTURE if layer in {FOLDER_INFO, FOLDER_NAME} else {FILE}
        fields = {name: text for name, text in meaning.fields.items() if name not in unsaid}
        return Meaning(fields, meaning.rest)

    def _around(self, url: str) -> dict[str, Row]:
        """What is told of a picture by what lies around it."""
        layers: dict[str, Row] = {}
        if not url.startswith(FILE_SCHEME):
            return layers
        name, beside = file_name(url), self._documents.beside
        folder = folder_name_of(name)
        if beside:
            layers[JSON] = self._beside(name, ".json", object_in)
            layers[TEXT] = {
                **self._beside(name, ".cls", lambda text: {"label": text}),
                **self._beside(name, ".caption", caption_in),
                **self._beside(name, ".txt", caption_in),
            }
            info = beside.get(f"{folder}/{INFO}" if folder else INFO)
            layers[FOLDER_INFO] = {} if info is None else object_in(info)
        if folder:
            folder_name = folder.rpartition("/")[2]
            self._folders[folder_name] += 1
            layers[FOLDER_NAME] = {FOLDER_NAME: folder_name}
        return layers

    def _beside(self, name: str, suffix: str, read: Any) -> dict[str, Any]:
        """What the sidecars of that suffix say, the nearest first."""
        said: dict[str, Any] = {}
        for path in names_beside(name, suffix):
            text = self._documents.beside.get(path)
            if text is not None:
                said = {**read(text), **said}
        return said

    def _check_mapping(self) -> None:
        seen = [*(column for column, _ in self.columns.mapped), *self.columns.unmapped]
        described = {k: v for k, v in self.columns.mapping.items() if k not in DIGESTS}
        check_columns(described, sorted(set(seen)))


_SET_HERE: Final = frozenset({"listing_id", "page_url", "creator", "creator_name", "image_url"})


def _creator(said: Mapping[str, str]) -> dict[str, Any]:
    """Slug and name; where a table has both, as Salon's exports, they are as it says."""
    slug, name = said.get("creator"), said.get("creator_name")
    if slug is not None and name is not None:
        return {"creator": slug, "creator_name": name}
    either = slug or name
    if either is None or either.casefold() == _UNKNOWN:
        return {}
    return {"creator": creator_slug(either) or _UNKNOWN, "creator_name": either}


def _dated(text: str | None) -> dict[str, Any]:
    date = dated(text)
    return {"year": date.year, "year_from": date.first, "year_to": date.last}


def _folder_words(folders: Counter[str]) -> str:
    """What becomes of the names of the folders, and how they are made use of."""
    return (
        f"{counted(len(folders), 'folder')} ({first_names(sorted(folders))}) named in the sheet "
        f"alone: parse.columns: {{creator: folder}} in params.yaml makes each a creator"
    )
