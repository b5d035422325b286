"""Metrics of the samples of a running training: are they alike, or copies? By thumbnails."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.shards import Pixels
from train.data.real_images import RealImages
from train.data.variants import Indices, Variants
from train.metrics.distances import diversity, sliced_wasserstein
from train.metrics.features import Features
from train.metrics.nearest import THUMBNAIL_PX, copy_share, nearest, thumbnails

MOST_IMAGES: Final = 4096
"""Training images, drawn by seed, among which copies are looked for."""
CALIBRATED_ON: Final = 128
"""Of them, those whose own neighbours say how near is too near."""
COMPARED: Final = 256
"""Samples, and variants of training images, whose distance ranks checkpoints."""


class SampleMetrics:
    """What samples are compared with: thumbnails of training images."""

    def __init__(self, pixels: Path, variants: Variants, seed: int) -> None:
        """Read the thumbnails.

        Raises:
            TrainingError, TableError: pixels are missing.
        """
        originals, _ = variants.originals()
        random = np.random.default_rng(seed)
        some = np.sort(random.permutation(len(originals))[:MOST_IMAGES])
        self._images = RealImages(pixels, originals.taken(some), THUMBNAIL_PX)
        own = np.sort(random.permutation(len(some))[:CALIBRATED_ON])
        reals = self._images.pixels(own)
        self._diversity = _diversity(reals)
        self._of_class = originals.of_class[some]
        self._between = nearest(reals, self._images, own).distance
        places = random.integers(0, len(variants), COMPARED)
        compared = RealImages(pixels, variants.taken(places), THUMBNAIL_PX)
        self._reals = _vectors(compared.pictures(np.arange(COMPARED)))

    def measure(self, samples: Pixels) -> dict[str, float]:
        """Diversity as a share of the real images', and the share of near copies.

        What needs two samples, or two unlike real images, is left out where there is one.
        """
        measured: dict[str, float] = {}
        if len(samples) > 1 and self._diversity > 0:
            measured["diversity"] = _diversity(samples) / self._diversity
        if len(self._images) > 1:
            distance = nearest(samples, self._images).distance
            measured["near_copies"], _ = copy_share(distance, self._between)
        return measured

    def within_classes(self, samples: Pixels, of_class: Indices) -> dict[str, float]:
        """The diversity within a class, as a share of its real images': the median and the least.

        Of the classes that have several ``samples`` and unlike real images, if there are any.
        """
        within = self._within_classes(samples, of_class)
        if not within:
            return {}
        return {"class_diversity": float(np.median(within)), "least_class_diversity": min(within)}

    def _within_classes(self, samples: Pixels, of_class: Indices) -> list[float]:
        shares = []
        for number in np.unique(of_class).tolist():
            reals = np.flatnonzero(self._of_class == number)[:CALIBRATED_ON]
            fakes = samples[of_class == number]
            between = _diversity(self._images.pixels(reals))
            if len(fakes) > 1 and between > 0:
                shares.append(_diversity(fakes) / between)
        return shares

    def distance(self, samples: Pixels) -> float:
        """How far `COMPARED` ``samples`` are from as many real images."""
        return sliced_wasserstein(_vectors(samples), self._reals)


def _diversity(pixels: Pixels) -> float:
    """Mean distance between two of ``pixels``; nothing differs from itself."""
    return diversity(_vectors(pixels)) if len(pixels) > 1 else 0.0


def _vectors(pixels: Pixels) -> Features:
    return thumbnails(pixels).astype(np.float64)
