"""How far a model's samples are from images it has and has not been shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.core.shards import Pixels
from train.data.variants import Indices, Variants
from train.metrics import distances
from train.metrics.distances import FEWEST
from train.metrics.features import DIMENSIONS, INPUT_PX, NAME, Features
from train.metrics.pyramid import Pyramid

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

    @property
    def are_enough(self) -> bool:
        """Whether distances from them mean anything."""
        return len(self.other) >= FEWEST


def draw_reals(variants: Variants, most: int, seed: int) -> Reals:
    """Two disjoint sets of at most ``most`` variants; no image has variants in both.

    Of too few images to measure anything the first set has all, and the second none.
    """
    random = np.random.default_rng(seed)
    originals, original = variants.originals()
    if len(originals) < 2 * FEWEST:
        return Reals(np.arange(min(most, len(variants))), np.arange(0))
    is_first = np.zeros(len(originals), bool)
    is_first[random.permutation(len(originals))[: len(originals) // 2]] = True
    halves = [np.flatnonzero(is_first[original] == side) for side in (True, False)]
    count = min(most, *map(len, halves))
    reference, other = (np.sort(random.permutation(half)[:count]) for half in halves)
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


def compare_sets(sets: Sets, seed: int) -> dict[str, Any]:
    """Distances, precision and recall, diversity: of the samples, and of what frames them.

    ``sets`` are features. Each comparison uses equally many images on both sides, except that
    with held-out images, of which there may be few; its KID is unbiased all the same.
    """
    samples, reals = sets.samples, sets.reals
    between_reals = distances.diversity(reals)
    return _about(sets) | {
        "kid": kids(sets, seed),
        "frechet": frechets(sets),
        "precision": rounded(distances.precision(reals, samples)),
        "recall": rounded(distances.precision(samples, reals)),
        "diversity": {
            "trained": rounded(distances.diversity(samples) / between_reals),
            "untrained": rounded(distances.diversity(sets.untrained) / between_reals),
        },
    }


def judged_otherwise(pixels: Sets, second: Extract, seed: int) -> dict[str, Any]:
    """Distances that cannot be fooled as those of `compare` can: all are of the same ``pixels``.

    By ``second``, a network that no training and no choice has seen, and by none, level by level.
    """
    return {
        "kid_mobilenet": kids(pixels.seen_by(second), seed),
        "sliced_wasserstein": sliced_wassersteins(pixels),
    }


def unmeasured(sets: Sets) -> dict[str, Any]:
    """What `compare` says where there are too few images; ``sets`` may be pixels."""
    return _about(sets) | {
        "kid": {},
        "frechet": {},
        "kid_mobilenet": {},
        "sliced_wasserstein": {},
        "precision": None,
        "recall": None,
        "diversity": {"trained": None, "untrained": None},
    }


def _about(sets: Sets) -> dict[str, Any]:
    return {
        "features": {"name": NAME, "dimensions": DIMENSIONS, "input_px": INPUT_PX},
        "images": {"each_side": len(sets.reals), "held_out": len(sets.held_out)},
    }


def kids(sets: Sets, seed: int) -> dict[str, dict[str, float]]:
    """Kernel distances of each set of features from the reals, by name, with their spread."""
    named = _framed(sets)
    measured = {name: distances.kid(each, sets.reals, seed) for name, each in named.items()}
    if len(sets.held_out) >= FEWEST:
        measured["held_out"] = distances.kid(sets.samples, sets.held_out, seed)
    return {
        name: {"mean": rounded(kid.mean), "std": rounded(kid.std)} for name, kid in measured.items()
    }


def frechets(sets: Sets) -> dict[str, float]:
    """Frechet distances of each set of features from the reals, by name."""
    named = _framed(sets)
    return {name: rounded(distances.frechet(each, sets.reals)) for name, each in named.items()}


def sliced_wassersteins(pixels: Sets) -> dict[str, dict[str, Any]]:
    """Sliced Wasserstein distances from the reals, by name, at each level and their mean."""
    pyramid = Pyramid(pixels.reals)
    measured = {name: pyramid.distances(each) for name, each in _framed(pixels).items()}
    return {
        name: {
            "mean": rounded(float(np.mean(list(levels.values())))),
            "levels": {str(side): rounded(value) for side, value in levels.items()},
        }
        for name, levels in measured.items()
    }


def _framed(sets: Sets) -> dict[str, Array]:
    return {"trained": sets.samples, "untrained": sets.untrained, "floor": sets.other_reals}


def rounded(value: float) -> float:
    """As many digits as mean something."""
    return float(f"{value:.{_DIGITS}g}")
