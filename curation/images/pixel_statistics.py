"""Statistics of pixels as compiled loops, in whole numbers, like those of `resampling_loops`."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from pipeline.core.shards import Pixels

Indices = npt.NDArray[np.int64]

_GREY: Final = numba.types.Array(numba.uint8, 2, "C", readonly=True)
_PICTURE: Final = numba.types.Array(numba.uint8, 3, "C", readonly=True)
_EDGES: Final = numba.types.Array(numba.int64, 1, "C", readonly=True)
_FLAGS: Final = numba.types.Array(numba.boolean, 2, "C", readonly=True)


@numba.njit((_GREY, _EDGES, _EDGES), cache=True)
def mean_luminance(lines: Pixels, tops: Indices, lefts: Indices) -> Pixels:
    """Means of the luminance (ITU-R 601, rounded as Pillow does) of ``lines`` (h, w * 3).

    Pixel i, j of the result is the mean of those between ``tops[i]``, ``tops[i + 1]`` and
    ``lefts[j]``, ``lefts[j + 1]``. Widths may differ by one.
    """
    widths = lefts[1:] - lefts[:-1]
    least = widths.min()
    firsts = lefts[:-1].astype(np.uint32)
    wider = np.where(widths > least, np.uint32(0xFFFFFFFF), np.uint32(0))
    shares = 1.0 / widths
    line = np.zeros(lines.shape[1] // 3 + 1, np.uint32)
    covered = np.empty(len(widths), np.uint32)
    means = np.empty((len(tops) - 1, len(widths)), np.uint8)
    for i in range(len(means)):
        line[:] = 0
        for y in range(tops[i], tops[i + 1]):
            row = lines[y]
            for x in range(len(line) - 1):
                red, green, blue = row[3 * x], row[3 * x + 1], row[3 * x + 2]
                grey = np.uint32(19595) * red + np.uint32(38470) * green + np.uint32(7471) * blue
                line[x] += (grey + np.uint32(1 << 15)) >> np.uint32(16)
        for j in range(len(widths)):
            covered[j] = line[firsts[j]] + (line[firsts[j] + np.uint32(least)] & wider[j])
        for k in range(1, least):
            for j in range(len(widths)):
                covered[j] += line[firsts[j] + np.uint32(k)]
        share, mean = 1.0 / (tops[i + 1] - tops[i]), means[i]
        for j in range(len(widths)):
            mean[j] = np.int32(np.int32(covered[j]) * shares[j] * share + 0.5)
    return means


@numba.njit((_GREY,), cache=True)
def histogram(grey: Pixels) -> Indices:
    """How often each level of ``grey`` (h, w) occurs: (256,)."""
    counts = np.zeros(256, np.int64)
    for row in grey:
        for level in row:
            counts[level] += 1
    return counts


@numba.njit((_GREY, numba.int64), cache=True)
def laplacian_sums(grey: Pixels, cells: int) -> tuple[int, Indices]:
    """Sums of the four-neighbour Laplacian inside ``grey`` (h, w): of it, and of its squares.

    The latter apart for each of ``cells`` x ``cells`` parts of ``grey``.
    """
    total = 0
    squares = np.zeros((cells, cells), np.int64)
    height, width = grey.shape
    for y in range(1, height - 1):
        above, row, below = grey[y - 1], grey[y], grey[y + 1]
        part = squares[y * cells // height]
        for j in range(cells):
            inside = np.int64(0)
            # The columns x of which x * cells // width is j.
            first = max(-(-j * width // cells), 1)
            for x in range(first, min(-(-(j + 1) * width // cells), width - 1)):
                around = np.int32(above[x]) + below[x] + row[x - 1] + row[x + 1]
                value = around - 4 * np.int32(row[x])
                total += value
                inside += value * value
            part[j] += inside
    return total, squares


@numba.njit((_PICTURE, _FLAGS), cache=True)
def total_differences(image: Pixels, moves: npt.NDArray[np.bool_]) -> Indices:
    """Sums of absolute differences between a square ``image`` (n, n, 3) and itself, moved: (m,).

    Each of ``moves`` (m, 3) says whether rows and columns are exchanged, then whether the rows,
    and the columns, are reversed.
    """
    side = len(image)
    # By what is done to a line (exchanged, reversed); colour by colour, so that bytes that are
    # compared lie side by side.
    views = np.empty((2, 2, side, 3 * side), np.uint8)
    for y in range(side):
        for x in range(side):
            for channel in range(3):
                begin, level = channel * side, image[y, x, channel]
                views[0, 0, y, begin + x] = level
                views[0, 1, y, begin + side - 1 - x] = level
                views[1, 0, x, begin + y] = level
                views[1, 1, x, begin + side - 1 - y] = level
    totals = np.zeros(len(moves), np.int64)
    for i in range(len(moves)):
        moved = views[int(moves[i, 0]), int(moves[i, 2])]
        total = np.int32(0)
        for y in range(side):
            line, moved_line = views[0, 0, y], moved[side - 1 - y if moves[i, 1] else y]
            for x in range(len(line)):
                total += abs(np.int32(line[x]) - np.int32(moved_line[x]))
        totals[i] = total
    return totals


@numba.njit((_PICTURE,), cache=True)
def jumps_and_clipped(picture: Pixels) -> tuple[Indices, Indices, int]:
    """Sums and numbers of the jumps between neighbours in ``picture`` (h, w, 3), by their place.

    Each is (2, 8): across, then down, by the remainder of the place of the former of the two
    neighbours; across in every fourth row, and down in every fourth column. Last is how many of
    the pixels in every fourth row have a channel that is as bright as can be.
    """
    sums, counts = np.zeros((2, 8), np.int64), np.zeros((2, 8), np.int64)
    height, width = picture.shape[:2]
    clipped = 0
    for y in range(0, height, 4):
        row = picture[y]
        before = np.int32(0)
        for x in range(width):
            red, green, blue = np.int32(row[x, 0]), np.int32(row[x, 1]), np.int32(row[x, 2])
            if red >= 254 or green >= 254 or blue >= 254:
                clipped += 1
            level = red + 2 * green + blue
            if x > 0:
                sums[0, (x - 1) & 7] += abs(level - before)
            before = level
    for y in range(height - 1):
        row, below = picture[y], picture[y + 1]
        total = 0
        for x in range(0, width, 4):
            change = np.int32(below[x, 0]) + 2 * np.int32(below[x, 1]) + below[x, 2]
            change -= np.int32(row[x, 0]) + 2 * np.int32(row[x, 1]) + row[x, 2]
            total += abs(change)
        sums[1, y & 7] += total
    for k in range(8):
        counts[0, k] = ((width - 2 - k) // 8 + 1) * ((height + 3) // 4)
        counts[1, k] = ((height - 2 - k) // 8 + 1) * ((width + 3) // 4)
    return sums, counts, clipped
