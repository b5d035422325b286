"""Where do all pictures have the same edge? A map on which a learnt watermark shows.

Edges of pictures of different things cancel in the mean; those of a mark that lies at one place
in all of them do not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.core.shards import Pixels

LEAST_EDGE: Final = 1.0
"""Grey levels a pixel; where edges are weaker on average there is nothing to be found."""

_CHUNK: Final = 256

Map = npt.NDArray[np.float64]


def persistence(pixels: Pixels) -> Map:
    """|mean gradient| / mean |gradient| over ``pixels`` (n, s, s, 3): (s - 1, s - 1) in 0..1.

    1 is the same edge in all pictures; unlike pictures have about 1 / sqrt(n).
    """
    size = pixels.shape[1] - 1
    total, lengths = np.zeros((2, size, size)), np.zeros((size, size))
    for start in range(0, len(pixels), _CHUNK):
        grey = pixels[start : start + _CHUNK].mean(axis=3)
        down = (grey[:, 1:] - grey[:, :-1])[:, :, :-1]
        right = (grey[:, :, 1:] - grey[:, :, :-1])[:, :-1]
        total += np.stack([down.sum(axis=0), right.sum(axis=0)])
        lengths += np.hypot(down, right).sum(axis=0)
    persistent: Map = np.hypot(*total) / np.maximum(lengths, LEAST_EDGE * len(pixels))
    return persistent


def map_picture(persistent: Map) -> Pixels:
    """A map as a grey picture (s, s, 3), white where all pictures agree."""
    grey = np.pad((persistent * 255).round().astype(np.uint8), ((0, 1), (0, 1)), mode="edge")
    return grey[:, :, None].repeat(3, axis=2)
