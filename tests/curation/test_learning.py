from __future__ import annotations

import numpy as np
import pytest

from curation.duplicates.candidates import Candidates
from curation.duplicates.chance import (
    COEFFICIENTS,
    Floats,
    chances,
    evidence,
    lookalikes,
    neighbours,
)
from curation.duplicates.learning import learned


def rows(colours: float, count: int = 1, suspicion: str = "detail", crowd: int = 1) -> Floats:
    """Pairs whose edges agree, and whose colours are so far apart."""
    columns = {
        "gradient_correlation": np.full(count, 0.95),
        "region_distance": np.full(count, colours),
        "light_distance": np.full(count, 1.0),
        "suspicion": np.full(count, suspicion, object),
        "lookalikes": np.zeros(count, int),
        "neighbours": np.full(count, crowd),
    }
    return evidence(columns)


def test_without_answers_nothing_moves() -> None:
    assert learned(rows(1, 0), np.empty(0, bool)).tolist() == COEFFICIENTS.tolist()


@pytest.mark.parametrize("is_same", [True, False])
def test_answers_move_pairs_like_those_they_speak_of(is_same: bool) -> None:
    before = chances(np.concatenate([rows(2.5), rows(1)]))
    moved = learned(rows(2.5, 12), np.full(12, is_same))
    after = chances(np.concatenate([rows(2.5), rows(1)]), moved)
    change = after - before
    assert (change[0] > 0) == is_same
    assert abs(change[0]) > 0.03
    more = learned(rows(2.5, 40), np.full(40, is_same))
    assert abs(chances(rows(2.5), more)[0] - is_same) < abs(after[0] - is_same)


def test_colours_speak_against_a_pair_but_not_against_a_copy_in_grey() -> None:
    alike, colourway, grey = np.concatenate([rows(1), rows(12), rows(12, suspicion="grey")])
    chance = chances(np.stack([alike, colourway, grey]))
    assert chance[0] > 0.7
    assert 0.3 * chance[0] > chance[1]
    assert chance[0] > chance[2] > 1.5 * chance[1]


def test_likeness_says_less_of_a_picture_with_many_neighbours() -> None:
    alone, crowded = chances(np.concatenate([rows(8, crowd=0), rows(8, crowd=12)]))
    assert crowded < 0.5 * alone


def test_neighbours_are_the_other_pairs_that_were_compared() -> None:
    """The pair of 0 and 1 was compared in two symmetries, which is one pair."""
    nothing = np.zeros(5, np.uint8)
    compared = Candidates(np.array([0, 0, 0, 1, 5]), np.array([1, 1, 2, 4, 6]), nothing, nothing)
    pairs = compared.only(np.array([0, 2, 4]))
    assert neighbours(compared, pairs).tolist() == [1, 1, 0]


def test_lookalikes_are_counted_on_the_side_that_has_more() -> None:
    nothing = np.zeros(4, np.uint8)
    pairs = Candidates(np.array([0, 0, 0, 5]), np.array([1, 2, 3, 6]), nothing, nothing)
    correlation = np.array([0.9, 0.99, 0.8, 0.5], np.float32)
    assert lookalikes(pairs, correlation).tolist() == [1, 0, 2, 0]
