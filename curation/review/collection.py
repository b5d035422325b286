"""One collection as the page looks at it: its tables side by side, one row an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.decisions.resolution import Index
from curation.review.scores import RuleScore, scores
from curation.selection.listing_state import HISTORY, newest_state
from pipeline.core.ids import ID_LENGTH
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.schema import (
    IMAGES,
    LISTINGS,
    PAIRS,
    SELECTION,
    VARIANTS,
    WATERMARK,
    TableSchema,
)
from pipeline.core.tables import as_bytes, read

Integers = npt.NDArray[np.int64]
NONE = -1
_TABLES = (IMAGES, LISTINGS, SELECTION, WATERMARK, PAIRS, VARIANTS)
_FACTS = ["image_id", "capture", "fault", "fault_detail", "shard", "row", "bytes", "format"]
_FACTS += ["width", "height", "crop_loss"]
_DECIDED = ["image_id", "status", "reason", "value", "threshold", "decided_by", "overruled"]
_DECIDED += ["group", "group_note"]
_OF_VARIANTS = ["image_id", "transform", "status", "reason", "decided_by", "split"]
_CAPTION = ["source", "page_url", "title", "creator", "creator_name", "year_text", "rights"]
_NAMED = ["source", "listing_id", "creator", "image_id"]
"""What lists name of a listing."""
_LISTED = [*HISTORY, *(name for name in _CAPTION if name not in HISTORY)]
_REPEATING = ["capture", "fault", "fault_detail", "format", "status", "reason", "decided_by"]
_REPEATING += ["overruled", "template", "source", "page_fetch", "fetch", "layer"]
_REPEATING += ["creator", "creator_name", "year_text", "rights"]
"""Columns of few different texts: held as numbers, a million cells are 4 MB instead of 20."""


@dataclass(frozen=True)
class FacetColumn:
    """A column with few values: for each row the place of its value, -1 where there is none."""

    codes: npt.NDArray[np.int32]
    names: list[str]

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> FacetColumn:
        """The values of a text column, by name."""
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        encoded = column.dictionary_encode()
        codes = pc.fill_null(encoded.indices, NONE).to_numpy(zero_copy_only=False)
        names = [str(name) for name in encoded.dictionary.to_pylist()]
        order = sorted(range(len(names)), key=names.__getitem__)
        place = np.full(len(names) + 1, NONE, np.int32)
        place[order] = np.arange(len(names), dtype=np.int32)
        return cls(place[codes], [names[old] for old in order])

    def take(self, rows: Integers) -> FacetColumn:
        """The values of other rows."""
        return FacetColumn(self.codes[rows], self.names)


class ReviewCollection:
    """The tables of one collection, as they were when it was loaded."""

    def __init__(self, paths: Paths, params: Select) -> None:
        """Read the tables; what no stage has written yet is empty.

        Raises:
            TableError: images or listings are missing, or a table is torn.
        """
        self.paths = paths
        self.name = paths.collection
        self.version = version(paths)
        # In one piece: a few rows of a table in many are taken only after putting all together.
        self.images = _read_encoded(paths, IMAGES, _FACTS).combine_chunks()
        self.id_column: pa.Array = self.images["image_id"].combine_chunks()
        self._ids: npt.NDArray[np.bytes_] = as_bytes(self.images["image_id"])
        listings = newest_state(_read_encoded(paths, LISTINGS, _LISTED))
        named = listings.select(_NAMED)
        self.index = Index(self.images, lambda: named)
        self.scores: dict[str, RuleScore] = scores(paths, params, listings)
        self.listings = self._aligned(listings, _CAPTION)
        self.selection = self._aligned(_read_if_there(paths, SELECTION, _DECIDED), _DECIDED[1:])
        marks = _read_if_there(paths, WATERMARK, ["image_id", "template"])
        self.marks = self._aligned(marks, ["template"])
        self.pairs = _read_if_there(paths, PAIRS, PAIRS.arrow.names)
        pa.default_memory_pool().release_unused()

    def __len__(self) -> int:
        return len(self._ids)

    def row(self, image_id: str) -> int | None:
        """The row of an image; None when it is not here."""
        rows = self.rows([image_id])
        return None if rows[0] == NONE else int(rows[0])

    def rows(self, image_ids: Sequence[str]) -> Integers:
        """The row of each image, -1 for one that is not here."""
        names = [image_id.encode("ascii", "replace") for image_id in image_ids]
        return self._places(np.array(names, f"S{ID_LENGTH}"))

    def _places(self, asked_ids: npt.NDArray[np.bytes_]) -> Integers:
        if not len(self._ids):
            return np.full(len(asked_ids), NONE)
        place = np.searchsorted(self._ids, asked_ids).clip(max=len(self._ids) - 1)
        return np.where(self._ids[place] == asked_ids, place, NONE)

    def image_id(self, row: int) -> str:
        """The id of the image in that row."""
        return str(self._ids[row].decode())

    @cached_property
    def variants(self) -> pa.Table:
        """VARIANTS; read when a page first asks for them, as there are several an image."""
        path, columns = self.paths.table(VARIANTS.name), _OF_VARIANTS
        if not path.exists():
            return _read_if_there(self.paths, VARIANTS, columns)
        return read(path, VARIANTS, columns, columns).combine_chunks()

    @cached_property
    def variant_rows(self) -> Integers:
        """For each row of VARIANTS the row of its image."""
        if not self.variants.num_rows:
            return np.empty(0, np.int64)
        images = self.variants["image_id"].combine_chunks()
        row_of_id = self._places(as_bytes(pa.chunked_array([images.dictionary])))
        rows: Integers = row_of_id[images.indices.to_numpy()]
        return rows

    @cached_property
    def searched(self) -> pa.Array:
        """What a search for words looks through: title, creator, id."""
        parts = [self.listings["title"], self.listings["creator_name"], self.id_column]
        words = [pc.fill_null(_whole(part).cast(pa.string()), "") for part in parts]
        return pc.binary_join_element_wise(*words, " ")

    def _aligned(self, table: pa.Table, columns: Sequence[str]) -> pa.Table:
        """``columns`` of a table in the order of the images, empty cells for those it lacks.

        Of several rows about one image the first stands.
        """
        shown = table.select(list(columns))
        if table["image_id"].equals(self.images["image_id"]):
            return shown.combine_chunks()
        rows = pc.index_in(self.id_column, value_set=_whole(table["image_id"]))
        return shown.take(rows).combine_chunks()


def version(paths: Paths) -> tuple[tuple[int, int], ...]:
    """Changes whenever a stage has written one of the tables anew."""
    paths_of_tables = [paths.table(table.name) for table in _TABLES]
    stats = [path.stat() for path in paths_of_tables if path.exists()]
    return tuple((stat.st_ino, stat.st_mtime_ns) for stat in stats)


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _read_if_there(paths: Paths, schema: TableSchema, columns: Sequence[str]) -> pa.Table:
    if not paths.table(schema.name).exists():
        return schema.arrow.empty_table().select(list(columns))
    return _read_encoded(paths, schema, columns)


def _read_encoded(paths: Paths, schema: TableSchema, columns: Sequence[str]) -> pa.Table:
    """Some columns of a table, those of few different texts as places among them."""
    encoded = [name for name in columns if name in _REPEATING]
    return read(paths.table(schema.name), schema, columns, encoded)
