"""What a format is: where its files lie, what is in them, and how readers are told of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import pyarrow as pa

from pipeline.export.contents import Contents
from pipeline.export.exported_items import COLUMNS, Class, Item, Part
from pipeline.export.formats import SIZES
from pipeline.export.writer import Writer

Pictured = Iterator[tuple[Item, bytes]]
"""Items with the bytes of their pictures."""


_PLACE: Final = ("file", "member")


class Format(ABC):
    """One way to lay out pictures and facts; all its answers follow from its arguments."""

    name: ClassVar[str]
    layout: ClassVar[Mapping[str, str]]
    """Its files, with what they hold, for a README."""
    sizes: ClassVar[tuple[str, ...]] = SIZES
    """What the format can hold; the first is taken where none is asked for."""
    parts_by_kind: ClassVar[bool] = False
    """Whether a file may hold pictures of one image format only."""
    parts_by_shard: ClassVar[bool] = True
    """Whether a split is cut into shards, so that a new version rewrites few of them."""
    one_file_a_part: ClassVar[bool] = True
    """Whether a part is one file, which the documents tell of, and not one a picture."""
    compress_level: ClassVar[int] = 6
    """Of PNG, for squares."""

    @abstractmethod
    def file_of(self, part: Part, item: Item) -> tuple[str, str]:
        """Where a picture lies: the file below the export's folder, and the member in it."""

    def heading(self, classes: Sequence[Class]) -> bytes:  # noqa: ARG002 - of formats with one
        """What each file says besides its pictures."""
        return b""

    @abstractmethod
    def write(self, part: Part, pictures: Pictured, heading: bytes, written: Writer) -> None:
        """Write the files of one part."""

    def index_path(self, split: str) -> str | None:
        """The table of a split that lies beside its pictures; None where they are in a table.

        CSV and JSON are for people: their readers take an id for a number, a date for a time.
        """
        return f"facts/{split}.parquet"

    @property
    def index_schema(self) -> pa.Schema:
        """The columns of that table."""
        return pa.schema([*((name, pa.string()) for name in _PLACE), *COLUMNS])

    def index(self, part: Part, items: Iterable[Item]) -> pa.Table:
        """The rows about some pictures of a part in that table."""
        rows = [
            {**dict(zip(_PLACE, self.file_of(part, item), strict=True)), **item.facts}
            for item in items
        ]
        return pa.Table.from_pylist(rows, schema=self.index_schema)

    @abstractmethod
    def reading(self, contents: Contents) -> str:
        """Python that reads the export, for its README."""

    @abstractmethod
    def hugging_face(self, contents: Contents) -> dict[str, Any]:
        """What the head of the Hugging Face card says of files and features."""

    @abstractmethod
    def croissant(self, contents: Contents) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Sets of files, and the sets of records read from them, for croissant.json."""
