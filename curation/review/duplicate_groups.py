"""Images that show the same picture, group by group, and pairs of which nobody is sure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.decisions.list_files import DISTINCT, REMOVE
from curation.duplicates.calibration import with_answers
from curation.review.collection import NONE, Integers, ReviewCollection
from curation.review.decision_store import Ids, Placed
from curation.selection.picture_notes import SUSPICIONS
from curation.selection.rules.other_causes import NEAR_DUPLICATE
from pipeline.core.schema import PairKind, Suspicion

Row = dict[str, Any]


def groups(collection: ReviewCollection) -> list[list[int]]:
    """The members of each duplicate group as rows, the preferred one first; largest groups first.

    The other members follow by the size of their picture.
    """
    group = collection.selection["group"].combine_chunks()
    rows = np.flatnonzero(pc.is_valid(group).to_numpy(zero_copy_only=False))
    if not len(rows):
        return []
    centre = collection.rows(group.take(pa.array(rows)).to_pylist())
    return _together(rows, centre, rows == centre, _pixels(collection)[rows])


@dataclass(frozen=True)
class Queue:
    """Doubtful pairs in the order in which a person should look at them."""

    pairs: list[list[int]]
    """Rows of the two images, the likeliest pair first."""
    chances: list[float]
    """Of each pair to show one picture, as curators' answers have moved it."""
    suspicions: list[str]
    """What may lie between the two of each pair, in words."""
    same: int
    """Doubtful pairs that curators called one picture, by removing one as a near duplicate."""
    distinct: int
    """Doubtful pairs that they told apart."""


def doubtful(
    collection: ReviewCollection, entries_of: Callable[[Ids], tuple[Placed, ...]]
) -> Queue:
    """Pairs that look alike, but not enough to be called copies; the likeliest first.

    Args:
        collection: of which.
        entries_of: the entries of the lists about some ids.
    """
    pairs = _doubtful_pairs(collection)
    answers = _answers(pairs, entries_of)
    chance = _moved_chances(pairs, answers)
    suspicions = pairs["suspicion"].to_pylist()
    first, second = (collection.rows(pairs[side].to_pylist()) for side in ("a", "b"))
    order = np.argsort(-chance, kind="stable")
    order = order[((first != NONE) & (second != NONE))[order]]
    return Queue(
        np.stack([first[order], second[order]], axis=1).tolist(),
        chance[order].round(3).tolist(),
        [_in_words(suspicions[place]) for place in order],
        int((answers == 1).sum()),
        int((answers == 0).sum()),
    )


def candidates(collection: ReviewCollection, row: int) -> list[int]:
    """The rows of images that were measured to be like one: exact copies first, then by chance."""
    image = collection.image_id(row)
    pairs = collection.pairs
    of_image = pc.or_(pc.equal(pairs["a"], image), pc.equal(pairs["b"], image))
    measured_pairs = pairs.filter(of_image).select(["a", "b", "kind", "chance"]).to_pylist()
    kinds = [kind.value for kind in PairKind]
    measured_pairs.sort(key=lambda pair: (kinds.index(pair["kind"]), -pair["chance"]))
    others = [pair["b"] if pair["a"] == image else pair["a"] for pair in measured_pairs]
    rows: list[int] = collection.rows(others).tolist()
    return [other for other in rows if other != NONE]


def _doubtful_pairs(collection: ReviewCollection) -> pa.Table:
    pairs: pa.Table = collection.pairs
    return pairs.filter(pc.equal(pairs["kind"], PairKind.DOUBTFUL.value))


def _answers(
    pairs: pa.Table, entries_of: Callable[[Ids], tuple[Placed, ...]]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What curators said of each pair; see `_answer`."""
    ids = zip(pairs["a"].to_pylist(), pairs["b"].to_pylist(), strict=True)
    return np.array([_answer(pair, entries_of) for pair in ids], float)


def _moved_chances(
    pairs: pa.Table, answers: np.ndarray[Any, np.dtype[np.float64]]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The chance of each doubtful pair, as the answers have moved it."""
    return with_answers({name: pairs[name].to_numpy() for name in pairs.column_names}, answers)


def _answer(pair: Ids, entries_of: Callable[[Ids], tuple[Placed, ...]]) -> float:
    """1 where curators said that a pair is one picture, 0 where they told it apart, else NaN."""
    if any(name == DISTINCT for name, _ in entries_of(pair)):
        return 0.0
    removed = (
        entry
        for image in pair
        for name, entry in entries_of((image,))
        if name == REMOVE and entry.reason == NEAR_DUPLICATE.name
    )
    return 1.0 if next(removed, None) else np.nan


def measured(
    collection: ReviewCollection,
    rows: list[int],
    entries_of: Callable[[Ids], tuple[Placed, ...]],
) -> list[Row]:
    """The pairs among some images: how alike they are, and under which symmetry.

    The suspicion that makes one doubtful is told in words; its chance is the one of the queue.
    """
    ids = pa.array([collection.image_id(row) for row in rows])
    among = pc.and_(
        pc.is_in(collection.pairs["a"], value_set=ids),
        pc.is_in(collection.pairs["b"], value_set=ids),
    )
    columns = ["a", "b", "kind", "symmetry", "phash_distance", "lab_distance"]
    columns += ["region_distance", "edge_distance", "suspicion"]
    pairs: list[Row] = collection.pairs.filter(among).select(columns).to_pylist()
    queue = _doubtful_pairs(collection)
    ids = zip(queue["a"].to_pylist(), queue["b"].to_pylist(), strict=True)
    moved = _moved_chances(queue, _answers(queue, entries_of)).round(3).tolist()
    chance_of = dict(zip(ids, moved, strict=True))
    return [
        row
        | {
            "suspicion": _in_words(row["suspicion"]),
            "chance": chance_of.get((row["a"], row["b"])),
        }
        for row in pairs
    ]


def _in_words(suspicion: str | None) -> str:
    return SUSPICIONS[Suspicion(suspicion)] if suspicion else ""


def _together(
    rows: Integers, centre: Integers, preferred: np.ndarray[Any, Any], pixels: Integers
) -> list[list[int]]:
    order = np.lexsort([rows, -pixels, ~preferred, centre])
    starts = np.flatnonzero(np.diff(centre[order], prepend=NONE - 1))
    parts = [part.tolist() for part in np.split(rows[order], starts[1:])]
    return sorted((part for part in parts if len(part) > 1), key=lambda part: (-len(part), part))


def _pixels(collection: ReviewCollection) -> Integers:
    sides = (pc.fill_null(collection.images[side], 0).to_numpy() for side in ("width", "height"))
    width, height = (side.astype(np.int64) for side in sides)
    area: Integers = width * height
    return area
