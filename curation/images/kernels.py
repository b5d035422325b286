"""The compiled loops over pixels: whole numbers throughout, so the same on every machine.

Each has its types written out and is therefore compiled (or fetched from numba's cache) when it
is imported, and never a second time for an array that lies in memory in another way.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from pipeline.core.shards import Pixels

UNIT: Final = 1 << 14
"""What stands for 1 in a weight of 16 bits, which may be negative and somewhat larger than 1."""
FINER: Final = 1 << 6
"""Finer levels in one grey level: what is kept between the passes of a resizing."""

_TO_FINER: Final = 8
"""Bits to drop from a sum of grey levels by weight for it to be in finer levels."""
_TO_SAME: Final = 14
"""The same for a sum of finer levels."""
_MOST: Final = (1 << 15) - 1
"""A finer level beyond this is twice as bright as white: nothing is lost with it."""

Fine = npt.NDArray[np.int16]
Sums = npt.NDArray[np.int32]
Indices = npt.NDArray[np.int64]

_GREY: Final = numba.types.Array(numba.uint8, 2, "C", readonly=True)
_FINE: Final = numba.types.Array(numba.int16, 2, "C", readonly=True)
_FIRSTS: Final = numba.types.Array(numba.int64, 1, "C", readonly=True)
_INDICES: Final = numba.types.Array(numba.int64, 2, "C", readonly=True)


@numba.njit(inline="always")
def _add_rows(
    line: Sums,
    source: npt.NDArray[np.integer],
    begin: int,
    top: int,
    weights: Fine,
) -> None:
    """Add to ``line`` the rows of ``source`` from ``top`` on, by weight, two at a time."""
    last, end = len(source) - 1, begin + len(line)
    for k in range(0, len(weights), 2):
        upper = source[min(top + k, last), begin:end]
        lower = source[min(top + k + 1, last), begin:end]
        above, below = np.int32(weights[k]), np.int32(weights[k + 1])
        for x in range(len(line)):
            line[x] += above * np.int32(upper[x]) + below * np.int32(lower[x])


@numba.njit((_GREY, numba.int64, numba.int64, _FIRSTS, _FINE), cache=True)
def weigh_pixels(source: Pixels, begin: int, end: int, firsts: Indices, weights: Fine) -> Fine:
    """Sums of rows of ``source`` (h, w), columns ``begin`` to ``end``: finer levels (n, columns).

    Row i of the result is the sum of ``weights[i]`` (an even number of them; zero where they
    stand for rows beyond the last) times the rows from ``firsts[i]`` on.
    """
    sums = np.empty((len(firsts), end - begin), np.int16)
    line = np.empty(end - begin, np.int32)
    for i in range(len(firsts)):
        line[:] = 1 << (_TO_FINER - 1)
        _add_rows(line, source, begin, firsts[i], weights[i])
        row = sums[i]
        for x in range(len(line)):
            row[x] = line[x] >> _TO_FINER
    return sums


@numba.njit((_FINE, _FIRSTS, _FINE), cache=True)
def weigh_finer(source: Fine, firsts: Indices, weights: Fine) -> Fine:
    """The same of finer levels (h, w): (n, w)."""
    sums = np.empty((len(firsts), source.shape[1]), np.int16)
    line = np.empty(source.shape[1], np.int32)
    for i in range(len(firsts)):
        line[:] = 1 << (_TO_SAME - 1)
        _add_rows(line, source, 0, firsts[i], weights[i])
        row = sums[i]
        for x in range(len(line)):
            row[x] = min(max(line[x] >> _TO_SAME, -_MOST), _MOST)
    return sums


@numba.njit((_FINE,), cache=True)
def grey_levels(fine: Fine) -> Pixels:
    """Finer levels (h, w) rounded to 0..255."""
    grey = np.empty(fine.shape, np.uint8)
    for y in range(len(fine)):
        levels, row = fine[y], grey[y]
        for x in range(len(row)):
            row[x] = min(max((np.int32(levels[x]) + FINER // 2) // FINER, 0), 255)
    return grey


@numba.njit((_GREY,), cache=True)
def colours(planes: Pixels) -> Pixels:
    """A picture (h, w, 3) out of its columns, each with its three colours in turn (w, 3 * h)."""
    height = planes.shape[1] // 3
    picture = np.empty((height, len(planes), 3), np.uint8)
    for x in range(len(planes)):
        red, green, blue = planes[x, :height], planes[x, height:-height], planes[x, -height:]
        for y in range(height):
            picture[y, x, 0] = red[y]
            picture[y, x, 1] = green[y]
            picture[y, x, 2] = blue[y]
    return picture


@numba.njit((_GREY, _FIRSTS, _FIRSTS), cache=True)
def mean_luminance(lines: Pixels, tops: Indices, lefts: Indices) -> Pixels:
    """Means of the luminance (ITU-R 601, rounded as Pillow does) of ``lines`` (h, w * 3).

    Pixel i, j of the result is the mean of those between ``tops[i]``, ``tops[i + 1]`` and
    ``lefts[j]``, ``lefts[j + 1]``.
    """
    width = lines.shape[1] // 3
    means = np.empty((len(tops) - 1, len(lefts) - 1), np.uint8)
    line = np.empty(width, np.uint32)
    to_the_left = np.zeros(width + 1, np.uint32)
    shares = 1.0 / (lefts[1:] - lefts[:-1])
    for i in range(len(means)):
        line[:] = 0
        for y in range(tops[i], tops[i + 1]):
            row = lines[y]
            for x in range(width):
                red, green, blue = row[3 * x], row[3 * x + 1], row[3 * x + 2]
                grey = np.uint32(19595) * red + np.uint32(38470) * green + np.uint32(7471) * blue
                line[x] += (grey + np.uint32(1 << 15)) >> np.uint32(16)
        total = np.uint32(0)
        for x in range(width):
            total += line[x]
            to_the_left[x + 1] = total
        share, mean = 1.0 / (tops[i + 1] - tops[i]), means[i]
        for j in range(len(shares)):
            covered = np.int32(to_the_left[lefts[j + 1]] - to_the_left[lefts[j]])
            mean[j] = np.int32(covered * shares[j] * share + 0.5)
    return means


@numba.njit((_GREY,), cache=True)
def histogram(grey: Pixels) -> Indices:
    """How often each level of ``grey`` (h, w) occurs: (256,)."""
    counts = np.zeros(256, np.int64)
    for row in grey:
        for level in row:
            counts[level] += 1
    return counts


@numba.njit((_GREY,), cache=True)
def laplacian_sums(grey: Pixels) -> tuple[int, int]:
    """Sum, and sum of squares, of the four-neighbour Laplacian inside ``grey`` (h, w)."""
    total = squares = 0
    for y in range(1, grey.shape[0] - 1):
        above, row, below = grey[y - 1], grey[y], grey[y + 1]
        for x in range(1, grey.shape[1] - 1):
            around = np.int32(above[x]) + below[x] + row[x - 1] + row[x + 1]
            value = around - 4 * np.int32(row[x])
            total += value
            squares += value * value
    return total, squares


@numba.njit((_GREY, _INDICES), cache=True)
def total_differences(samples: Pixels, moved: Indices) -> Indices:
    """Sums of absolute differences between a square, ``samples`` (n * n, 3), and itself: (m,).

    Row i of ``moved`` (m, n * n) names the sample that comes to each place; within a line of n of
    them they lie at even distances.
    """
    side = int(np.sqrt(len(samples)))
    totals = np.zeros(len(moved), np.int64)
    for i in range(len(moved)):
        total = np.int32(0)
        for line in range(0, len(samples), side):
            start = moved[i, line]
            step = moved[i, line + 1] - start
            for x in range(side):
                was, comes = samples[line + x], samples[start + x * step]
                for channel in range(3):
                    total += abs(np.int32(was[channel]) - np.int32(comes[channel]))
        totals[i] = total
    return totals
