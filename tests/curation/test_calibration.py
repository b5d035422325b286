from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from curation.duplicates.calibration import (
    COEFFICIENTS,
    FEATURES,
    LEAST_GREY,
    chances,
    features,
    lookalikes,
    neighbours,
    with_answers,
)
from curation.duplicates.candidates import Candidates

COPY = {
    "gradient_correlation": 0.98, "edge_distance": 0.06, "region_distance": 0.5,
    "light_distance": 0.5, "hue_distance": 0.0, "ground": 0.9, "framing": 0.2, "turn": 0.0,
    "shift": 2.0, "lookalikes": 0, "neighbours": 1, "suspicion": "crop", "chance": 0.5,
    "greys": 0.0,
}  # fmt: skip
"""A watch on white, cropped by 5 %, as `verify` measures it."""
WORK = {"ground": 0.1, "framing": 0.9}
"""Of a picture that is filled to its border."""


def pairs(*changes: dict[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """As many pairs, each `COPY` but for its changes."""
    rows = [COPY | change for change in changes]
    return {
        name: np.array([row[name] for row in rows], object if name == "suspicion" else None)
        for name in COPY
    }


def chances_of(*changes: dict[str, Any]) -> list[float]:
    made: list[float] = chances(pairs(*changes)).tolist()
    return made


def test_each_feature_has_its_coefficient() -> None:
    assert features(pairs({}, {})).shape == (2, len(COEFFICIENTS))
    assert len(FEATURES) == len(COEFFICIENTS) - 1


def test_a_copy_comes_before_a_colourway_and_that_is_hardly_asked_about() -> None:
    """Measured on real watches: their edges agree, and a bezel or a buckle has another colour."""
    rose_gold_for_gold = {"region_distance": 2.7, "hue_distance": 4.6, "edge_distance": 0.02}
    gold_for_steel = {"region_distance": 5.8, "edge_distance": 0.01, "shift": 0.0}
    other_strap = {"region_distance": 10.0, "hue_distance": np.inf, "shift": 0.0}
    copy, *colourways = chances_of({}, rose_gold_for_gold, gold_for_steel, other_strap)
    assert copy > 0.5
    assert max(colourways) < 0.2


def test_a_copy_in_grey_has_no_colours_to_compare() -> None:
    grey = {"suspicion": "grey", "region_distance": 14.0, "hue_distance": np.inf}
    copy, steel, other = chances_of(
        grey | {"light_distance": 0.05},
        grey | {"light_distance": 0.5},
        grey | {"light_distance": 2.5},
    )
    assert copy > 0.5
    assert copy > 2 * steel
    assert steel > 2 * other


def test_where_many_pictures_have_no_colours_grey_is_no_sign_of_a_copy() -> None:
    """A steel watch beside a golden one of its model, which in grey are the same."""
    grey = {
        "suspicion": "grey",
        "region_distance": 14.0,
        "hue_distance": np.inf,
        "light_distance": 0.05,
    }
    alone, few, many, most = chances_of(*(grey | {"greys": share} for share in (0, 0.02, 0.1, 0.5)))
    assert alone > 1.8 * few > 1.8 * many
    assert many == most == pytest.approx(LEAST_GREY * (1 + alone) / 2)
    unlikely = grey | {"light_distance": 2.5, "edge_distance": 0.3}
    assert chances_of(unlikely | {"greys": 0.5}) == chances_of(unlikely)
    plain = chances_of({"greys": 0.0}, {"greys": 0.5})
    assert plain[0] == plain[1]


def test_colours_say_less_of_a_work_that_fills_its_picture() -> None:
    """Another camera may give a painting any colours."""
    faded = {"region_distance": 19.0, "hue_distance": np.inf, "neighbours": 0}
    on_white, work = chances_of(faded, faded | WORK)
    assert work > 0.5
    assert on_white < 0.1


def test_a_work_in_other_colours_is_less_likely_one_when_every_edge_lies_in_its_place() -> None:
    """Another camera moves a picture by a pixel; a colourway is photographed in the same place."""
    faded = {"region_distance": 17.0, **WORK, "edge_distance": 0.03, "neighbours": 0}
    moved, in_place = chances_of(faded, faded | {"shift": 0.0})
    assert in_place / (1 - in_place) < 0.05 * moved / (1 - moved)


def test_without_answers_nothing_moves() -> None:
    columns = pairs({"chance": 0.3}, {"chance": 0.5, "suspicion": "flat"})
    assert with_answers(columns, np.full(2, np.nan)).tolist() == [0.3, 0.5]


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_answers_move_pairs_like_those_they_speak_of(answer: float) -> None:
    """Of thirteen colourways twelve are answered; the last follows, and a copy hardly does."""
    colourway = {"region_distance": 6.0, "chance": 0.4}
    columns = pairs(*[colourway] * 13, {"chance": 0.4, "region_distance": 0.5})
    answers = np.r_[np.full(12, answer), np.nan, np.nan]
    *_, like, other = with_answers(columns, answers) - columns["chance"]
    assert (like > 0) == (answer == 1)
    assert abs(like) > 0.1
    assert abs(like) > abs(other)
    few = with_answers(columns, np.r_[answer, np.full(13, np.nan)])[12] - 0.4
    assert 0 < few / like < 1


def test_flat_pictures_keep_their_chance_whatever_is_answered() -> None:
    columns = pairs(*[{"suspicion": "flat"}] * 3, *[{}] * 3)
    moved = with_answers(columns, np.array([0, np.nan, np.nan, 0, 0, np.nan]))
    assert moved[:3].tolist() == [0.5, 0.5, 0.5]
    assert moved[5] < 0.5


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
