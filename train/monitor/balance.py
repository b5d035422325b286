"""Whether the two networks are a match for each other, in words.

Only for people who watch: nothing is decided by it. What is past recovery is said by the rules.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from train.monitor.rules import WINDOW_STEPS, Row, mean
from train.networks.recipe import Objective

STRONG: Final = 0.95
WEAK: Final = 0.6
"""Of images on which the discriminator is right. Half of them is guessing; the 0.8 that Karras et
al. (2020) steer real images to, a mean sign of 0.6, lies in the middle."""

_BALANCED: Final = "balanced"
_TOO_STRONG: Final = "the discriminator is too strong"
_TOO_WEAK: Final = "the discriminator is too weak"


def balance(rows: Sequence[Row], objective: Objective | None) -> str:
    """The balance over the latest steps, with the number that says so."""
    window = _latest(rows)
    if not window:
        return ""
    match objective:
        case Objective.CROSS_ENTROPY:
            right = (mean(window, "accuracy_real") + mean(window, "accuracy_fake")) / 2
            return f"{_verdict(right)}: it is right about {right:.0%} of the images"
        case Objective.WASSERSTEIN:
            distance = mean(window, "distance")
            word = _BALANCED if distance > 0 else _TOO_WEAK
            return f"{word}: it scores real images {distance:.3g} above drawn ones"
        case None:
            return _of_pairs(window)


def _of_pairs(window: Sequence[Row]) -> str:
    """Where only differences are judged: the loss of an even chance is log 2."""
    if "discriminator" not in window[-1]:
        return ""
    loss = mean(window, "discriminator")
    right = math.exp(-loss)
    return f"{_verdict(right)}: it tells a real image from a drawn one at a chance of {right:.0%}"


def _verdict(right: float) -> str:
    if right >= STRONG:
        return _TOO_STRONG
    return _TOO_WEAK if right <= WEAK else _BALANCED


def _latest(rows: Sequence[Row]) -> list[Row]:
    """The latest rows that make a window, or all of them."""
    taken: list[Row] = []
    for row in reversed(rows):
        taken.append(row)
        if sum(each["steps"] for each in taken) >= WINDOW_STEPS:
            break
    return taken[::-1]
