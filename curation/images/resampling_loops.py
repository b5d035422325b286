"""The compiled loops of the resizing: whole numbers throughout, so the same on every machine.

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
ABREAST: Final = 4
"""Lines of finer levels that are turned at once; their number must be a multiple of it."""

_TO_FINER: Final = 8
"""Bits to drop from a sum of grey levels by weight for it to be in finer levels."""
_TO_SAME: Final = 14
"""The same for a sum of finer levels."""
_MOST: Final = (1 << 15) - 1
"""A finer level beyond this is twice as bright as white: nothing is lost with it."""
_CACHE_LINE: Final = 8
"""Words of 64 bits that the processor fetches, and puts down, together."""

Fine = npt.NDArray[np.int16]
Sums = npt.NDArray[np.int32]
Indices = npt.NDArray[np.int64]

_GREY: Final = numba.types.Array(numba.uint8, 2, "C", readonly=True)
_FINE: Final = numba.types.Array(numba.int16, 2, "C", readonly=True)
_FIRSTS: Final = numba.types.Array(numba.int64, 1, "C", readonly=True)


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
def filter_pixels(source: Pixels, begin: int, end: int, firsts: Indices, weights: Fine) -> Fine:
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
def filter_finer(source: Fine, firsts: Indices, weights: Fine) -> Fine:
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
def turned(fine: Fine) -> Fine:
    """``fine`` (h, w) with rows and columns exchanged: (w, h).

    Of `ABREAST` rows, levels that lie under each other become one word, and the words of a cache
    line are put down together: a level at a time takes three times as long.
    """
    height, width = fine.shape
    columns = np.empty((width, height // ABREAST), np.int64)
    words = np.empty((_CACHE_LINE, width), np.int64)
    for begin in range(0, columns.shape[1], _CACHE_LINE):
        count = min(_CACHE_LINE, columns.shape[1] - begin)
        for k in range(count):
            top, line = (begin + k) * ABREAST, words[k]
            first, second, third, last = fine[top], fine[top + 1], fine[top + 2], fine[top + 3]
            for x in range(width):
                low = np.int64(np.uint16(first[x])) | np.int64(np.uint16(second[x])) << 16
                line[x] = low | np.int64(np.uint16(third[x])) << 32 | np.int64(last[x]) << 48
        for x in range(width):
            column = columns[x]
            for k in range(count):
                column[begin + k] = words[k, x]
    return columns.view(np.int16)


@numba.njit(inline="always")
def _round(grey: Pixels, fine: Fine) -> None:
    """Write finer levels (h, w) as grey levels of 0..255."""
    for y in range(len(fine)):
        levels, row = fine[y], grey[y]
        for x in range(len(row)):
            row[x] = min(max((np.int32(levels[x]) + FINER // 2) // FINER, 0), 255)


@numba.njit((_FINE,), cache=True)
def grey_levels(fine: Fine) -> Pixels:
    """Finer levels (h, w) rounded to 0..255."""
    grey = np.empty(fine.shape, np.uint8)
    _round(grey, fine)
    return grey


@numba.njit((_FINE,), cache=True)
def turned_levels(fine: Fine) -> Pixels:
    """Finer levels (h, w) rounded to 0..255, rows and columns exchanged as in `turned`: (w, h).

    Here eight rows make a word, so their number must be a multiple of eight.
    """
    height, width = fine.shape
    columns = np.empty((width, height // 8), np.uint64)
    grey, words = np.empty((8, width), np.uint8), np.empty(width, np.uint64)
    for i in range(columns.shape[1]):
        _round(grey, fine[8 * i : 8 * i + 8])
        for x in range(width):
            word = np.uint64(0)
            for k in range(8):
                word |= np.uint64(grey[k, x]) << np.uint64(8 * k)
            words[x] = word
        for x in range(width):
            columns[x, i] = words[x]
    return columns.view(np.uint8)
