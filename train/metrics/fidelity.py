"""How near pictures are to their truth, pixel by pixel: PSNR and SSIM."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pipeline.core.shards import Pixels

_LARGEST: Final = 255.0
_SIGMA: Final = 1.5
_REACH: Final = 5
"""Pixels on each side: the window has 11, as in the paper."""
_STABLE: Final = ((0.01 * _LARGEST) ** 2, (0.03 * _LARGEST) ** 2)

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def psnr(made: Pixels, truth: Pixels, where: Mask | None = None) -> Numbers:
    """Peak signal to noise in decibels, of each of ``made`` (n, s, s, 3): (n,).

    Only where the mask (n, s, s) is set, if there is one; infinite where nothing differs.
    """
    squares = np.square(made.astype(np.float64) - truth).mean(axis=3)
    if where is None:
        error = squares.mean(axis=(1, 2))
    else:
        error = (squares * where).sum(axis=(1, 2)) / np.maximum(where.sum(axis=(1, 2)), 1)
    with np.errstate(divide="ignore"):
        decibels: Numbers = 10 * np.log10(_LARGEST**2 / error)
    return decibels


def ssim(made: Pixels, truth: Pixels) -> Numbers:
    """Structural similarity (Wang et al. 2004, section III-B) of each picture: (n,), 1 for equals.

    In windows of a normal distribution (sigma 1.5, 11 by 11 pixels), the mean over all pixels
    whose window lies inside and over the three channels.
    """
    a, b = made.astype(np.float64), truth.astype(np.float64)
    mean_a, mean_b = _windowed(a), _windowed(b)
    variance_a = _windowed(a * a) - mean_a**2
    variance_b = _windowed(b * b) - mean_b**2
    together = _windowed(a * b) - mean_a * mean_b
    first, second = _STABLE
    alike = (2 * mean_a * mean_b + first) * (2 * together + second)
    alike /= (mean_a**2 + mean_b**2 + first) * (variance_a + variance_b + second)
    inner: Numbers = alike[:, _REACH:-_REACH, _REACH:-_REACH].mean(axis=(1, 2, 3))
    return inner


def _windowed(images: Numbers) -> Numbers:
    for axis in (1, 2):
        images = ndimage.gaussian_filter1d(
            images, _SIGMA, axis=axis, truncate=_REACH / _SIGMA, mode="reflect"
        )
    return images
