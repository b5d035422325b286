"""Rows of two tables that are about the same image, side by side, some at a time.

The measurements of a million images are half a gigabyte a version, so neither table is ever in
memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.versions.alignment import Integers
from pipeline.versions.old_tables import parts


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
        read = parts(path, columns)
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
