"""Whether pictures show what they were drawn of: is the right condition the nearest of ten?

A ridge regression from an image's features to its vector is fitted to real images that were
trained on; what it reads from another picture is compared with the picture's own vector and with
nine others. This is the R-precision of Xu et al. (AttnGAN, 2018, section 4), with a probe that a
few hundred images are enough for in place of their networks of pictures and words. Of real images
that were held out it says how good the probe is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from train.metrics.features import Features

CANDIDATES: Final = 10
"""The right condition among them."""
_PENALTY: Final = 0.1
"""Of the regression, a feature; a tenth or ten times as much changes little
(`python -m tests.benches.text`)."""

Vectors = npt.NDArray[np.floating[Any]]


class Probe:
    """Reads vectors from features; linear, so that a few hundred images are enough."""

    def __init__(self, features: Features, vectors: Vectors) -> None:
        """Fit it to ``features`` (n, d) of images and their ``vectors`` (n, k)."""
        self._mean = features.mean(axis=0)
        self._spread = features.std(axis=0) + 1e-6
        self.middle: Features = vectors.mean(axis=0, dtype=np.float64)
        scaled = self._scaled(features)
        kernel = scaled @ scaled.T + _PENALTY * features.shape[1] * np.eye(len(features))
        self._weights = scaled.T @ np.linalg.solve(kernel, vectors - self.middle)

    def __call__(self, features: Features) -> Features:
        """The vectors (m, k) that ``features`` (m, d) speak for, less the mean of all."""
        read: Features = self._scaled(features) @ self._weights
        return read

    def _scaled(self, features: Features) -> Features:
        scaled: Features = (features - self._mean) / self._spread
        return scaled


@dataclass(frozen=True)
class Judged:
    """Pictures, and what each should show."""

    features: Features
    """(m, d)"""
    vectors: Vectors
    """(m, k)"""


def share_right(probe: Probe, judged: Judged, candidates: Vectors) -> float | None:
    """How often the right vector is the nearest of `CANDIDATES`, by the cosine from the mean.

    The others are drawn from ``candidates`` (c, k) that differ from it; the share is what all ways
    to draw them come to, so nothing is random. None: there are too few candidates.
    """
    count = len(judged.vectors)
    everything = np.concatenate([judged.vectors, candidates])
    distinct, place = np.unique(everything, axis=0, return_inverse=True)
    others = len(distinct) - 1
    if others < CANDIDATES - 1 or not count:
        return None
    cosines = _directions(probe(judged.features)) @ _directions(distinct - probe.middle).T
    is_right = place.reshape(-1)[:count, None] == np.arange(len(distinct))
    right = cosines[is_right][:, None]
    nearer = ((cosines >= right) & ~is_right).sum(axis=1)
    chosen = CANDIDATES - 1
    ways = comb(others, chosen)
    return float(np.mean([comb(others - int(before), chosen) / ways for before in nearer]))


def _directions(vectors: Vectors) -> Features:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Features = vectors / np.maximum(lengths, np.finfo(np.float64).tiny)
    return scaled
