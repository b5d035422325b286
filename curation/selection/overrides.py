"""What curators want of each image: the decisions about images and groups, row by row.

``group:ID`` stands for the images that would form a duplicate group with ID if there were no
rules and no other entries. So it means the same whatever else the lists say; an entry about one
of its images outweighs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.evidence import (
    NAMELESS,
    CopyPairs,
    Evidence,
    Integers,
    as_mask,
    numbers,
    rows_of,
)
from curation.selection.groups import stars
from curation.selection.inputs import Inputs
from curation.selection.preference import preference
from pipeline.core.errors import ListsError
from pipeline.core.schema import PairKind


@dataclass(frozen=True)
class Override:
    """One curator's word about one image."""

    action: str
    by: str


def duplicates(inputs: Inputs) -> CopyPairs:
    """The pairs that are duplicates: not the doubtful ones, nor those that curators tell apart."""
    pairs = inputs.pairs.filter(pc.not_equal(inputs.pairs["kind"], PairKind.DOUBTFUL.value))
    both = pa.chunked_array([*pairs["a"].chunks, *pairs["b"].chunks], pa.string())
    rows_of_both = rows_of(inputs.images, both, "pairs")
    edges = CopyPairs(
        rows_of_both[: pairs.num_rows],
        rows_of_both[pairs.num_rows :],
        as_mask(pc.equal(pairs["kind"], PairKind.EXACT.value)),
        numbers(pairs["lab_distance"]),
    )
    apart = _of_scope(inputs.decisions, "pair")
    a = rows_of(inputs.images, apart["target"], "decisions")
    b = rows_of(inputs.images, apart["other"], "decisions")
    rows = inputs.images.num_rows
    return edges.where(~np.isin(edges.a * rows + edges.b, a * rows + b))


def overrides(inputs: Inputs, bare: Evidence, edges: CopyPairs) -> dict[int, Override]:
    """The override about each row of the images that there is one about.

    Raises:
        ListsError: entries about one group contradict each other.
    """
    by_row = dict(_of_groups(inputs, bare, edges))
    by_row.update(_rows_and_overrides(inputs, "image"))
    return by_row


def with_overrides(bare: Evidence, by_row: dict[int, Override]) -> Evidence:
    """The evidence with what curators want of them."""
    kept, removed = np.zeros(len(bare), bool), np.zeros(len(bare), bool)
    kept[[row for row, override in by_row.items() if override.action == "keep"]] = True
    removed[[row for row, override in by_row.items() if override.action == "remove"]] = True
    return replace(bare, kept=kept, removed=removed)


def _of_groups(inputs: Inputs, bare: Evidence, edges: CopyPairs) -> Iterator[tuple[int, Override]]:
    named = list(_rows_and_overrides(inputs, "group"))
    if not named:
        return
    centre = _centres(bare, edges)
    decided: dict[int, tuple[int, Override]] = {}
    for row, override in named:
        first, earlier = decided.setdefault(int(centre[row]), (row, override))
        if earlier.action != override.action:
            ids = bare.images["image_id"].take([first, row]).to_pylist()
            raise ListsError(
                f"curation/lists: {earlier.action} group:{ids[0]} and {override.action} "
                f"group:{ids[1]} are about the same duplicate group; delete one of the two lines"
            )
    for group, (_, override) in decided.items():
        yield from ((row, override) for row in np.flatnonzero(centre == group).tolist())


def _centres(bare: Evidence, edges: CopyPairs) -> Integers:
    """The row of the centre of each image's star, before any rule or decision."""
    readable = pc.is_null(bare.images["fault"]).to_numpy()
    among = edges.among(readable)
    attached, _ = stars(among, preference(bare, among))
    centre = np.arange(len(bare))
    centre[attached.leaf] = attached.centre
    return centre


def _rows_and_overrides(inputs: Inputs, scope: str) -> Iterator[tuple[int, Override]]:
    decisions = _of_scope(inputs.decisions, scope)
    rows = rows_of(inputs.images, decisions["target"], "decisions").tolist()
    columns = decisions.select(["action", "by"]).to_pydict()
    for row, action, by in zip(rows, columns["action"], columns["by"], strict=True):
        yield row, Override(action, by or NAMELESS)


def _of_scope(decisions: pa.Table, scope: str) -> pa.Table:
    return decisions.filter(pc.equal(decisions["scope"], scope))
