"""Borders of one colour round a picture, as scans and frames have them, and the picture within.

A border moves everything inside it, so that neither the hash nor the pixels of a square say any
longer what the picture is. Lines at the edge that are all of one colour are cut off here, be they
a border or the picture's own ground: two pictures are compared after both were treated alike.

`python -m tests.benches.duplicate_bounds FOLDER --vary borders.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from pipeline.core.shards import Pixels

MOST_LINES: Final = 12
"""Of 64 that are cut off on one side: nearly a fifth."""
MAX_LEVELS: Final = 6
"""By which any level in a border may differ from the outermost line's median: what JPEG leaves of
one colour. With 16, half as many bordered colour fields keep their hash."""

Margins = npt.NDArray[np.int64]


@numba.njit(cache=True)
def margins(pictures: Pixels) -> Margins:
    """How many lines of one colour each of ``pictures`` (n, side, side, 3) ends in: (n, 4).

    At the top, at the bottom, on the left, on the right; at most `MOST_LINES`.
    """
    counts = np.zeros((len(pictures), 4), np.int64)
    for n in range(len(pictures)):
        upright = pictures[n]
        placement = upright.transpose(1, 0, 2)
        for side in range(4):
            lines = upright if side < 2 else placement
            if side % 2:
                lines = lines[::-1]
            colour = np.array([np.median(lines[0, :, channel]) for channel in range(3)])
            is_border = True
            while is_border and counts[n, side] < MOST_LINES:
                line = lines[counts[n, side]]
                for place in range(len(line)):
                    for channel in range(3):
                        if abs(line[place, channel] - colour[channel]) > MAX_LEVELS:
                            is_border = False
                    if not is_border:
                        break
                counts[n, side] += is_border
    return counts
