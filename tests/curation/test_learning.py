from __future__ import annotations

import numpy as np
import pytest

from curation.duplicates.candidates import Candidates
from curation.duplicates.chance import COEFFICIENTS, chances, lookalikes
from curation.duplicates.learning import learned


def rows(colours: float, count: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Pairs whose edges agree, and whose colours are so far apart."""
    return np.tile([1.0, np.log(0.05), np.log(colours), np.log(4.0), 0.0], (count, 1))


def test_without_answers_nothing_moves() -> None:
    assert learned(np.empty((0, 5)), np.empty(0, bool)).tolist() == COEFFICIENTS.tolist()


@pytest.mark.parametrize("is_same", [True, False])
def test_answers_move_pairs_like_those_they_speak_of(is_same: bool) -> None:
    before = chances(np.concatenate([rows(20), rows(1)]))
    moved = learned(rows(20, 12), np.full(12, is_same))
    after = chances(np.concatenate([rows(20), rows(1)]), moved)
    change = after - before
    assert (change[0] > 0) == is_same
    assert abs(change[0]) > 0.03
    more = learned(rows(20, 40), np.full(40, is_same))
    assert abs(chances(rows(20), more)[0] - is_same) < abs(after[0] - is_same)


def test_lookalikes_are_counted_on_the_side_that_has_more() -> None:
    nothing = np.zeros(4, np.uint8)
    pairs = Candidates(np.array([0, 0, 0, 5]), np.array([1, 2, 3, 6]), nothing, nothing)
    correlation = np.array([0.9, 0.99, 0.8, 0.5], np.float32)
    assert lookalikes(pairs, correlation).tolist() == [1, 0, 2, 0]
