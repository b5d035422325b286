"""What is trained when: a pure function of the number of real images shown so far.

Because nothing else decides, a resumed training continues in the middle of a fade by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from pipeline.core.params.train import DcganTrain, ProganTrain, ResidualTrain, Train
from train.networks.equalised import BASE

KIMG = 1000


@dataclass(frozen=True)
class Stage:
    """The state of the schedule at one moment."""

    resolution: int
    fade: float
    """How far the resolution is faded in, 0..1."""
    phase: int
    """Counts fades and stable periods; the optimizers forget at each change."""


def images(kimg: float) -> int:
    """Thousands of images as a number of images."""
    return round(kimg * KIMG)


def total_images(params: Train) -> int:
    """Real images that the whole training shows."""
    match params:
        case DcganTrain() | ResidualTrain():
            return images(params.kimg)
        case ProganTrain():
            growths = _growths(params)
            return images(params.stable_kimg) * (growths + 1) + images(params.fade_kimg) * growths
        case _:
            assert_never(params)


def stage_at(params: Train, images_seen: int) -> Stage:
    """The stage after ``images_seen`` real images.

    Progressive growing starts with a stable period at 4 pixels; each further resolution has a
    fade, then a stable period; the last one goes on for as long as it is asked.
    """
    match params:
        case DcganTrain() | ResidualTrain():
            return Stage(params.resolution, 1.0, 0)
        case ProganTrain():
            return _growing(params, images_seen)
        case _:
            assert_never(params)


def _growths(params: ProganTrain) -> int:
    return (params.resolution // BASE).bit_length() - 1


def _growing(params: ProganTrain, images_seen: int) -> Stage:
    fade, stable = images(params.fade_kimg), images(params.stable_kimg)
    if images_seen < stable or params.resolution == BASE:
        return Stage(BASE, 1.0, 0)
    growth, into = divmod(images_seen - stable, fade + stable)
    if growth >= _growths(params):
        return Stage(params.resolution, 1.0, 2 * _growths(params))
    resolution = BASE * 2 ** (growth + 1)
    if into < fade:
        return Stage(resolution, into / fade, 2 * growth + 1)
    return Stage(resolution, 1.0, 2 * growth + 2)
