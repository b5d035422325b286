"""What became of the images between two versions of `selection`: who left, who came, and why.

An image has one state in each version: ``keep``, the reason it is left out for, or ``absent``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.rules.declarations import REASONS
from pipeline.core import tables
from pipeline.core.schema import Status
from pipeline.versions.row_matching import ABSENT, Alignment, Integers

KEEP, NOT_THERE = Status.KEEP.value, "absent"
COLUMNS = ("image_id", "status", "reason", "value", "threshold", "decided_by", "group")
LABELS = ("creator", "rights")
READ = (*COLUMNS, *LABELS, "shard", "row")
"""The columns of SELECTION that a comparison needs."""


class Move(StrEnum):
    """How an image comes to be kept, or no longer to be."""

    ARRIVED = "arrived"
    """New, and kept."""
    RETURNED = "returned"
    """Was left out, and is kept."""
    LEFT = "left"
    """Was kept, and is left out."""
    VANISHED = "vanished"
    """Was kept, and is not in the version at all."""


@dataclass(frozen=True)
class Regrouping:
    """A duplicate group that has another preferred member than before."""

    before: str
    """Image id of the member that was preferred."""
    after: str
    members: int
    """Images that went from the one to the other."""


@dataclass(frozen=True)
class Share:
    """Kept images of one creator, rights label or split."""

    name: str
    before: int
    after: int

    @property
    def change(self) -> int:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True)
class Relabelling:
    """Images that are labelled otherwise than before."""

    before: str
    after: str
    images: int


@dataclass(frozen=True)
class Decisions:
    """The comparison of two versions of `selection`."""

    images: tuple[int, int]
    """Rows, before and after."""
    kept: tuple[int, int]
    transitions: dict[tuple[str, str], int]
    """Images by state before and state after, where those differ; the most frequent first."""
    moves: dict[Move, pa.Table]
    """The images of each move, as rows of `READ`, with their state ``before`` and ``after``."""
    shares: dict[str, list[Share]]
    """By label (`LABELS`), the kept images of each value; the largest change first."""
    relabelled: dict[str, list[Relabelling]]
    """By label, what it became of the same images; the most frequent first."""
    regrouped: list[Regrouping]

    def count(self, move: Move) -> int:
        """How many images made the move."""
        return int(self.moves[move].num_rows)


def compare_decisions(old: pa.Table, new: pa.Table, rows: Alignment) -> Decisions:
    """Compare two tables of the columns `READ`, whose rows are aligned by image."""
    kept = [table.filter(pc.equal(table["status"], KEEP)).select(LABELS) for table in (old, new)]
    names = _names(old, new)
    before, after = _states(old, rows.old, names), _states(new, rows.new, names)
    return Decisions(
        images=(old.num_rows, new.num_rows),
        kept=(kept[0].num_rows, kept[1].num_rows),
        transitions=_transitions(before, after, names),
        moves=_moves(old, new, rows, before, after, names),
        shares={label: shares(*(_counts(table, label) for table in kept)) for label in LABELS},
        relabelled={label: _relabelled(old, new, rows, label) for label in LABELS},
        regrouped=_regrouped(old, new, rows),
    )


def _names(old: pa.Table, new: pa.Table) -> list[str]:
    """All states that occur, in the order of the rules; those of a former schema behind."""
    occurring = {*tables.counts(old, "reason"), *tables.counts(new, "reason")}
    known = [reason for reason in REASONS if reason in occurring]
    former = sorted(occurring.difference(known))
    return [KEEP, *known, *former, Status.REJECT.value, NOT_THERE]


def _states(table: pa.Table, rows: Integers, names: Sequence[str]) -> Integers:
    """The state of each image, as its place in ``names``."""
    words = pc.if_else(
        pc.equal(table["status"], KEEP), KEEP, pc.coalesce(table["reason"], table["status"])
    )
    codes = pc.index_in(words, value_set=pa.array(names)).to_numpy()
    states = np.full(len(rows), names.index(NOT_THERE))
    there = rows != ABSENT
    states[there] = codes[rows[there]]
    return states


def _transitions(
    before: Integers, after: Integers, names: Sequence[str]
) -> dict[tuple[str, str], int]:
    size = len(names)
    matrix = np.bincount(before * size + after, minlength=size * size).reshape(size, size)
    np.fill_diagonal(matrix, 0)
    cells = sorted(zip(*np.nonzero(matrix), strict=True), key=lambda cell: (-matrix[cell], cell))
    return {(names[row], names[column]): int(matrix[row, column]) for row, column in cells}


def _moves(
    old: pa.Table,
    new: pa.Table,
    rows: Alignment,
    before: Integers,
    after: Integers,
    names: Sequence[str],
) -> dict[Move, pa.Table]:
    absent = names.index(NOT_THERE)
    was, stays = before == 0, after == 0
    of = {
        Move.ARRIVED: (before == absent) & stays,
        Move.RETURNED: ~was & (before != absent) & stays,
        Move.LEFT: was & ~stays & (after != absent),
        Move.VANISHED: was & (after == absent),
    }
    # An image that is out is told with what was compared when it was thrown out.
    source = {
        Move.ARRIVED: (new, rows.new),
        Move.RETURNED: (old, rows.old),
        Move.LEFT: (new, rows.new),
        Move.VANISHED: (old, rows.old),
    }
    words = pa.array(names)
    return {
        move: source[move][0]
        .take(source[move][1][mask])
        .append_column("before", words.take(before[mask]))
        .append_column("after", words.take(after[mask]))
        for move, mask in of.items()
    }


def shares(before: dict[str, int], after: dict[str, int]) -> list[Share]:
    """Two counts side by side, the largest change first, then by name."""
    counted = [Share(name, before.get(name, 0), after.get(name, 0)) for name in {**before, **after}]
    return sorted(counted, key=lambda share: (-abs(share.change), share.name))


def _counts(table: pa.Table, column: str) -> dict[str, int]:
    """How often each value occurs; an empty cell counts as ``none``."""
    empty = table[column].null_count
    return tables.counts(table, column) | ({"none": empty} if empty else {})


def _relabelled(old: pa.Table, new: pa.Table, rows: Alignment, label: str) -> list[Relabelling]:
    both = rows.in_both
    before, after = old[label].take(rows.old[both]), new[label].take(rows.new[both])
    gained_or_lost = pc.xor(pc.is_null(before), pc.is_null(after))
    differs = pc.or_(pc.fill_null(pc.not_equal(before, after), False), gained_or_lost)
    pairs = _pairs(before.filter(differs), after.filter(differs))
    return [Relabelling(was or "none", now or "none", count) for (was, now), count in pairs]


def _regrouped(old: pa.Table, new: pa.Table, rows: Alignment) -> list[Regrouping]:
    both = rows.in_both
    before, after = old["group"].take(rows.old[both]), new["group"].take(rows.new[both])
    differs = pc.fill_null(pc.not_equal(before, after), False)
    pairs = _pairs(before.filter(differs), after.filter(differs))
    still_preferred = set(new["group"].unique().to_pylist())
    return [
        Regrouping(was, now, count) for (was, now), count in pairs if was not in still_preferred
    ]


def _pairs(before: pa.ChunkedArray, after: pa.ChunkedArray) -> list[tuple[tuple[Any, Any], int]]:
    """How often each pair of values occurs, the most frequent first."""
    counted: dict[tuple[Any, Any], int] = {}
    for pair in zip(before.to_pylist(), after.to_pylist(), strict=True):
        counted[pair] = counted.get(pair, 0) + 1
    return sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))


def by_hand(table: pa.Table, state: str) -> dict[tuple[str, str], int]:
    """Rows of a move by their ``state`` (the name of a column) and who decided."""
    counted = _pairs(table[state], table["decided_by"])
    return {(str(name), str(by)): count for (name, by), count in counted}
