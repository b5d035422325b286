"""One picture laid over another: where it lies, how well edges agree then, and its pixels there.

What is compiled stands in few flat functions: a compiled function is optimised anew in each one
that calls it, and the first run on a machine pays for that.

`python -m tests.benches.duplicate_bounds FOLDER --vary alignment.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from curation.duplicates.cielab import light_of_pixel
from curation.duplicates.registration import (
    COARSE_STEPS,
    FINE_STEPS,
    LEAST_SHARE,
    Warp,
    blurred,
    drift,
    halved,
    refine,
    warped_lightness,
)
from pipeline.core.shards import Pixels

SIDE: Final = 64
EDGE_NOISE: Final = 16.0
"""Mean square of the gradients (of L*, over two pixels) that JPEG makes of plain ground."""
SURE: Final = 0.995
"""Correlation of the gradients from which on nothing is moved."""
LEAST_EDGES: Final = 0.5
"""Correlation after the coarse steps, below which no finer ones are made, and nothing else is
measured: reproductions by other cameras have .91 and more, a spot on a picture of few edges .6."""

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

UNMOVED: Final = np.array([0.0, 1.0, 0.0, 0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Alignments:
    """How the first of each of n pairs lies over the second."""

    correlation: Floats
    """Of all gradients, -1..1."""
    warps: Warp
    """Where each pixel of the second lies in the first (n, 6)."""
    shift: Floats
    """Pixels by which a corner had to be moved."""
    is_flat: Flags
    """Pairs of which neither picture has edges."""


def align(first: Pixels, second: Pixels, starts: Warp) -> Alignments:
    """Lay each of ``first`` (n, 64, 64, 3) over its ``second``, looked for at ``starts`` (n, 6)."""
    count = len(first)
    made = Alignments(
        np.empty(count, np.float32), starts.copy(), np.empty(count, np.float32),
        np.empty(count, np.bool_),
    )  # fmt: skip
    _align_all(first, second, made.correlation, made.warps, made.shift, made.is_flat)
    return made


@numba.njit(cache=True)
def _align_all(
    first: Pixels,
    second: Pixels,
    correlation: Floats,
    warps: Warp,
    shift: Floats,
    is_flat: Flags,
) -> None:
    light, target = np.empty((SIDE, SIDE), np.float32), np.empty((SIDE, SIDE), np.float32)
    moved = np.empty((SIDE, SIDE), np.float32)
    for n in range(len(first)):
        for y in range(SIDE):
            for x in range(SIDE):
                ours, theirs = first[n, y, x], second[n, y, x]
                light[y, x] = light_of_pixel(ours[0], ours[1], ours[2])
                target[y, x] = light_of_pixel(theirs[0], theirs[1], theirs[2])
        warp = warps[n]
        warped_lightness(light, warp, moved)
        energy, target_energy, best = _correlation(moved, target)
        is_flat[n] = energy < EDGE_NOISE and target_energy < EDGE_NOISE
        best = _improve(light, target, warp, best)
        if best < LEAST_EDGES and drift(warp, UNMOVED) > 0:
            # Another view of a picture may be as near in layout and lie too far away.
            again = UNMOVED.copy()
            warped_lightness(light, again, moved)
            after = _improve(light, target, again, _correlation(moved, target)[2])
            if after > best:
                best = after
                for k in range(6):
                    warp[k] = again[k]
        correlation[n] = best
        shift[n] = drift(warp, UNMOVED)


@numba.njit(cache=True)
def _improve(light: Floats, target: Floats, warp: Warp, before: float) -> float:
    """Improve ``warp`` in place where that helps; the correlation of the gradients then."""
    if before >= SURE:
        return before
    start, better = warp.copy(), warp.copy()
    moved = np.empty((SIDE, SIDE), np.float32)
    coarse, coarse_target = blurred(halved(light)), blurred(halved(target))
    if not refine(coarse, coarse_target, better, start, COARSE_STEPS):
        return before
    warped_lightness(light, better, moved)
    if max(before, _correlation(moved, target)[2]) < LEAST_EDGES:
        return before
    refine(blurred(light), blurred(target), better, start, FINE_STEPS)
    if warped_lightness(light, better, moved) < LEAST_SHARE * SIDE * SIDE:
        return before
    after: float = _correlation(moved, target)[2]
    if after <= before:
        return before
    for k in range(6):
        warp[k] = better[k]
    return after


@numba.njit(cache=True)
def _correlation(moved: Floats, target: Floats) -> tuple[float, float, float]:
    """Mean squares of the gradients of ``moved`` and of ``target``, and their correlation.

    Where ``moved`` is not seen, it is NaN.
    """
    count, products, ours, theirs = 1, 0.0, 1e-6, 1e-6
    for y in range(1, SIDE - 1):
        for x in range(1, SIDE - 1):
            a, b = moved[y, x + 1] - moved[y, x - 1], moved[y + 1, x] - moved[y - 1, x]
            if np.isnan(a) or np.isnan(b):
                continue
            c, d = target[y, x + 1] - target[y, x - 1], target[y + 1, x] - target[y - 1, x]
            count += 1
            products += a * c + b * d
            ours += a * a + b * b
            theirs += c * c + d * d
    return ours / count, theirs / count, products / np.sqrt(ours * theirs)


@numba.njit(cache=True)
def warped_pictures(pictures: Pixels, warps: Warp) -> tuple[Floats, Flags]:
    """Each of ``pictures`` (n, 64, 64, 3) under its warp, and which pixels are seen (n, 64, 64).

    By cubic convolution (Keys, IEEE TASSP 1981, a = -.5).
    """
    made, is_seen = pictures.astype(np.float32), np.ones(pictures.shape[:3], np.bool_)
    across, down = np.empty(4, np.float32), np.empty(4, np.float32)
    rows, columns = np.empty(4, np.int64), np.empty(4, np.int64)
    for n in range(len(pictures)):
        if drift(warps[n], UNMOVED) == 0:
            continue
        levels, warp = made[n].copy(), warps[n]
        for y in range(SIDE):
            for x in range(SIDE):
                u = warp[0] + warp[1] * (x - 31.5) + warp[2] * (y - 31.5) + 31.5
                v = warp[3] + warp[4] * (x - 31.5) + warp[5] * (y - 31.5) + 31.5
                if u < -0.5 or v < -0.5 or u > SIDE - 0.5 or v > SIDE - 0.5:
                    is_seen[n, y, x] = False
                    for k in range(3):
                        made[n, y, x, k] = 0
                    continue
                _cubic(v, rows, down)
                _cubic(u, columns, across)
                for k in range(3):
                    level = np.float32(0)
                    for p in range(4):
                        line = np.float32(0)
                        for q in range(4):
                            line += across[q] * levels[rows[p], columns[q], k]
                        level += down[p] * line
                    made[n, y, x, k] = min(max(level, np.float32(0)), np.float32(255))
    return made, is_seen


@numba.njit(cache=True)
def _cubic(place: float, places: npt.NDArray[np.int64], weights: Floats) -> None:
    """The four pixels about a ``place``, and what each of them counts for."""
    before = int(np.floor(place))
    t = place - before
    weights[0] = ((-0.5 * t + 1) * t - 0.5) * t
    weights[1] = (1.5 * t - 2.5) * t * t + 1
    weights[2] = ((-1.5 * t + 2) * t + 0.5) * t
    weights[3] = (0.5 * t - 0.5) * t * t
    for p in range(4):
        places[p] = min(max(before - 1 + p, 0), SIDE - 1)
