"""When the metrics of a model say only that its training was too short."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.little_learnt import little_learnt


def _judged(precision: float, recall: float, trained: float) -> dict[str, Any]:
    kid = {"floor": 0.01, "trained": trained, "untrained": 0.61}
    means = {name: {"mean": value, "std": 0.001} for name, value in kid.items()}
    return {"kid": means, "precision": precision, "recall": recall}


def test_a_short_training_is_told_with_what_to_do() -> None:
    assert little_learnt(_judged(0.0, 0.004, 0.5), 400) == (
        "Little is learnt yet: 0.4 thousand images were shown; raise train.kimg."
    )


@pytest.mark.parametrize(
    ("results", "images_seen"),
    [
        (_judged(0.01, 0.0, 0.5), 400),
        (_judged(0.0, 0.01, 0.5), 400),
        (_judged(0.0, 0.0, 0.2), 400),
        (_judged(0.0, 0.0, 0.5), None),
        ({"kid": {}, "precision": None, "recall": None}, 400),
    ],
)
def test_nothing_is_told_of_others(results: dict[str, Any], images_seen: int | None) -> None:
    assert little_learnt(results, images_seen) == ""
