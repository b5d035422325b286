"""Rows of two tables that are about the same image, side by side, some at a time.

The measurements of a million images are half a gigabyte a version, so neither table is ever in
memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.core.tables import ROW_GROUP_ROWS
from pipeline.versions.alignment import Integers
from pipeline.versions.old_tables import parts


def side_by_side(
    paths: tuple[Path, Path], columns: Sequence[str], rows: tuple[Integers, Integers]
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The ``rows`` of both tables, of which each pair is one image, with the columns they have.

    Of no rows there is one empty part, which tells the columns all the same.

    Raises:
        TableError: a table is torn.
    """
    count = len(rows[0])
    # Tables are sorted by id. One that is not is right all the same, but held as a whole.
    at_once = ROW_GROUP_ROWS if all(map(_increase, rows)) else count
    windows = [_Window(path, columns) for path in paths]
    for start in range(0, max(count, 1), max(at_once, 1)):
        before, after = (
            window.take(numbers[start : start + at_once])
            for window, numbers in zip(windows, rows, strict=True)
        )
        yield before, after


class _Window:
    """A table that is read once, from its beginning to its end, and let go behind the reader."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._parts = parts(path, columns)
        self._held = next(self._parts)
        self._first = 0

    def take(self, rows: Integers) -> pa.Table:
        """The rows with these numbers, none of them smaller than any that was asked for before."""
        if not len(rows):
            return self._held[:0]
        first, stop = int(rows.min()), int(rows.max()) + 1
        self._drop_before(first)
        while self._first + self._held.num_rows < stop:
            self._held = pa.concat_tables([self._held, next(self._parts)])
            self._drop_before(first)
        self._held = self._held.combine_chunks()
        is_whole = len(rows) == stop - first
        return self._held[: len(rows)] if is_whole else self._held.take(rows - first)

    def _drop_before(self, row: int) -> None:
        count = min(row - self._first, self._held.num_rows)
        self._held, self._first = self._held[count:], self._first + count


def _increase(rows: Integers) -> bool:
    return bool((np.diff(rows) > 0).all())
