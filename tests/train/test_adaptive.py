from __future__ import annotations

import pytest
import torch

from train.augmentation.adaptive import EVERY, MOST, Strength
from train.compute.ranks import ALONE

RAMP = 1000


def _after(logits: list[float], rounds: int) -> Strength:
    """What `rounds` adjustments make of these logits of real images; a step shows ten."""
    strength = Strength(0.6, RAMP, torch.device("cpu"))
    for number in range(rounds * EVERY):
        strength.note(torch.tensor(logits), number, 10, ALONE)
    return strength


@pytest.mark.parametrize(
    ("logits", "rises"),
    [([1.0, 2.0, 3.0, 4.0, 5.0], True), ([9.0, 1.0, 1.0, 1.0, -0.1], False), ([-1.0], False)],
)
def test_the_share_rises_while_nearly_all_reals_are_called_real(
    logits: list[float], rises: bool
) -> None:
    assert _after([5.0], 3).share.item() == pytest.approx(3 * EVERY * 10 / RAMP)
    strength = Strength(0.59 if rises else 0.61, RAMP, torch.device("cpu"))
    strength.share += 0.5
    for number in range(EVERY):
        strength.note(torch.tensor(logits), number, 10, ALONE)
    assert (strength.share.item() > 0.5) == rises


def test_the_share_stays_where_augmentations_are_not_learnt() -> None:
    assert _after([5.0], 100).share.item() == pytest.approx(MOST)
    assert _after([-5.0], 3).share.item() == 0.0


def test_between_two_adjustments_nothing_moves() -> None:
    strength = _after([5.0], 1)
    before = strength.share.item()
    for number in range(EVERY - 1):
        strength.note(torch.tensor([5.0]), number, 10, ALONE)
    assert strength.share.item() == before
    assert strength.signs.item() == EVERY - 1
