"""How far the colours of two pictures are apart once the tone of one was brought to the other's.

Another camera or another scan changes all of a picture alike: lighter, paler, a little warmer. A
colourway changes one part, such as the dial of a watch, and that no change of tone undoes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from curation.duplicates.lab import distance, to_lab

CELL: Final = 4
"""Pixels a side of the squares whose mean colours are compared."""

Floats = npt.NDArray[np.float32]

_CONTRAST: Final = (0.65, 1.5)
_LIFT: Final = (-45.0, 60.0)
_TINT: Final = (0.9, 1.1)
"""What may be changed: all levels by a factor and a sum, and each channel by a factor of its own.
With more freedom, a black dial becomes a blue one."""
_STEADY: Final = 400.0
"""Variance of the levels (20 squared) under which a picture says little about contrast."""
_CLIPPED: Final = (3.0, 252.0)
_DARK: Final = 8.0


def tone_distance(first: Floats, second: Floats) -> Floats:
    """Root mean square CIE76 distance of n pairs after the better of the two changes of tone: (n,).

    Of its square, so that a small part in another colour weighs more than a little everywhere.

    Args:
        first: sRGB levels 0..255 (n, side, side, 3).
        second: images of the same shape.
    """
    one, other = _cells(first), _cells(second)
    there = distance(_lab(_in_tone_of(one, other)), _lab(other))
    back = distance(_lab(_in_tone_of(other, one)), _lab(one))
    squares = np.minimum((there**2).mean(axis=(1, 2)), (back**2).mean(axis=(1, 2)))
    return np.asarray(np.sqrt(squares), np.float32)


def _cells(levels: Floats) -> Floats:
    n, side = levels.shape[:2]
    cells: Floats = levels.reshape(n, side // CELL, CELL, side // CELL, CELL, 3).mean(axis=(2, 4))
    return cells


def _in_tone_of(images: Floats, wanted: Floats) -> Floats:
    """``images`` with the contrast, brightness and tint that bring them nearest to ``wanted``.

    Least squares over all channels, without what is clipped in ``wanted``, towards no change
    where there is little to go by; then the tint from the mean of each channel.
    """
    rows = len(images), int(np.prod(images.shape[1:]))
    have, want = images.reshape(rows), wanted.reshape(rows)
    counts = ((want > _CLIPPED[0]) & (want < _CLIPPED[1])).astype(np.float32)
    total = np.maximum(counts.sum(axis=1), 1)
    mean_have, mean_want = (have * counts).sum(axis=1) / total, (want * counts).sum(axis=1) / total
    centred = (have - mean_have[:, None]) * counts
    covariance = (centred * (want - mean_want[:, None])).sum(axis=1) / total
    contrast = (covariance + _STEADY) / ((centred**2).sum(axis=1) / total + _STEADY)
    contrast = contrast.clip(*_CONTRAST)
    lift = (mean_want - contrast * mean_have).clip(*_LIFT)
    toned = contrast[:, None, None, None] * images + lift[:, None, None, None]
    tint = (wanted.mean(axis=(1, 2)) + _DARK) / (toned.mean(axis=(1, 2)).clip(0) + _DARK)
    tint = (tint / tint.mean(axis=1, keepdims=True)).clip(*_TINT)
    return np.asarray((toned * tint[:, None, None, :]).clip(0, 255), np.float32)


def _lab(levels: Floats) -> Floats:
    return to_lab((levels + 0.5).clip(0, 255).astype(np.uint8))
