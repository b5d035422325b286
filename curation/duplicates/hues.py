"""How far the pixels of any one hue and lightness are turned, or paled, together.

Pixel by pixel, because gold and rose gold may differ in a bezel of one pixel alone. What saving
does to colours scatters, or pales them a little; it does not turn them.

`python -m tests.benches.duplicate_bounds FOLDER --vary hues.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from curation.duplicates.cielab import lab_of_levels

HUES: Final = 8
LIGHTS: Final = 3
LEAST_CHROMA: Final = 8.0
LEAST_PIXELS: Final = 15
BLOCKS: Final = 8
"""Blocks across and down whose pixels saving turns together: where 128 pixels were halved, a JPEG
keeps the colours of 16 of them in one."""
USUAL_CHROMA: Final = 20.0
"""Above it a hue is told by its angle: what saving does to strong colours is larger."""
LIGHTEST: Final = 240.0
DARKEST: Final = 4.0
"""Levels beyond which a channel may be cut off, and says nothing of the hue."""

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Tones = npt.NDArray[np.float64]


@numba.njit(cache=True)
def hue_distances(have: Floats, want: Floats, is_seen: Flags, tones: Tones) -> Floats:
    """Of each of n pairs, the most by which a hue is turned, and paled, beyond its scatter: (n, 2).

    Args:
        have: pictures (n, 64, 64, 3) whose tone is changed.
        want: those they are held against.
        is_seen: which pixels both show (n, 64, 64).
        tones: contrast, lift and the factor of each channel (n, 5).
    """
    made = np.zeros((len(have), 2), np.float32)
    level = np.empty(3)
    for n in range(len(have)):
        sums = np.zeros((HUES, LIGHTS, BLOCKS * BLOCKS, 5))
        for y in range(have.shape[1]):
            for x in range(have.shape[2]):
                is_clear = is_seen[n, y, x]
                for k in range(3):
                    level[k] = (tones[n, 0] * have[n, y, x, k] + tones[n, 1]) * tones[n, 2 + k]
                    is_clear &= max(level[k], want[n, y, x, k]) <= LIGHTEST
                    is_clear &= min(level[k], want[n, y, x, k]) >= DARKEST
                if is_clear:
                    block = BLOCKS * y // have.shape[1] * BLOCKS + BLOCKS * x // have.shape[2]
                    _add(level, want[n, y, x], sums[:, :, block])
        for hue in range(HUES):
            for light in range(LIGHTS):
                for k in range(2):
                    made[n, k] = max(made[n, k], _beyond_scatter(sums[hue, light], 1 + 2 * k))
    return made


@numba.njit(cache=True)
def _beyond_scatter(blocks: Tones, column: int) -> float:
    """By how much the mean of one ``column`` of the sums of a hue exceeds what scatter makes of it.

    A JPEG keeps colours in blocks, in which all pixels are off alike. So where they lie in few
    blocks, many pixels tell no more than those do.
    """
    count, total, squares = 0.0, 0.0, 0.0
    for block in range(len(blocks)):
        count += blocks[block, 0]
        total += blocks[block, column]
        squares += blocks[block, column + 1]
    if count < LEAST_PIXELS:
        return 0.0
    mean = total / count
    variance = max(squares / count - mean * mean, 0.0) / count
    of_blocks = 0.0
    for block in range(len(blocks)):
        off = (blocks[block, column] - blocks[block, 0] * mean) / count
        of_blocks += off * off
    beyond: float = max(abs(mean) - np.sqrt(6 * max(variance, of_blocks)), 0.0)
    return beyond


@numba.njit(cache=True)
def _add(have: Tones, want: Floats, sums: Tones) -> None:
    """Add how far one pixel is turned and paled to the ``sums`` of its hue and lightness."""
    a = lab_of_levels(have[0], have[1], have[2])
    b = lab_of_levels(want[0], want[1], want[2])
    green, blue = a[1] + b[1], a[2] + b[2]
    chroma = np.sqrt(green * green + blue * blue)
    if chroma < 2 * LEAST_CHROMA:
        return
    share = min(1.0, 2 * USUAL_CHROMA / chroma)
    turned = share * ((a[2] - b[2]) * green - (a[1] - b[1]) * blue) / chroma
    paled = share * ((a[1] - b[1]) * green + (a[2] - b[2]) * blue) / chroma
    hue = int((np.arctan2(blue, green) / (2 * np.pi) + 1) * HUES) % HUES
    part = sums[hue, min(int(b[0] / 34), LIGHTS - 1)]
    part[0] += 1
    part[1] += turned
    part[2] += turned * turned
    part[3] += paled
    part[4] += paled * paled
