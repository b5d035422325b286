"""What was measured otherwise of the very same bytes: by other code, or squared another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.schema import IMAGES
from pipeline.versions.old_tables import as_today, batches_of, read_tolerantly
from pipeline.versions.row_matching import Alignment, Integers, Mask


def side_by_side(
    paths: tuple[Path, Path], columns: Sequence[str], rows: tuple[Integers, Integers]
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The ``rows`` of both tables, of which each pair is one image, with the columns they have.

    Of no rows there is one empty pair, which tells the columns all the same.

    Raises:
        TableError: a table is torn.
    """
    windows = [_Window(path, columns, of) for path, of in zip(paths, rows, strict=True)]
    start, count = 0, len(rows[0])
    while start < count or start == 0:
        stop = min(window.stop_after(start) for window in windows)
        before, after = (window.rows(start, stop) for window in windows)
        yield before, after
        start = max(stop, 1)


class _Window:
    """A table that is read once, from its beginning to its end, and let go behind the reader."""

    def __init__(self, path: Path, columns: Sequence[str], rows: Integers) -> None:
        # Tables are sorted by id. One that is not is held as a whole, as its rows come anyhow.
        self._in_order = bool((np.diff(rows) > 0).all())
        read = batches_of(path, columns)
        self._parts = read if self._in_order else iter([pa.concat_tables(read).combine_chunks()])
        self._rows = rows
        self._part = next(self._parts)
        self._first = 0
        """The number of the first row of the part."""

    def stop_after(self, start: int) -> int:
        """Up to which place of the rows they lie in the part in which that at ``start`` lies."""
        if start >= len(self._rows):
            return start
        while self._first + self._part.num_rows <= self._rows[start]:
            self._first += self._part.num_rows
            self._part = next(self._parts)
        return int(np.searchsorted(self._rows, self._first + self._part.num_rows))

    def rows(self, start: int, stop: int) -> pa.Table:
        """The rows from one place to another, all of which lie in the part."""
        asked = self._rows[start:stop] - self._first
        if self._in_order and len(asked) and asked[-1] - asked[0] == len(asked) - 1:
            return self._part[asked[0] : asked[-1] + 1]
        return self._part.take(asked)


_PLACES = frozenset({"image_id", "sha256", "capture", "shard", "row"})
"""Columns of IMAGES that name an image or say where it lies, and measure nothing."""
_PARTS = frozenset({"sharpness_cells"})
"""The 64 parts that `sharpness` sums up, so that a change of them shows in it; reading them took a
sixth of the time (`python -m tests.benches.versions`)."""
_MEASURED = pa.schema([field for field in IMAGES.arrow if field.name not in _PLACES | _PARTS])
_EXAMPLES = 3
"""So many examples of each measurement are told."""


@dataclass(frozen=True)
class Remeasured:
    """Measurements that differ although the image is the same."""

    images: int
    """Images of which any measurement differs."""
    columns: dict[str, int]
    """How many images each measurement differs for; only those that do."""
    examples: list[dict[str, Any]]
    """Some of them: ``image_id``, ``fact``, ``before`` and ``after``."""
    missing: dict[str, tuple[str, ...]]
    """Columns that one of the versions did not have yet, by version: not compared."""

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return self.images > 0


NOTHING = Remeasured(0, {}, [], {})


def compare_measurements(
    old: Path, new: Path, names: tuple[str, str], known: Alignment
) -> Remeasured:
    """Compare two tables of IMAGES, some rows at a time.

    Args:
        old: The table before.
        new: The table after.
        names: What the versions are called.
        known: How another table of the same images is aligned.

    Raises:
        TableError: a table is torn.
    """
    ids = [read_tolerantly(path, IMAGES, ["image_id"]).table["image_id"] for path in (old, new)]
    aligned = known.of(ids[0], ids[1])
    both = aligned.in_both
    rows = aligned.old[both], aligned.new[both]
    differences = _Differences(len(rows[0]))
    missing: dict[str, set[str]] = {name: set() for name in names}
    start = 0
    for tables in side_by_side((old, new), _MEASURED.names, rows):
        (before, lacks_before), (after, lacks_after) = (as_today(t, _MEASURED) for t in tables)
        missing[names[0]].update(lacks_before)
        missing[names[1]].update(lacks_after)
        differences.add(start, before, after)
        start += before.num_rows
    lacking = {
        name: tuple(column for column in _MEASURED.names if column in columns)
        for name, columns in missing.items()
        if columns
    }
    return differences.told(ids[1].take(rows[1]), lacking)


class _Differences:
    """Where the measurements of two versions differ, row by row."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._where: dict[str, Mask] = {}
        self._examples: dict[str, list[tuple[int, Any, Any]]] = {}
        """Number of the row, and its cell before and after."""

    def add(self, start: int, before: pa.Table, after: pa.Table) -> None:
        """Compare some rows, of which the first has the number ``start``."""
        for column in _MEASURED.names:
            cells = [_whole(table[column]) for table in (before, after)]
            if cells[0].equals(cells[1]):
                continue
            differs = ~_equal(cells[0], cells[1])
            whole = self._where.setdefault(column, np.zeros(self._count, bool))
            whole[start : start + len(differs)] = differs
            examples = self._examples.setdefault(column, [])
            for row in np.flatnonzero(differs)[: _EXAMPLES - len(examples)].tolist():
                examples.append((start + row, cells[0][row].as_py(), cells[1][row].as_py()))

    def told(self, ids: pa.ChunkedArray, missing: dict[str, tuple[str, ...]]) -> Remeasured:
        """The answer, without the columns that a version lacks."""
        lacking = {column for columns in missing.values() for column in columns}
        compared = [c for c in _MEASURED.names if c in self._where and c not in lacking]
        differs = np.zeros(self._count, bool)
        for column in compared:
            differs |= self._where[column]
        counts = {column: int(self._where[column].sum()) for column in compared}
        return Remeasured(
            images=int(differs.sum()),
            columns={column: count for column, count in counts.items() if count},
            examples=[
                {"image_id": ids[row].as_py(), "fact": column, "before": before, "after": after}
                for column in compared
                for row, before, after in self._examples[column]
            ],
            missing=missing,
        )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """The column in one piece, which it mostly is; `combine_chunks` would copy it all the same."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _equal(before: pa.Array, after: pa.Array) -> Mask:
    """Which cells are equal; two empty ones are, and so are two that are no number."""
    empty = [pc.is_null(cells).to_numpy(zero_copy_only=False) for cells in (before, after)]
    if pa.types.is_fixed_size_list(before.type):
        same = _equal_lists(before, after)
    else:
        same = pc.fill_null(pc.equal(before, after), False).to_numpy(zero_copy_only=False)
        if pa.types.is_floating(before.type):
            nans = [
                pc.fill_null(pc.is_nan(cells), False).to_numpy(zero_copy_only=False)
                for cells in (before, after)
            ]
            same = same | (nans[0] & nans[1])
    equal: Mask = np.where(empty[0] | empty[1], empty[0] & empty[1], same)
    return equal


def _equal_lists(before: pa.Array, after: pa.Array) -> Mask:
    width = before.type.list_size
    flat = []
    for cells in (before, after):  # an empty cell holds values, too, which mean nothing
        values = cells.values.slice(cells.offset * width, len(cells) * width)
        flat.append(pc.fill_null(values, 0).to_numpy())
    same = flat[0] == flat[1]
    if np.issubdtype(flat[0].dtype, np.floating):
        same |= np.isnan(flat[0]) & np.isnan(flat[1])
    lists: Mask = same.reshape(-1, width).all(axis=1)
    return lists
