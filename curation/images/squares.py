"""From a picture of any shape to square pixels of the sizes that are trained on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import numpy as np

from curation.images.resampling import CropBox, lanczos, pixels_of, smaller
from curation.images.resampling_loops import FINER, Fine
from pipeline.core.shards import Pixels

Squaring = Literal["crop", "crop_salient", "pad", "stretch"]

# The size from which all smaller ones are made, whether or not it is stored itself.
_LARGE: Final = 256
_WHITE: Final = 255 * FINER


class Window(NamedTuple):
    """The square that is cut out of a picture, in its pixels."""

    left: int
    top: int
    side: int


def crop_loss(width: int, height: int, squaring: Squaring) -> float:
    """Share of the area, 0..1, that is not in the square."""
    if squaring in {"pad", "stretch"}:
        return 0.0
    return 1.0 - min(width, height) / max(width, height)


def window(width: int, height: int, place: float) -> Window:
    """The largest square in a picture, ``place`` (0..1) of the way along its longer side."""
    side = min(width, height)
    return Window(int((width - side) * place), int((height - side) * place), side)


def place_of(overview: Pixels, squaring: Squaring) -> float:
    """Where along the longer side the square lies: 0..1, 0.5 for the middle.

    ``crop_salient`` puts it where the sum of the absolute gradients of ``overview`` (luminance,
    (h, w)) is largest, and as near to the middle as that allows.
    """
    free = abs(overview.shape[0] - overview.shape[1])
    if squaring != "crop_salient" or free == 0:
        return 0.5
    is_wide = overview.shape[1] > overview.shape[0]
    edges = _gradients(overview).sum(axis=0 if is_wide else 1)
    sums = np.convolve(edges, np.ones(min(overview.shape), np.int64), "valid")
    best = np.flatnonzero(sums == sums.max())
    nearest = np.abs(2 * best - free).argmin()
    return float(best[nearest] / free)


def _gradients(luminance: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    grey = luminance.astype(np.int64)
    down = np.abs(np.diff(grey, axis=0, append=grey[-1:]))
    across = np.abs(np.diff(grey, axis=1, append=grey[:, -1:]))
    return down + across


def resized(
    picture: Pixels, squaring: Squaring, sizes: Iterable[int], place: float = 0.5
) -> dict[int, Pixels]:
    """``picture`` (h, w, 3) as a square of each of ``sizes`` (64, 256): uint8 (size, size, 3).

    By the Lanczos filter, which widens with the factor and so does not alias (Parmar, Zhang and
    Zhu, "On Aliased Resizing", CVPR 2022). 64 is always made from the 256 before that is rounded,
    which is cheaper, as exact, and the same whether or not 256 is kept. ``crop`` takes the window
    at ``place``; ``pad`` adds white on both sides; ``stretch`` changes the proportions.
    """
    columns = _square(picture, squaring, place)
    return {
        size: pixels_of(columns) if size == _LARGE else smaller(columns, size) for size in sizes
    }


def _square(picture: Pixels, squaring: Squaring, place: float) -> Fine:
    """The square of 256 pixels, as `lanczos` gives it."""
    if squaring == "pad":
        return _padded(picture)
    if squaring == "stretch":
        return lanczos(picture, _LARGE, _LARGE)
    left, top, side = window(picture.shape[1], picture.shape[0], place)
    return lanczos(picture, _LARGE, _LARGE, CropBox(left, top, left + side, top + side))


def _padded(picture: Pixels) -> Fine:
    """The whole of ``picture``, as large as fits, in the middle of white."""
    height, width = picture.shape[:2]
    scale = _LARGE / max(width, height)
    inside = lanczos(picture, max(1, round(width * scale)), max(1, round(height * scale)))
    square = np.full((_LARGE, 3, _LARGE), _WHITE, np.int16)
    left, top = (_LARGE - inside.shape[0]) // 2, (_LARGE - inside.shape[2]) // 2
    square[left : left + inside.shape[0], :, top : top + inside.shape[2]] = inside
    return square
