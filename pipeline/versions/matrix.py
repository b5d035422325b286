"""The transitions as a matrix: a row for what images were, a column for what they became."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from curation.selection.rules.order import REASONS
from pipeline.versions.decisions import KEEP, NOT_THERE


@dataclass(frozen=True)
class Cell:
    """Images that went one way, and where on the page they are shown ("" for nowhere)."""

    images: int
    anchor: str


@dataclass(frozen=True)
class Matrix:
    """Only states that an image went from or to; None where no image went."""

    columns: list[str]
    rows: list[tuple[str, list[Cell | None]]]


def matrix(transitions: Mapping[tuple[str, str], int]) -> Matrix:
    """Lay out the transitions; states stand in the order of the rules."""
    before = _ordered({one for one, _ in transitions})
    after = _ordered({other for _, other in transitions})
    return Matrix(
        [label(state) for state in after],
        [(label(one), [_cell(transitions, one, other) for other in after]) for one in before],
    )


def label(state: str) -> str:
    """A state as a heading."""
    if state in REASONS:
        return REASONS[state].label
    return {KEEP: "Kept", NOT_THERE: "Not there"}.get(state, state)


def _cell(transitions: Mapping[tuple[str, str], int], before: str, after: str) -> Cell | None:
    if (before, after) not in transitions:
        return None
    anchor = ""
    if after == KEEP:
        anchor = f"{'arrived' if before == NOT_THERE else 'returned'}-{before}"
    elif before == KEEP:
        anchor = f"{'vanished' if after == NOT_THERE else 'left'}-{after}"
    return Cell(transitions[before, after], anchor)


def _ordered(states: set[str]) -> list[str]:
    known = [KEEP, *(reason for reason in REASONS)]
    former = sorted(states.difference(known, [NOT_THERE]))
    return [state for state in (*known, *former, NOT_THERE) if state in states]
