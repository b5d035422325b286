"""Distances between two sets of feature vectors, each (n, d)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from train.metrics.features import Features

FEWEST: Final = 8
"""Images on each side below which no distance means anything, and none is measured."""

SUBSETS: Final = 50
SUBSET_SHARE: Final = 0.5
"""Of the smaller set; subsets of this size say how much a KID depends on the images drawn."""

SUBSET_MOST: Final = 1000

NEIGHBOURS: Final = 3

_CHUNK: Final = 1024
"""Rows of a matrix of distances that exist at once."""

DIRECTIONS: Final = 256
"""Along which a sliced distance is taken."""


@dataclass(frozen=True)
class Kid:
    """Kernel distance: unbiased, so that it is about 0 between samples of one distribution."""

    mean: float
    std: float
    """Over random subsets."""


def kid(a: Features, b: Features, seed: int) -> Kid:
    """Squared maximum mean discrepancy under (x.y / d + 1)^3 (Binkowski et al. 2018).

    The mean is over random subsets of half the smaller set and at most `SUBSET_MOST` images,
    drawn with ``seed``; memory does not grow with the sets.
    """
    size = min(max(2, int(min(len(a), len(b)) * SUBSET_SHARE)), SUBSET_MOST)
    random = np.random.default_rng(seed)
    values = []
    for _ in range(SUBSETS):
        some, others = (each[random.choice(len(each), size, replace=False)] for each in (a, b))
        values.append(_discrepancy(some, others))
    return Kid(float(np.mean(values)), float(np.std(values)))


def _kernel(a: Features, b: Features) -> Features:
    kernel: Features = (a @ b.T / a.shape[1] + 1) ** 3
    return kernel


def _discrepancy(a: Features, b: Features) -> float:
    within = _off_diagonal_mean(_kernel(a, a)) + _off_diagonal_mean(_kernel(b, b))
    return within - 2 * float(_kernel(a, b).mean())


def _off_diagonal_mean(kernel: Features) -> float:
    count = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (count * (count - 1)))


def frechet(a: Features, b: Features) -> float:
    """Frechet distance between the normal distributions fitted to ``a`` and to ``b``.

    |mean difference|^2 + tr(A) + tr(B) - 2 tr sqrt(A B) with covariances A and B. The last trace
    is the sum of the singular values of the product of the centred sets, which also holds for
    fewer images than dimensions. Biased upwards for small sets: compare equal sizes only.
    """
    centred = [(each - each.mean(axis=0)) / np.sqrt(len(each) - 1) for each in (a, b)]
    shift = float(np.square(a.mean(axis=0) - b.mean(axis=0)).sum())
    traces = sum(float(np.square(each).sum()) for each in centred)
    # A set and its triangular factor have the same covariance; the factor has at most d rows.
    factors = [np.asarray(np.linalg.qr(each, mode="r"), np.float64) for each in centred]
    overlap = float(np.linalg.svd(factors[0] @ factors[1].T, compute_uv=False).sum())
    return shift + traces - 2 * overlap


def precision(reals: Features, fakes: Features) -> float:
    """Share of ``fakes`` that lie among ``reals`` (Kynkaanniemi et al. 2019).

    Among them means nearer to some real image than that one's third nearest real neighbour.
    Recall is the same with the two sets exchanged.
    """
    place = min(NEIGHBOURS, len(reals) - 1)
    radii = np.concatenate(
        [np.partition(apart, place, axis=1)[:, place] for apart in _rows(reals, reals)]
    )
    inside = [(apart <= radii).any(axis=1) for apart in _rows(fakes, reals)]
    return float(np.concatenate(inside).mean())


def diversity(features: Features) -> float:
    """Mean distance between two different members of the set."""
    count = len(features)
    total = sum(float(np.sqrt(apart).sum()) for apart in _rows(features, features))
    return total / (count * (count - 1))


def _rows(a: Features, b: Features) -> Iterator[npt.NDArray[np.float64]]:
    """`squared_distances`, some rows at a time; a member of both sets is 0 from itself."""
    for start in range(0, len(a), _CHUNK):
        apart = squared_distances(a[start : start + _CHUNK], b)
        if a is b:
            np.fill_diagonal(apart[:, start:], 0)
        yield apart


def sliced_wasserstein(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> float:
    """Mean Wasserstein distance of two sets of one size along random directions.

    Along a direction it is the mean distance of sorted projections (Rabin et al. 2011); the
    directions are the same at every call.
    """
    directions = np.random.default_rng(0).standard_normal((a.shape[1], DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    sorted_a, sorted_b = (np.sort(each @ directions, axis=0) for each in (a, b))
    return float(np.abs(sorted_a - sorted_b).mean())


def squared_distances(a: Features, b: Features) -> npt.NDArray[np.float64]:
    """Squared Euclidean distances (len(a), len(b))."""
    product = a @ b.T
    sums = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)[None, :]
    distances: npt.NDArray[np.float64] = np.maximum(sums - 2 * product, 0)
    return distances
