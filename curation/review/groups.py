"""Images that show the same picture, group by group, and pairs of which nobody is sure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.review.collection import NONE, Collection, Integers
from curation.selection.wording import SUSPICIONS
from pipeline.core.schema import PairKind, Suspicion

Row = dict[str, Any]


def groups(collection: Collection) -> list[list[int]]:
    """The members of each duplicate group as rows, the preferred one first; largest groups first.

    The other members follow by the size of their picture.
    """
    group = collection.selection["group"].combine_chunks()
    rows = np.flatnonzero(pc.is_valid(group).to_numpy(zero_copy_only=False))
    if not len(rows):
        return []
    centre = collection.rows(group.take(pa.array(rows)).to_pylist())
    return _together(rows, centre, rows == centre, _pixels(collection)[rows])


def doubtful(collection: Collection) -> list[list[int]]:
    """Pairs of rows that look alike, but not enough to be called copies; most alike first."""
    pairs = collection.pairs.filter(pc.equal(collection.pairs["kind"], PairKind.DOUBTFUL.value))
    pairs = pairs.sort_by([("gradient_correlation", "descending")])
    first = collection.rows(pairs["a"].to_pylist())
    second = collection.rows(pairs["b"].to_pylist())
    both = (first != NONE) & (second != NONE)
    return [list(pair) for pair in zip(first[both].tolist(), second[both].tolist(), strict=True)]


def measured(collection: Collection, rows: list[int]) -> list[Row]:
    """The pairs among some images: how alike they are, and under which symmetry.

    The suspicion that makes one doubtful is told in words.
    """
    ids = pa.array([collection.image_id(row) for row in rows])
    among = pc.and_(
        pc.is_in(collection.pairs["a"], value_set=ids),
        pc.is_in(collection.pairs["b"], value_set=ids),
    )
    columns = ["a", "b", "kind", "symmetry", "phash_distance", "lab_distance"]
    columns += ["gradient_correlation", "suspicion"]
    found: list[Row] = collection.pairs.filter(among).select(columns).to_pylist()
    return [
        row | {"suspicion": SUSPICIONS[Suspicion(row["suspicion"])] if row["suspicion"] else ""}
        for row in found
    ]


def _together(
    rows: Integers, centre: Integers, preferred: np.ndarray[Any, Any], pixels: Integers
) -> list[list[int]]:
    order = np.lexsort([rows, -pixels, ~preferred, centre])
    starts = np.flatnonzero(np.diff(centre[order], prepend=NONE - 1))
    parts = [part.tolist() for part in np.split(rows[order], starts[1:])]
    return sorted((part for part in parts if len(part) > 1), key=lambda part: (-len(part), part))


def _pixels(collection: Collection) -> Integers:
    sides = (pc.fill_null(collection.images[side], 0).to_numpy() for side in ("width", "height"))
    width, height = (side.astype(np.int64) for side in sides)
    area: Integers = width * height
    return area
