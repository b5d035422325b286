"""How alike two drawings of one file are."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter

from pipeline.core.shards import Pixels

MOST_COLOUR: Final = 2.0
LEAST_SSIM: Final = 0.98
_WINDOW: Final = 7

Floats = npt.NDArray[np.float64]


class Likeness(NamedTuple):
    """Of two drawings."""

    same_size: bool
    colour: float
    """How far apart the means of a channel are, at most."""
    ssim: float
    """The mean structural similarity (Wang and others, 2004), of all channels."""

    def __bool__(self) -> bool:
        return self.same_size and self.colour <= MOST_COLOUR and self.ssim >= LEAST_SSIM


def likeness(ours: Pixels, theirs: Pixels) -> Likeness:
    """Of two pictures (h, w, 3)."""
    if ours.shape != theirs.shape:
        return Likeness(same_size=False, colour=0.0, ssim=0.0)
    colour = np.abs(ours.mean(axis=(0, 1)) - theirs.mean(axis=(0, 1))).max()
    return Likeness(same_size=True, colour=float(colour), ssim=ssim(ours, theirs))


def ssim(ours: Pixels, theirs: Pixels) -> float:
    """Structural similarity in windows of 7 pixels, with the constants of the paper."""
    a, b = ours.astype(np.float64), theirs.astype(np.float64)
    mean_a, mean_b = _local(a), _local(b)
    share = _WINDOW**2 / (_WINDOW**2 - 1)
    variances = share * (_local(a * a) - mean_a**2 + _local(b * b) - mean_b**2)
    covariance = share * (_local(a * b) - mean_a * mean_b)
    steady_means, steady_variances = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similarity = (2 * mean_a * mean_b + steady_means) * (2 * covariance + steady_variances)
    similarity /= (mean_a**2 + mean_b**2 + steady_means) * (variances + steady_variances)
    edge = min(_WINDOW // 2, (min(ours.shape[:2]) - 1) // 2)
    inside = slice(edge, -edge or None)
    return float(similarity[inside, inside].mean())


def _local(values: Floats) -> Floats:
    filtered: Floats = uniform_filter(values, (_WINDOW, _WINDOW, 1))
    return filtered
