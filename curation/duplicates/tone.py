"""The change of tone that brings one picture's colours nearest to another's.

Another camera or another scan changes all of a picture alike: lighter, paler, a little warmer. A
colourway changes one part, such as the dial of a watch, and that no change of tone undoes. What a
change of tone pushes over white is cut off there, pixel by pixel: the mean of a glossy cell then
falls short of what its tone says, and so much is excused.

`python -m tests.benches.duplicate_bounds FOLDER --vary tone.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Tones = npt.NDArray[np.float64]

LEAST_CONTRAST: Final = 0.65
MOST_CONTRAST: Final = 1.5
MOST_LIFT: Final = 60.0
MOST_TINT: Final = 0.03
"""By what share a channel may be changed for itself. With .06 rose gold becomes gold."""
STEADY: Final = 100.0
"""Variance of the levels (10 squared) under which a picture says little about contrast."""
NEARLY_BLACK: Final = 4.0
NEARLY_WHITE: Final = 238.0
"""Mean levels beyond which a cell may hold pixels that are cut off, and hardly counts."""
LIGHT: Final = 100.0
"""Level from which on a cell may hold pixels that a change of tone cuts off."""
ROUNDS: Final = 6

_DARK: Final = 8.0
_ODD: Final = 6.0
"""Levels beyond which a cell counts for less in the next round."""


def fitted(have: Floats, want: Floats, share: Floats) -> tuple[Floats, Tones]:
    """Each of ``have`` in the tone of its ``want``, all (n, cells, cells, 3) of levels.

    Least squares over all channels, again and again, each time without what is odd, and with what
    was cut off put back; towards no change where there is little to go by.

    Args:
        have: the cells that are changed.
        want: those whose tone they get.
        share: how much of each cell counts (n, cells, cells).

    Returns:
        The cells, and contrast, lift and the factor of each channel of every change: (n, 5).
    """
    made, tones = np.empty(have.shape, np.float32), np.empty((len(have), 5))
    _fit(have, want, share, made, tones)
    return made, tones


@numba.njit(cache=True)
def _fit(have: Floats, want: Floats, share: Floats, made: Floats, tones: Tones) -> None:
    side = have.shape[1]
    start = np.empty((side, side, 3), np.float32)
    weight = np.empty((side, side, 3), np.float32)
    for n in range(len(have)):
        target, tone = want[n].copy(), tones[n]
        for y in range(side):
            for x in range(side):
                for k in range(3):
                    level = want[n, y, x, k]
                    is_clipped = level < NEARLY_BLACK or level > NEARLY_WHITE
                    start[y, x, k] = share[n, y, x] * (0.02 if is_clipped else 1.0)
                    weight[y, x, k] = start[y, x, k]
        for _ in range(ROUNDS):
            _least_squares(have[n], target, weight, tone)
            spill = max(0.0, tone[0] * 255 + tone[1] - 255)
            lack = max(0.0, -tone[1])
            for y in range(side):
                for x in range(side):
                    for k in range(3):
                        level = (tone[0] * have[n, y, x, k] + tone[1]) * tone[2 + k]
                        excused = _excused(level, want[n, y, x, k], spill, lack)
                        target[y, x, k] = want[n, y, x, k] + excused
                        made[n, y, x, k] = min(max(level - excused, 0.0), 255.0)
                        odd = abs(level - excused - want[n, y, x, k]) / _ODD
                        weight[y, x, k] = start[y, x, k] / max(1.0, odd)


@numba.njit(cache=True)
def _excused(level: float, want: float, spill: float, lack: float) -> float:
    """How much of the excess of ``level`` over ``want`` clipping may have made."""
    light = min(max((level - LIGHT) / (255 - LIGHT), 0.0), 1.0)
    room = min(90.0 * light, spill) + max(level - 255, 0.0)
    dark = min(max((40 - level) / 40, 0.0), 1.0)
    depth = min(15.0 * dark, lack) + max(-level, 0.0)
    return min(max(level - want, 0.0), room) - min(max(want - level, 0.0), depth)


@numba.njit(cache=True)
def _least_squares(have: Floats, target: Floats, weight: Floats, tone: Tones) -> None:
    """Write contrast, lift and tint, within their bounds, into ``tone``."""
    sums, haves, wants = np.full(3, 1e-6), np.zeros(3), np.zeros(3)
    for y in range(len(have)):
        for x in range(len(have)):
            for k in range(3):
                w = weight[y, x, k]
                sums[k] += w
                haves[k] += w * have[y, x, k]
                wants[k] += w * target[y, x, k]
    total = sums[0] + sums[1] + sums[2]
    mean_have = (haves[0] + haves[1] + haves[2]) / total
    mean_want = (wants[0] + wants[1] + wants[2]) / total
    covariance, variance = 0.0, 0.0
    for y in range(len(have)):
        for x in range(len(have)):
            for k in range(3):
                centred = have[y, x, k] - mean_have
                covariance += weight[y, x, k] * centred * (target[y, x, k] - mean_want)
                variance += weight[y, x, k] * centred * centred
    contrast = (covariance / total + STEADY) / (variance / total + STEADY)
    tone[0] = min(max(contrast, LEAST_CONTRAST), MOST_CONTRAST)
    tone[1] = min(max(mean_want - tone[0] * mean_have, -MOST_LIFT), MOST_LIFT)
    for k in range(3):
        toned = tone[0] * haves[k] / sums[k] + tone[1]
        tone[2 + k] = (wants[k] / sums[k] + _DARK) / (max(toned, 0.0) + _DARK)
    mean = (tone[2] + tone[3] + tone[4]) / 3
    for k in range(3):
        tone[2 + k] = min(max(tone[2 + k] / mean, 1 - MOST_TINT), 1 + MOST_TINT)
