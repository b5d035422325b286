"""A judge without a network: how unlike two sets of images are, from fine grain to layout.

Each image is parted into a Laplacian pyramid, and of each level small patches are compared by the
sliced Wasserstein distance (Karras et al. 2018, section 5). There patches of each set are scaled by
the set's own mean and spread, which hides a shift of colour; here by those of the real images.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from pipeline.core.shards import Pixels
from train.metrics.distances import sliced_wasserstein

COARSEST_PX: Final = 16
"""Side of the last level, which holds what is left: layout and colour."""
PATCH_PX: Final = 7
PATCHES: Final = 64
"""Of each image and level; 128 changed no distance of the damage table by more than its spread
(`tests/benches/damages.py`)."""

_BLUR: Final = np.array([1, 4, 6, 4, 1], np.float32) / 16

Levels = npt.NDArray[np.float32]


class Pyramid:
    """The patches of some real images, with which others are compared."""

    def __init__(self, reals: Pixels) -> None:
        """``reals`` (n, s, s, 3)."""
        self._patches: dict[int, Levels] = {}
        self._scales: dict[int, tuple[Levels, Levels]] = {}
        for level in levels(reals):
            side = level.shape[1]
            patches = _patches(level)
            scale = patches.mean(axis=(0, 1)), patches.std(axis=(0, 1)) + np.float32(1e-6)
            self._scales[side] = scale
            self._patches[side] = _scaled(patches, scale)

    def distances(self, pixels: Pixels) -> dict[int, float]:
        """How far as many ``pixels`` (n, s, s, 3) are from the reals, by side of the level."""
        return {
            side: sliced_wasserstein(_scaled(_patches(level), self._scales[side]), own)
            for level, (side, own) in zip(levels(pixels), self._patches.items(), strict=True)
        }


def levels(pixels: Pixels) -> Iterator[Levels]:
    """The Laplacian pyramid of ``pixels``, the finest level first, each (n, side, side, 3).

    Enlarged and added up, the levels are the images again.
    """
    images = pixels.astype(np.float32)
    while images.shape[1] > COARSEST_PX and images.shape[1] % 2 == 0:
        smaller = _blurred(images)[:, ::2, ::2]
        yield images - doubled(smaller)
        images = smaller
    yield images


def doubled(images: Levels) -> Levels:
    """``images`` (n, s, s, 3) between whose pixels others are interpolated."""
    count, side, _, channels = images.shape
    wide = np.zeros((count, 2 * side, 2 * side, channels), np.float32)
    wide[:, ::2, ::2] = images
    return 4 * _blurred(wide)


def _blurred(images: Levels) -> Levels:
    for axis in (1, 2):
        images = ndimage.convolve1d(images, _BLUR, axis=axis, mode="mirror")
    return images


def _patches(level: Levels) -> Levels:
    """`PATCHES` patches of each image, (patches, pixels, channels), the same places at each call.

    A level smaller than a patch is one.
    """
    count, side = level.shape[:2]
    width = min(PATCH_PX, side)
    windows = sliding_window_view(level, (width, width), (1, 2))
    random = np.random.default_rng(side)
    image = np.repeat(np.arange(count), PATCHES)
    top, left = random.integers(0, side - width + 1, (2, len(image)))
    taken: Levels = windows[image, top, left].transpose(0, 2, 3, 1)
    return taken.reshape(len(image), width * width, 3)


def _scaled(patches: Levels, scale: tuple[Levels, Levels]) -> Levels:
    mean, spread = scale
    scaled: Levels = ((patches - mean) / spread).reshape(len(patches), -1)
    return scaled
