"""Are the samples of a running training alike, or copies? Measured on thumbnails, now and then."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.shards import Pixels
from train.data import Images, Indices, Variants
from train.metrics.distances import diversity, sliced_wasserstein
from train.metrics.features import Features
from train.metrics.nearest import THUMBNAIL_PX, copy_share, nearest, thumbnails

MOST_IMAGES: Final = 4096
"""Training images, drawn by seed, among which copies are looked for."""
CALIBRATED_ON: Final = 128
"""Of them, those whose own neighbours say how near is too near."""
JUDGED: Final = 256
"""Samples, and variants of training images, whose distance ranks checkpoints."""


class Vitals:
    """What samples are compared with: thumbnails of training images."""

    def __init__(self, pixels: Path, variants: Variants, seed: int) -> None:
        """Read the thumbnails.

        Raises:
            TrainingError, TableError: pixels are missing.
        """
        originals, _ = variants.originals()
        chance = np.random.default_rng(seed)
        drawn = np.sort(chance.permutation(len(originals))[:MOST_IMAGES])
        self._images = Images(pixels, originals.taken(drawn), THUMBNAIL_PX)
        own = np.sort(chance.permutation(len(drawn))[:CALIBRATED_ON])
        reals = self._images.pixels(own)
        self._diversity = _spread(reals)
        self._of_class = originals.of_class[drawn]
        self._between = nearest(reals, self._images, own).distance
        some = chance.integers(0, len(variants), JUDGED)
        judged = Images(pixels, variants.taken(some), THUMBNAIL_PX)
        self._judged = _vectors(judged.pictures(np.arange(JUDGED)))

    def measure(self, samples: Pixels, of_class: Indices | None = None) -> dict[str, float]:
        """Diversity as a share of the real images', and the share of near copies.

        With the class of each sample also the diversity within a class: the median of the classes
        and the least.
        """
        found = nearest(samples, self._images)
        copies, _ = copy_share(found.distance, self._between)
        measured = {"diversity": _spread(samples) / self._diversity, "near_copies": copies}
        within = [] if of_class is None else self._within_classes(samples, of_class)
        if within:
            measured["class_diversity"] = float(np.median(within))
            measured["least_class_diversity"] = min(within)
        return measured

    def _within_classes(self, samples: Pixels, of_class: Indices) -> list[float]:
        """The diversity of each class that has several samples and unlike real images."""
        shares = []
        for one in np.unique(of_class).tolist():
            reals = np.flatnonzero(self._of_class == one)[:CALIBRATED_ON]
            drawn = samples[of_class == one]
            between = _spread(self._images.pixels(reals)) if len(reals) > 1 else 0.0
            if len(drawn) > 1 and between > 0:
                shares.append(_spread(drawn) / between)
        return shares

    def distance(self, samples: Pixels) -> float:
        """How far `JUDGED` ``samples`` are from as many real images."""
        return sliced_wasserstein(_vectors(samples), self._judged)


def _spread(pixels: Pixels) -> float:
    return diversity(_vectors(pixels))


def _vectors(pixels: Pixels) -> Features:
    return thumbnails(pixels).astype(np.float64)
