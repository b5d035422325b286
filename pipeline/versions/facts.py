"""What was measured otherwise of the very same bytes: other code, or another way of squaring."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.schema import IMAGES
from pipeline.versions.alignment import Alignment, Mask, align
from pipeline.versions.old_tables import read_tolerantly

PLACES = frozenset({"image_id", "sha256", "capture", "shard", "row"})
"""Columns of IMAGES that name an image or say where it lies, and measure nothing."""
EXAMPLES = 3


@dataclass(frozen=True)
class Facts:
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


NOTHING = Facts(0, {}, [], {})


def compare(old: Path, new: Path, names: tuple[str, str]) -> Facts:
    """Compare two tables of IMAGES a column at a time: a million hashes need not lie in memory.

    Raises:
        TableError: a table is torn.
    """
    ids = [read_tolerantly(path, IMAGES, ["image_id"]).table["image_id"] for path in (old, new)]
    rows = align(*ids)
    both = rows.in_both
    differs = np.zeros(int(both.sum()), bool)
    columns: dict[str, int] = {}
    examples: list[dict[str, Any]] = []
    missing: dict[str, tuple[str, ...]] = {}
    for fact in (name for name in IMAGES.arrow.names if name not in PLACES):
        held = [read_tolerantly(path, IMAGES, [fact]) for path in (old, new)]
        lacking = [name for name, one in zip(names, held, strict=True) if one.missing]
        if lacking:
            missing |= {name: (*missing.get(name, ()), fact) for name in lacking}
            continue
        before, after = _aligned(held[0].table[fact], held[1].table[fact], rows, both)
        changed = ~_equal(before, after)
        if changed.any():
            columns[fact] = int(changed.sum())
            examples += _examples(fact, ids[1].take(rows.new[both]), before, after, changed)
            differs |= changed
    return Facts(int(differs.sum()), columns, examples, missing)


def _aligned(
    before: pa.ChunkedArray, after: pa.ChunkedArray, rows: Alignment, both: Mask
) -> tuple[pa.Array, pa.Array]:
    if rows.old is rows.new:  # the same images in the same order
        return before.combine_chunks(), after.combine_chunks()
    return (
        before.combine_chunks().take(rows.old[both]),
        after.combine_chunks().take(rows.new[both]),
    )


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


def _examples(
    fact: str, ids: pa.ChunkedArray, before: pa.Array, after: pa.Array, changed: Mask
) -> list[dict[str, Any]]:
    rows = np.flatnonzero(changed)[:EXAMPLES]
    return [
        {
            "image_id": ids[row].as_py(),
            "fact": fact,
            "before": before[row].as_py(),
            "after": after[row].as_py(),
        }
        for row in rows.tolist()
    ]
