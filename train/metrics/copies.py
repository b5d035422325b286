"""Does a model repeat what it was shown? Samples beside images held out, of which it cannot know.

Both are measured by their distance to the nearest training image. A model that copies is nearer
than images of the same collection that it never saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES, apply
from train.data.real_images import RealImages
from train.metrics.distances import FEWEST
from train.metrics.evaluation import Extract, rounded
from train.metrics.features import Features
from train.metrics.nearest import Neighbours, copy_share, copying, nearest

CALIBRATED_ON: Final = 64
"""Training images whose own nearest neighbours say how near is too near."""

SPACES: Final = ("features", "pixels")

Distances = npt.NDArray[np.floating]


@dataclass(frozen=True)
class FeaturedPictures:
    """Pictures (n, s, s, 3) with their features (n, d)."""

    pixels: Pixels
    features: Features


@dataclass(frozen=True)
class Copies:
    """How near the samples are to training images."""

    numbers: dict[str, Any]
    """By space: what the thresholds are, and how samples and held-out images compare; or none."""
    neighbours: Neighbours
    nearest_pixels: Pixels
    """For each sample its nearest training image, turned as it fits best."""


def look_for_copies(
    samples: FeaturedPictures,
    held_out: FeaturedPictures,
    images: RealImages,
    extract: Extract,
    seed: int,
) -> Copies:
    """Nearest training image of each sample and of each image held out, by pixels and features.

    ``images`` are the training images as stored. The thresholds come from at most
    `CALIBRATED_ON` of them and their own neighbours, drawn with ``seed``. Fewer than `FEWEST`
    images held out are not compared.
    """
    to_samples = nearest(samples.pixels, images)
    turned = _turned(images, to_samples)
    own = np.sort(np.random.default_rng(seed).permutation(len(images))[:CALIBRATED_ON])
    shown = images.pixels(own)
    between_shown = nearest(shown, images, own)
    between = _by_space(between_shown, extract(shown), extract(_turned(images, between_shown)))
    of_samples = _by_space(to_samples, samples.features, extract(turned))
    of_held_out: dict[str, Distances] = {}
    if len(held_out.pixels) >= FEWEST:
        beside = nearest(held_out.pixels, images)
        of_held_out = _by_space(beside, held_out.features, extract(_turned(images, beside)))
    numbers = {
        space: _compared(of_samples[space], between[space], of_held_out.get(space))
        for space in SPACES
    }
    return Copies(numbers, to_samples, turned)


def unmeasured_copies(samples: Pixels, images: RealImages) -> Copies:
    """The nearest of ``images``, of which there are too few to say how near is too near."""
    to_samples = nearest(samples, images)
    return Copies(dict.fromkeys(SPACES), to_samples, _turned(images, to_samples))


def _by_space(
    neighbours: Neighbours, features: Features, of_nearest: Features
) -> dict[str, Distances]:
    apart = np.sqrt(np.square(features - of_nearest).sum(axis=1))
    return {"features": apart, "pixels": neighbours.distance}


def _compared(samples: Distances, between: Distances, held_out: Distances | None) -> dict[str, Any]:
    share, threshold = copy_share(samples, between)
    compared = {
        "share_of_near_copies": rounded(share),
        "threshold": rounded(threshold),
        "median": rounded(float(np.median(samples))),
        "median_between_reals": rounded(float(np.median(between))),
    }
    if held_out is None:
        return compared | {"held_out": None}
    return compared | {
        "held_out": {
            "share_of_near_copies": rounded(copy_share(held_out, between)[0]),
            "median": rounded(float(np.median(held_out))),
            "copying": rounded(copying(samples, held_out)),
        }
    }


def _turned(images: RealImages, neighbours: Neighbours) -> Pixels:
    pixels = images.pixels(neighbours.image)
    pairs = zip(pixels, neighbours.symmetry, strict=True)
    return np.stack([apply(SYMMETRIES[symmetry], picture) for picture, symmetry in pairs])
