"""Does the model copy? The nearest training image of each sample, under all eight symmetries.

Search is by pixels averaged to 16 by 16, over every training image; features then judge the pair
that was found. How near is too near is read off the training images themselves: nearer than all
but a hundredth of them are to their own nearest neighbour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES, apply
from train.data.real_images import RealImages, shrunk
from train.data.variants import Indices

THUMBNAIL_PX: Final = 16
COPY_QUANTILE: Final = 0.01

_CHUNK: Final = 8192

Thumbnails = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Neighbours:
    """For each query the nearest image, the symmetry that brings it nearest, and how near."""

    image: Indices
    symmetry: Indices
    """Place in `SYMMETRIES`; applied to the image, not to the query."""
    distance: npt.NDArray[np.float32]
    """Root mean square difference of the thumbnails, 0..255."""


def thumbnails(pixels: Pixels) -> Thumbnails:
    """``pixels`` (n, s, s, 3) averaged to (n, 16 * 16 * 3); smaller ones are repeated."""
    size = pixels.shape[1]
    if size < THUMBNAIL_PX:
        factor = THUMBNAIL_PX // size
        pixels = pixels.repeat(factor, axis=1).repeat(factor, axis=2)
    small = shrunk(pixels, THUMBNAIL_PX)
    return small.reshape(len(small), THUMBNAIL_PX**2 * 3).astype(np.float32)


def nearest(
    queries: Pixels, images: RealImages, own: npt.NDArray[np.int64] | None = None
) -> Neighbours:
    """The image nearest to each of ``queries`` (n, s, s, 3) under any symmetry.

    ``images`` are taken as stored. Where the queries are some of them, ``own`` holds their
    places, and no query is its own neighbour.
    """
    count = len(queries)
    best = np.full(count, np.inf, np.float32)
    image, symmetry = np.zeros(count, np.int64), np.zeros(count, np.int64)
    asked = thumbnails(queries)
    for start, chunk in _chunks(images):
        for number, pattern in enumerate(SYMMETRIES):
            turned = np.stack([apply(pattern, each) for each in chunk])
            squares = _mean_squares(asked, turned.reshape(len(turned), -1))
            if own is not None:
                here = (own >= start) & (own < start + len(chunk))
                squares[here, own[here] - start] = np.inf
            place = squares.argmin(axis=1)
            value = squares[np.arange(count), place]
            better = value < best
            best[better], symmetry[better] = value[better], number
            image[better] = place[better] + start
    return Neighbours(image, symmetry, np.sqrt(best))


def copy_share(
    distances: npt.NDArray[np.floating], between_reals: npt.NDArray[np.floating]
) -> tuple[float, float]:
    """Share of ``distances`` below the hundredth of those between reals, and that hundredth."""
    threshold = float(np.quantile(between_reals, COPY_QUANTILE))
    return float((distances < threshold).mean()), threshold


def copying(samples: npt.NDArray[np.floating], held_out: npt.NDArray[np.floating]) -> float:
    """How much nearer ``samples`` are to training images than ``held_out`` are, as a z value.

    The Mann-Whitney statistic of the distances, standardised: 0 where both are as near, negative
    where samples are nearer, and below -3 hardly by chance (Meehan et al. 2020, section 4; there
    within each cell of the data, here over all of it).
    """
    ordered = np.sort(held_out)
    nearer = np.searchsorted(ordered, samples, "left") + np.searchsorted(ordered, samples, "right")
    pairs = len(samples) * len(held_out)
    spread = np.sqrt(pairs * (len(samples) + len(held_out) + 1) / 12)
    return float((nearer.sum() / 2 - pairs / 2) / spread)


def _chunks(images: RealImages) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    for start in range(0, len(images), _CHUNK):
        places = np.arange(start, min(start + _CHUNK, len(images)))
        small = thumbnails(images.pixels(places))
        yield start, small.reshape(-1, THUMBNAIL_PX, THUMBNAIL_PX, 3)


def _mean_squares(a: Thumbnails, b: Thumbnails) -> npt.NDArray[np.float32]:
    sums = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)[None, :]
    means: npt.NDArray[np.float32] = np.maximum(sums - 2 * (a @ b.T), 0) / a.shape[1]
    return means
