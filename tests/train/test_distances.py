from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import linalg, spatial
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import NearestNeighbors

from train.metrics import distances
from train.metrics.features import Features


def _normal(count: int, seed: int, shift: float = 0.0, scale: float = 1.0) -> Features:
    return np.random.default_rng(seed).normal(shift, scale, (count, 8))


def _brute_force_mmd(a: Features, b: Features) -> float:
    def kernel(x: Features, y: Features) -> float:
        return float((x @ y / len(x) + 1) ** 3)

    within = [
        np.mean([kernel(x, y) for x, y in itertools.permutations(each, 2)]) for each in (a, b)
    ]
    return float(sum(within) - 2 * np.mean([kernel(x, y) for x in a for y in b]))


def test_kid_is_the_mean_of_the_unbiased_discrepancy() -> None:
    a, b = _normal(4, 1), _normal(4, 2, shift=0.5)
    distance = distances.kid(a, b, seed=0)
    # Over all pairs of subsets of two of four, the mean is that of the whole sets.
    pairs = list(itertools.combinations(range(4), 2))
    values = [_brute_force_mmd(a[list(i)], b[list(j)]) for i in pairs for j in pairs]
    assert np.mean(values) == pytest.approx(_brute_force_mmd(a, b))
    assert distance.mean == pytest.approx(np.mean(values), abs=3 * np.std(values) / 50**0.5)
    assert distance == distances.kid(a, b, seed=0)


def test_kid_of_one_distribution_is_about_zero_and_of_two_is_not() -> None:
    same = distances.kid(_normal(300, 1), _normal(300, 2), seed=0)
    other = distances.kid(_normal(300, 1), _normal(300, 2, shift=0.5), seed=0)
    assert abs(same.mean) < 2 * same.std
    assert other.mean > 5 * other.std


def test_frechet_of_equal_sets_is_zero() -> None:
    a = _normal(50, 1)
    assert distances.frechet(a, a) == pytest.approx(0, abs=1e-9)
    few = np.random.default_rng(0).normal(size=(5, 40))  # fewer images than dimensions
    assert distances.frechet(few, few) == pytest.approx(0, abs=1e-9)


def test_frechet_of_normals_is_the_closed_form() -> None:
    a, b = _normal(20_000, 1), _normal(20_000, 2, shift=2.0, scale=3.0)
    assert distances.frechet(a, b) == pytest.approx(8 * (2.0**2 + (3.0 - 1.0) ** 2), rel=0.03)


def test_precision_and_recall_tell_missing_modes_from_bad_samples() -> None:
    modes = np.concatenate([_normal(60, 1), _normal(60, 2, shift=50.0)])
    one_mode, outside = _normal(60, 3), _normal(60, 4, shift=-50.0)
    assert distances.precision(modes, one_mode) > 0.7
    assert distances.precision(one_mode, modes) < 0.6
    assert distances.precision(modes, outside) == 0


def test_diversity_is_the_mean_distance_of_pairs() -> None:
    corners = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
    assert distances.diversity(corners) == pytest.approx((3 + 4 + 5) / 3)
    assert distances.diversity(np.ones((5, 2))) == 0


def _sets() -> tuple[Features, Features]:
    mixed = np.random.default_rng(3).normal(size=(8, 8))
    return _normal(60, 5) @ mixed, _normal(50, 6, shift=0.3, scale=1.4)


def test_frechet_equals_scipys_matrix_root() -> None:
    a, b = _sets()
    covariances = [np.cov(each, rowvar=False) for each in (a, b)]
    root = linalg.sqrtm(covariances[0] @ covariances[1])
    shift = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    expected = shift + sum(map(np.trace, covariances)) - 2 * np.trace(root).real
    assert distances.frechet(a, b) == pytest.approx(expected, rel=1e-6)


def test_kid_of_whole_sets_equals_scikit_learns_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "SUBSET_SHARE", 1.0)
    a, b = (each[:50] for each in _sets())
    distance = distances.kid(a, b, seed=0)
    within = [polynomial_kernel(each, degree=3, coef0=1) for each in (a, b)]
    pairs = len(a) * (len(a) - 1)
    expected = sum((each.sum() - np.trace(each)) / pairs for each in within)
    expected -= 2 * polynomial_kernel(a, b, degree=3, coef0=1).mean()
    assert distance.mean == pytest.approx(expected, rel=1e-6)
    assert distance.std == pytest.approx(0, abs=1e-9 * abs(distance.mean))


def test_precision_and_recall_equal_scikit_learns_neighbours() -> None:
    for reals, fakes in (_sets(), _sets()[::-1]):
        tree = NearestNeighbors(n_neighbors=1 + distances.NEIGHBOURS).fit(reals)
        radii = tree.kneighbors(reals)[0][:, -1]  # each is the nearest of itself
        neighbours = tree.radius_neighbors(fakes, radius=float(radii.max()))
        inside = [(apart <= radii[near]).any() for apart, near in zip(*neighbours, strict=True)]
        assert 0 < np.mean(inside) < 1
        assert distances.precision(reals, fakes) == pytest.approx(np.mean(inside), abs=1e-6)


def test_diversity_equals_scipys_distances() -> None:
    a, _ = _sets()
    assert distances.diversity(a) == pytest.approx(spatial.distance.pdist(a).mean(), rel=1e-6)


def test_many_images_are_measured_in_parts_that_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = _sets()
    whole = distances.precision(a, b), distances.diversity(a)
    monkeypatch.setattr(distances, "_CHUNK", 7)
    assert (distances.precision(a, b), distances.diversity(a)) == pytest.approx(whole)


def test_a_sliced_distance_is_that_of_sorted_projections() -> None:
    rng = np.random.default_rng(6)
    a = rng.standard_normal((200, 16))
    assert distances.sliced_wasserstein(a, a[::-1]) == pytest.approx(0, abs=1e-12)
    # A shift by v moves every projection by v . w, on average |v| sqrt(2 / (pi d)).
    moved = distances.sliced_wasserstein(a, a + 3.0)
    assert moved == pytest.approx(3 * 4 * np.sqrt(2 / (np.pi * 16)), rel=0.15)
