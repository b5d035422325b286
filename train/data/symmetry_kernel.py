"""Bytes to numbers under a symmetry, on the CPU: one compiled pass over each image.

In three passes, one to turn, one to convert and one to scale, an image of 256 pixels takes three
times as long, most of it to fetch and put down again what the pass before had just put down.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES, steps

Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.float32]

LEVELS: Final[Levels] = np.arange(256, dtype=np.float32) / np.float32(127.5) - np.float32(1)
"""What becomes of each byte: `train.data.real_images.to_float`, to the bit."""

_STEPS: Final[Flags] = np.array([steps(symmetry) for symmetry in SYMMETRIES])

_PIXELS: Final = numba.types.Array(numba.uint8, 4, "C", readonly=True)
_ROWS: Final = numba.types.Array(numba.int64, 1, "C", readonly=True)
_FLAGS: Final = numba.types.Array(numba.boolean, 2, "C", readonly=True)
_LEVELS: Final = numba.types.Array(numba.float32, 1, "C", readonly=True)
_IMAGES: Final = numba.types.Array(numba.float32, 4, "C")


def under_symmetries(pixels: Pixels, rows: Indices, symmetries: Indices) -> Tensor:
    """``pixels[rows]``, each under its own symmetry, as float32 (n, 3, s, s) in -1..1.

    ``pixels`` are (m, s, s, 3), ``symmetries`` places in `SYMMETRIES`; the result lies in memory
    with its channels last.
    """
    side = pixels.shape[1]
    images = torch.empty(len(rows), side, side, 3)
    _fill(pixels, rows, _STEPS[symmetries], LEVELS, images.numpy())
    return images.permute(0, 3, 1, 2)


@numba.njit((_PIXELS, _ROWS, _FLAGS, _LEVELS, _IMAGES), cache=True)
def _fill(pixels: Pixels, rows: Indices, how: Flags, levels: Levels, images: Levels) -> None:
    last = pixels.shape[1] - 1
    for k in range(len(rows)):
        stored, image = pixels[rows[k]], images[k]
        transpose, up, back = how[k]
        for y in range(last + 1):
            down = last - y if up else y
            for x in range(last + 1):
                right = last - x if back else x
                point = stored[right, down] if transpose else stored[down, right]
                for channel in range(3):
                    image[y, x, channel] = levels[point[channel]]
