"""Laying one image over another that shows the same picture cropped, tilted or a little squashed.

Gauss-Newton steps on the squared difference of the lightness (Lucas and Kanade, IJCAI 1981; the
image is warped anew before each step, the slopes are those of the target and therefore once for
all, as in Baker and Matthews, IJCV 2004), for an affine warp, on half the pixels and then on all.

`python -m tests.benches.duplicate_bounds FOLDER --vary registration.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Warp = npt.NDArray[np.float64]
"""Where in the first image each pixel of the second lies: u = w[0] + w[1] x + w[2] y and
v = w[3] + w[4] x + w[5] y, all measured in pixels of 64 from the middle."""

MAX_DRIFT: Final = 5.0
"""Pixels of 64 by which steps may move a corner from where it was looked for: a tilt of 3 degrees
moves it by 2.4, a crop of 5 % on one side alone by 3.2."""
COARSE_STEPS: Final = 8
FINE_STEPS: Final = 4
LEAST_SHARE: Final = 0.5
"""Of the target that the warped image must cover."""

_DAMPING: Final = 1e-3
_STILL: Final = 0.02
"""Pixels: a step that moves no corner by more is the last one."""


@numba.njit(cache=True)
def halved(image: Floats) -> Floats:
    """Means of two by two pixels of ``image`` (h, w)."""
    made = np.empty((image.shape[0] // 2, image.shape[1] // 2), np.float32)
    for y in range(made.shape[0]):
        for x in range(made.shape[1]):
            above = image[2 * y, 2 * x] + image[2 * y, 2 * x + 1]
            below = image[2 * y + 1, 2 * x] + image[2 * y + 1, 2 * x + 1]
            made[y, x] = (above + below) / 4
    return made


@numba.njit(cache=True)
def blurred(image: Floats) -> Floats:
    """``image`` (h, w) by the binomial filter 1 4 6 4 1, with the border repeated."""
    height, width = image.shape
    rows, made = np.empty_like(image), np.empty_like(image)
    for y in range(height):
        a, b = max(y - 2, 0), max(y - 1, 0)
        c, d = min(y + 1, height - 1), min(y + 2, height - 1)
        for x in range(width):
            rows[y, x] = (
                image[a, x] + image[d, x] + 4 * (image[b, x] + image[c, x]) + 6 * image[y, x]
            ) / 16
    for x in range(width):
        a, b = max(x - 2, 0), max(x - 1, 0)
        c, d = min(x + 1, width - 1), min(x + 2, width - 1)
        for y in range(height):
            made[y, x] = (
                rows[y, a] + rows[y, d] + 4 * (rows[y, b] + rows[y, c]) + 6 * rows[y, x]
            ) / 16
    return made


@numba.njit(cache=True)
def warped_lightness(image: Floats, warp: Warp, made: Floats) -> int:
    """Read square ``image`` under ``warp`` into ``made``, linearly; NaN outside. Pixels inside."""
    side = len(image)
    middle, scale = (side - 1) / 2, side / 64
    count = 0
    for y in range(side):
        for x in range(side):
            from_left, from_top = (x - middle) / scale, (y - middle) / scale
            u = (warp[0] + warp[1] * from_left + warp[2] * from_top) * scale + middle
            v = (warp[3] + warp[4] * from_left + warp[5] * from_top) * scale + middle
            if u < -0.5 or v < -0.5 or u > side - 0.5 or v > side - 0.5:
                made[y, x] = np.nan
                continue
            u, v = min(max(u, 0.0), side - 1.001), min(max(v, 0.0), side - 1.001)
            i, j = int(v), int(u)
            a, b = v - i, u - j
            made[y, x] = (1 - a) * ((1 - b) * image[i, j] + b * image[i, j + 1]) + a * (
                (1 - b) * image[i + 1, j] + b * image[i + 1, j + 1]
            )
            count += 1
    return count


@numba.njit(cache=True)
def drift(warp: Warp, start: Warp) -> float:
    """Most pixels by which ``warp`` lays a corner elsewhere than ``start`` does."""
    most = 0.0
    for x in (-31.5, 31.5):
        for y in (-31.5, 31.5):
            u = warp[0] - start[0] + (warp[1] - start[1]) * x + (warp[2] - start[2]) * y
            v = warp[3] - start[3] + (warp[4] - start[4]) * x + (warp[5] - start[5]) * y
            most = max(most, np.sqrt(u * u + v * v))
    return most


def degrees_turned(warps: Warp) -> Floats:
    """By how many degrees each of ``warps`` (n, 6) turns a picture, either way."""
    turns = np.arctan2(warps[:, 4] - warps[:, 2], warps[:, 1] + warps[:, 5])
    degrees: Floats = np.abs(np.rad2deg(turns)).astype(np.float32)
    return degrees


@numba.njit(cache=True)
def _moments(moved: Floats, target: Floats) -> tuple[int, float, float, float]:
    """Count and means of what both show, and the factor between their spreads."""
    count, a, b, aa, bb = 0, 0.0, 0.0, 0.0, 0.0
    for y in range(len(target)):
        for x in range(len(target)):
            if not np.isnan(moved[y, x]):
                count += 1
                a += moved[y, x]
                b += target[y, x]
                aa += moved[y, x] * moved[y, x]
                bb += target[y, x] * target[y, x]
    a, b = a / max(count, 1), b / max(count, 1)
    spread = max(aa / max(count, 1) - a * a, 1.0)
    target_spread = max(bb / max(count, 1) - b * b, 1.0)
    return count, a, b, np.sqrt(target_spread / spread)


@numba.njit(cache=True)
def _inverse(target: Floats) -> npt.NDArray[np.float64]:
    """The inverse of the normal equations of the six numbers, from the slopes of ``target``."""
    side = len(target)
    middle, scale = (side - 1) / 2, side / 64
    normal, slopes = np.zeros((6, 6)), np.empty(6)
    for y in range(1, side - 1):
        for x in range(1, side - 1):
            _slopes(target, y, x, middle, scale, slopes)
            for i in range(6):
                for j in range(i + 1):
                    normal[i, j] += slopes[i] * slopes[j]
    for i in range(6):
        for j in range(i):
            normal[j, i] = normal[i, j]
        normal[i, i] += _DAMPING * normal[i, i] + 1e-6 * side * side
    _invert(normal)
    return normal


@numba.njit(cache=True)
def _invert(matrix: npt.NDArray[np.float64]) -> None:
    """Invert a positive definite ``matrix`` in place (Gauss and Jordan).

    NumPy's own takes seconds to compile, on every machine.
    """
    for k in range(len(matrix)):
        pivot = matrix[k, k]
        matrix[k, k] = 1.0
        for j in range(len(matrix)):
            matrix[k, j] /= pivot
        for i in range(len(matrix)):
            if i != k:
                factor = matrix[i, k]
                matrix[i, k] = 0.0
                for j in range(len(matrix)):
                    matrix[i, j] -= factor * matrix[k, j]


@numba.njit(cache=True)
def _slopes(target: Floats, y: int, x: int, middle: float, scale: float, slopes: Warp) -> None:
    """How the lightness at a pixel changes with each of the six numbers."""
    across = 0.5 * (target[y, x + 1] - target[y, x - 1]) * scale
    down = 0.5 * (target[y + 1, x] - target[y - 1, x]) * scale
    from_left, from_top = (x - middle) / scale, (y - middle) / scale
    slopes[0], slopes[1], slopes[2] = across, across * from_left, across * from_top
    slopes[3], slopes[4], slopes[5] = down, down * from_left, down * from_top


@numba.njit(cache=True)
def _step(moved: Floats, target: Floats, inverse: npt.NDArray[np.float64]) -> Warp:
    """The change of the six numbers that lays ``moved`` better over ``target``."""
    side = len(target)
    middle, scale = (side - 1) / 2, side / 64
    count, mean, target_mean, gain = _moments(moved, target)
    right, slopes = np.zeros(6), np.empty(6)
    for y in range(1, side - 1):
        for x in range(1, side - 1):
            if np.isnan(moved[y, x]):
                continue
            error = target[y, x] - target_mean - gain * (moved[y, x] - mean)
            _slopes(target, y, x, middle, scale, slopes)
            for i in range(6):
                right[i] += slopes[i] * error
    # The equations are those of the whole target; what is not seen of it says nothing.
    share = side * side / count
    change = np.zeros(6)
    for i in range(6):
        for j in range(6):
            change[i] += share * inverse[i, j] * right[j]
    return change


@numba.njit(cache=True)
def refine(image: Floats, target: Floats, warp: Warp, start: Warp, steps: int) -> bool:
    """Improve ``warp`` in place until it stands still; whether it stayed near ``start``."""
    side = len(target)
    moved = np.empty_like(target)
    inverse = _inverse(target)
    for _ in range(steps):
        if warped_lightness(image, warp, moved) < LEAST_SHARE * side * side:
            return False
        change = _step(moved, target, inverse)
        # The slopes are the target's, which the warp itself stretches.
        a, b, c, d = 1 + change[1], change[2], change[4], 1 + change[5]
        before = warp.copy()
        warp[0] = before[0] + before[1] * change[0] + before[2] * change[3]
        warp[3] = before[3] + before[4] * change[0] + before[5] * change[3]
        warp[1], warp[2] = before[1] * a + before[2] * c, before[1] * b + before[2] * d
        warp[4], warp[5] = before[4] * a + before[5] * c, before[4] * b + before[5] * d
        if drift(warp, start) > MAX_DRIFT:
            return False
        if drift(warp, before) < _STILL:
            break
    return True
