"""Which rows of two tables are about the same image: joined by id, whatever the order of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.errors import TableError
from pipeline.core.tables import as_bytes

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

ABSENT = -1
"""In place of a row, where a version does not have the image."""


@dataclass(frozen=True)
class Alignment:
    """For each image of either table, its row in both: a full outer join."""

    old: Integers
    new: Integers
    ids: tuple[pa.ChunkedArray, pa.ChunkedArray]
    """The columns that were joined."""

    @property
    def in_both(self) -> Mask:
        """Images that both versions have."""
        mask: Mask = (self.old != ABSENT) & (self.new != ABSENT)
        return mask

    def of(self, old: pa.ChunkedArray, new: pa.ChunkedArray) -> Alignment:
        """The alignment of two columns, which is this one if they hold the same ids."""
        known = self.ids[0].equals(old) and self.ids[1].equals(new)
        return self if known else aligned_rows(old, new)


def aligned_rows(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Alignment:
    """Join two columns of unique ids: the rows of ``new``, then those that only ``old`` has.

    Raises:
        TableError: the ids differ in length, which those of images never do.
    """
    if old.equals(new):
        rows = np.arange(len(new), dtype=np.int64)
        return Alignment(rows, rows, (old, new))
    counterpart = _rows_of(_as_bytes(new), _as_bytes(old))
    is_only_old = np.ones(len(old), bool)
    is_only_old[counterpart[counterpart != ABSENT]] = False
    only_old = np.flatnonzero(is_only_old)
    return Alignment(
        np.concatenate([counterpart, only_old]),
        np.concatenate([np.arange(len(new)), np.full(len(only_old), ABSENT)]),
        (old, new),
    )


def _rows_of(ids: npt.NDArray[np.bytes_], among: npt.NDArray[np.bytes_]) -> Integers:
    """Of each id, its row ``among`` others. A search in order takes less than a hash join."""
    if not len(among):
        return np.full(len(ids), ABSENT)
    order = np.argsort(among, kind="stable")  # a pass, as tables are sorted by id
    places = np.minimum(np.searchsorted(among, ids, sorter=order), len(among) - 1)
    rows = order[places]
    return np.where(among[rows] == ids, rows, ABSENT)


def _as_bytes(ids: pa.ChunkedArray) -> npt.NDArray[np.bytes_]:
    """The ids as cells of one width."""
    bounds = pc.min_max(pc.binary_length(ids))
    if bounds["min"] != bounds["max"]:
        raise TableError("no table of images: its ids differ in length")
    return as_bytes(ids)
