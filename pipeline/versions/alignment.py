"""Which rows of two tables are about the same image: joined by id, whatever the order of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

ABSENT = -1
"""In place of a row, where a version does not have the image."""


@dataclass(frozen=True)
class Alignment:
    """For each image of either table, its row in both: a full outer join."""

    old: Integers
    new: Integers

    @property
    def in_both(self) -> Mask:
        """Images that both versions have."""
        mask: Mask = (self.old != ABSENT) & (self.new != ABSENT)
        return mask


def align(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Alignment:
    """Join two columns of unique ids: the rows of ``new``, then those that only ``old`` has."""
    if old.equals(new):
        rows = np.arange(len(new), dtype=np.int64)
        return Alignment(rows, rows)
    found = pc.fill_null(pc.index_in(new, value_set=old), ABSENT)
    counterpart = found.to_numpy().astype(np.int64)
    is_only_old = np.ones(len(old), bool)
    is_only_old[counterpart[counterpart != ABSENT]] = False
    only_old = np.flatnonzero(is_only_old)
    return Alignment(
        np.concatenate([counterpart, only_old]),
        np.concatenate([np.arange(len(new)), np.full(len(only_old), ABSENT)]),
    )
