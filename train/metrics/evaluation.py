"""The whole judgement of a model: samples against images it has and has not been shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.core.errors import TrainingError
from pipeline.core.shards import Pixels
from pipeline.core.symmetries import SYMMETRIES, apply
from train.data import Images, Indices, Variants
from train.metrics import distances
from train.metrics.features import DIMENSIONS, INPUT_PX, NAME, Features
from train.metrics.nearest import Neighbours, copy_share, nearest

FEWEST: Final = 8
"""Images on each side below which no distance means anything."""

CALIBRATED_ON: Final = 64
"""Training images whose own nearest neighbours say how near is too near."""

_DIGITS: Final = 6

Extract = Callable[[Pixels], Features]
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Reals:
    """Places of real variants, drawn at random."""

    reference: Indices
    """What the samples are compared with."""
    other: Indices
    """As many others, of other images: the distance between the two is the floor."""


def draw_reals(variants: Variants, most: int, seed: int) -> Reals:
    """Two disjoint sets of at most ``most`` variants; no image has variants in both.

    Raises:
        TrainingError: there are too few images to say anything.
    """
    chance = np.random.default_rng(seed)
    originals, original = variants.originals()
    is_first = np.zeros(len(originals), bool)
    is_first[chance.permutation(len(originals))[: len(originals) // 2]] = True
    halves = [np.flatnonzero(is_first[original] == side) for side in (True, False)]
    count = min(most, *map(len, halves))
    if count < FEWEST:
        raise TrainingError(
            f"only {len(originals)} images to compare with; at least {2 * FEWEST} are needed"
        )
    reference, other = (np.sort(chance.permutation(half)[:count]) for half in halves)
    return Reals(reference, other)


@dataclass(frozen=True)
class Sets:
    """The sets of images under comparison, as pixels or as features; perhaps none is held out."""

    samples: Array
    untrained: Array
    reals: Array
    other_reals: Array
    held_out: Array

    def seen_by(self, extract: Extract) -> Sets:
        """The features (n, d) of these pixels (n, s, s, 3)."""
        return Sets(*(extract(getattr(self, field.name)) for field in fields(self)))


def compare(sets: Sets, seed: int) -> dict[str, Any]:
    """Distances, precision and recall, diversity: of the samples, and of what frames them.

    ``sets`` are features. Each comparison uses equally many images on both sides, except that
    with held-out images, of which there may be few; its KID is unbiased all the same.
    """
    samples, reals = sets.samples, sets.reals
    between_reals = distances.diversity(reals)
    return {
        "features": {"name": NAME, "dimensions": DIMENSIONS, "input_px": INPUT_PX},
        "images": {"each_side": len(reals), "held_out": len(sets.held_out)},
        "kid": kids(sets, seed),
        "frechet": frechets(sets),
        "precision": _rounded(distances.precision(reals, samples)),
        "recall": _rounded(distances.precision(samples, reals)),
        "diversity": {
            "trained": _rounded(distances.diversity(samples) / between_reals),
            "untrained": _rounded(distances.diversity(sets.untrained) / between_reals),
        },
    }


def kids(sets: Sets, seed: int) -> dict[str, dict[str, float]]:
    """Kernel distances of each set of features from the reals, by name, with their spread."""
    named = _framed(sets)
    found = {name: distances.kid(each, sets.reals, seed) for name, each in named.items()}
    if len(sets.held_out) >= FEWEST:
        found["held_out"] = distances.kid(sets.samples, sets.held_out, seed)
    return {
        name: {"mean": _rounded(kid.mean), "std": _rounded(kid.std)} for name, kid in found.items()
    }


def frechets(sets: Sets) -> dict[str, float]:
    """Frechet distances of each set of features from the reals, by name."""
    named = _framed(sets)
    return {name: _rounded(distances.frechet(each, sets.reals)) for name, each in named.items()}


def _framed(sets: Sets) -> dict[str, Array]:
    return {"trained": sets.samples, "untrained": sets.untrained, "floor": sets.other_reals}


@dataclass(frozen=True)
class Copies:
    """How near the samples are to training images."""

    numbers: dict[str, Any]
    neighbours: Neighbours
    nearest_pixels: Pixels
    """For each sample its nearest training image, turned as it fits best."""


def look_for_copies(
    samples: Pixels, features: Features, images: Images, extract: Extract, seed: int
) -> Copies:
    """Nearest training image of each sample, by pixels and by features.

    ``features`` are those of ``samples``; ``images`` are the training images as stored. The
    thresholds come from at most `CALIBRATED_ON` of them and their own neighbours, drawn with
    ``seed``.
    """
    found = nearest(samples, images)
    own = np.sort(np.random.default_rng(seed).permutation(len(images))[:CALIBRATED_ON])
    real = images.pixels(own)
    between = nearest(real, images, own)
    turned, turned_real = _turned(images, found), _turned(images, between)
    by_feature = _apart(features, extract(turned))
    between_by_feature = _apart(extract(real), extract(turned_real))
    share, threshold = copy_share(found.distance, between.distance)
    feature_share, feature_threshold = copy_share(by_feature, between_by_feature)
    numbers = {
        "pixels": {
            "share_of_near_copies": _rounded(share),
            "threshold": _rounded(threshold),
            "median": _rounded(float(np.median(found.distance))),
            "median_between_reals": _rounded(float(np.median(between.distance))),
        },
        "features": {
            "share_of_near_copies": _rounded(feature_share),
            "threshold": _rounded(feature_threshold),
            "median": _rounded(float(np.median(by_feature))),
            "median_between_reals": _rounded(float(np.median(between_by_feature))),
        },
    }
    return Copies(numbers, found, turned)


def _turned(images: Images, found: Neighbours) -> Pixels:
    pixels = images.pixels(found.image)
    pairs = zip(pixels, found.symmetry, strict=True)
    return np.stack([apply(SYMMETRIES[symmetry], picture) for picture, symmetry in pairs])


def _apart(a: Features, b: Features) -> Features:
    apart: Features = np.sqrt(np.square(a - b).sum(axis=1))
    return apart


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
