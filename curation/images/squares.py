"""From a picture of any shape to square pixels of the sizes that are trained on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import numpy as np

from curation.images.resampling import lanczos
from pipeline.core.shards import Pixels

Squaring = Literal["crop", "crop_salient", "pad", "stretch"]

_LARGE, _SMALL = 256, 64
_WHITE: Final = 255


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
    Zhu, "On Aliased Resizing", CVPR 2022). 64 is always made from the 256, which is both cheaper
    and the same whether or not 256 is kept. ``crop`` takes the window at ``place``; ``pad`` adds
    white on both sides; ``stretch`` changes the proportions.
    """
    large = _square(picture, squaring, place)
    made = {_LARGE: large, _SMALL: lanczos(large, _SMALL, _SMALL)}
    return {size: made[size] for size in sizes}


def _square(picture: Pixels, squaring: Squaring, place: float) -> Pixels:
    height, width = picture.shape[:2]
    if squaring == "pad":
        return _padded(picture)
    if squaring != "stretch":
        left, top, side = window(width, height, place)
        picture = picture[top : top + side, left : left + side]
    return lanczos(picture, _LARGE, _LARGE)


def _padded(picture: Pixels) -> Pixels:
    """The whole of ``picture``, as large as fits, in the middle of white."""
    height, width = picture.shape[:2]
    scale = _LARGE / max(width, height)
    inside = lanczos(picture, max(1, round(width * scale)), max(1, round(height * scale)))
    square = np.full((_LARGE, _LARGE, 3), _WHITE, np.uint8)
    top, left = (_LARGE - inside.shape[0]) // 2, (_LARGE - inside.shape[1]) // 2
    square[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return square
