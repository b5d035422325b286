"""Laying one image over another that is a crop of the same picture.

Gauss-Newton steps on the squared difference of the lightness (Lucas and Kanade, IJCAI 1981; the
forward-additive form of Baker and Matthews, IJCV 2004), for a shift and a stretch of each axis:
what a crop followed by resizing to a square does.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from curation.duplicates.lab import Lab

MAX_PIXELS: Final = 2.0
"""Farthest that a shift may move the middle, or a stretch the edge, of a 64-pixel image: a crop
of 6 %. With more room, two photographs of one model of watch become one."""

Floats = npt.NDArray[np.float32]

_STEPS: Final = ((2.0, 4), (1.0, 4))
"""Blur (standard deviation in pixels) and number of steps, coarse before fine."""
_MARGIN: Final = 4
_DAMPING: Final = 1e-3


def registered(left: Lab, right: Lab) -> Lab:
    """``left`` shifted and stretched so that its lightness lies over that of ``right``.

    Args:
        left: images (n, side, side, channels), the lightness first.
        right: images of the same shape.
    """
    warp = np.zeros((len(left), 4), np.float32)
    for blur, steps in _STEPS:
        moving, target = (_blurred(images[..., 0], blur) for images in (left, right))
        for _ in range(steps):
            warp += _step(_warped(moving, warp), target)
            np.clip(warp, -MAX_PIXELS, MAX_PIXELS, out=warp)
    return np.stack(
        [_warped(left[..., channel], warp) for channel in range(left.shape[-1])], axis=-1
    )


def _step(moved: Floats, target: Floats) -> Floats:
    """The change of (shift down, stretch down, shift across, stretch across): (n, 4)."""
    inside = slice(_MARGIN, -_MARGIN)
    moved, target = _normalised(moved[:, inside, inside]), _normalised(target[:, inside, inside])
    down, across = np.gradient(moved, axis=(1, 2))
    place = _places(target.shape[1]) * (target.shape[1] / (target.shape[1] + 2 * _MARGIN))
    slopes = np.stack([down, down * place[:, None], across, across * place[None, :]], axis=1)
    count = target.shape[1] * target.shape[2]
    slopes = slopes.reshape(len(moved), 4, count)
    error = (target - moved).reshape(len(moved), count, 1)
    normal = slopes @ slopes.transpose(0, 2, 1)
    damping = _DAMPING * count * np.eye(4, dtype=np.float32)
    return np.asarray(np.linalg.solve(normal + damping, slopes @ error)[..., 0], np.float32)


def _normalised(images: Floats) -> Floats:
    centred = images - images.mean(axis=(1, 2), keepdims=True)
    spread = np.maximum(centred.std(axis=(1, 2), keepdims=True), np.float32(1))
    return np.asarray(centred / spread, np.float32)


def _places(side: int) -> Floats:
    """The middle of each pixel, from -1 to 1 over the image."""
    return ((2 * np.arange(side) + 1) / side - 1).astype(np.float32)


def _warped(images: Floats, warp: Floats) -> Floats:
    """Each of ``images`` (n, side, side) resampled linearly under its own warp (n, 4)."""
    rows = _resampling(images.shape[1], warp[:, 0], warp[:, 1])
    columns = _resampling(images.shape[2], warp[:, 2], warp[:, 3])
    return np.asarray(rows @ images @ columns.transpose(0, 2, 1), np.float32)


def _resampling(side: int, shift: Floats, stretch: Floats) -> Floats:
    """Matrices (n, side, side) that read a line at places shifted and stretched."""
    wanted = np.arange(side) + shift[:, None] + stretch[:, None] * _places(side)
    distances = np.abs(np.clip(wanted, 0, side - 1)[..., None] - np.arange(side))
    weights: Floats = np.maximum(1 - distances, 0).astype(np.float32)
    return weights


def _blurred(images: Floats, sigma: float) -> Floats:
    side = images.shape[1]
    distances = np.arange(side)[:, None] - np.arange(side)[None, :]
    kernel = np.exp(-0.5 * (distances / sigma) ** 2)
    kernel = (kernel / kernel.sum(axis=1, keepdims=True)).astype(np.float32)
    blurred: Floats = kernel @ images @ kernel.T
    return blurred
