from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.fft import dctn

from curation.duplicates.candidates import GRID, Candidates
from curation.duplicates.lab import Lab
from curation.duplicates.second_look import (
    FREQUENCIES,
    MAX_BITS,
    MAX_GRID_DISTANCE,
    NEIGHBOURS,
    layout,
    overlooked,
)
from curation.duplicates.views import Views

NOTHING = Candidates(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8))


def random_grids(count: int, seed: int = 0) -> Lab:
    shape = (count, GRID, GRID, 3)
    return np.random.default_rng(seed).uniform(0, 90, shape).astype(np.float32)


def views(
    images: list[int], grids: Lab, is_trimmed: list[bool] | None = None, bits: int = 0
) -> Views:
    """The hash of every second image is ``bits`` from that of the others."""
    hashes = np.array([(1 << bits) - 1 if image % 2 else 0 for image in images], np.uint64)
    trim = np.array(is_trimmed or [False] * len(images))
    return Views(np.array(images), trim, grids, hashes)


def pairs(found: tuple[Candidates, npt.NDArray[np.bool_]]) -> list[tuple[int, int, bool, bool]]:
    candidates, trim = found
    ends = zip(candidates.first.tolist(), candidates.second.tolist(), strict=True)
    return [(*pair, *which) for pair, which in zip(ends, trim.tolist(), strict=True)]


def test_a_layout_is_the_low_end_of_the_cosine_transform() -> None:
    grids = random_grids(3)
    spectra = dctn(grids, axes=(1, 2), norm="ortho") / GRID
    expected = [spectra[:, row, column, 0] for row, column in FREQUENCIES]
    expected += [spectra[:, i, j, channel] for channel in (1, 2) for i, j in FREQUENCIES[:3]]
    np.testing.assert_allclose(layout(grids), np.stack(expected, axis=1), rtol=1e-4, atol=1e-4)


def test_layouts_are_never_farther_apart_than_their_grids() -> None:
    one, other = random_grids(200, 1), random_grids(200, 2)
    apart = np.linalg.norm(layout(one) - layout(other), axis=1)
    assert (apart <= np.sqrt(((one - other) ** 2).sum(axis=3).mean(axis=(1, 2))) + 1e-3).all()


def test_images_meet_in_any_of_their_views() -> None:
    grids = random_grids(5)
    grids[4] = grids[1] + 0.9 * MAX_GRID_DISTANCE / np.sqrt(3)  # image 2 within its border
    found = overlooked(
        views([0, 1, 2, 3, 2], grids, [False] * 4 + [True]), np.zeros(4, bool), NOTHING
    )
    assert pairs(found) == [(1, 2, False, True)]
    assert found[0].symmetry.tolist() == [0]


def test_what_is_settled_is_not_looked_at_again() -> None:
    grids = np.repeat(random_grids(1), 3, axis=0)
    settled = Candidates(np.array([0]), np.array([2]), np.array([5], np.uint8))
    found = overlooked(views([0, 1, 2], grids), np.zeros(3, bool), settled)
    assert pairs(found) == [(0, 1, False, False), (1, 2, False, False)]


@pytest.mark.parametrize("bits", [MAX_BITS, MAX_BITS + 1])
@pytest.mark.parametrize("is_noise", [False, True])
def test_hashes_far_apart_rule_a_pair_out_unless_they_are_noise(bits: int, is_noise: bool) -> None:
    grids = np.repeat(random_grids(1), 2, axis=0)
    found = overlooked(views([0, 1], grids, bits=bits), np.array([False, is_noise]), NOTHING)
    assert len(pairs(found)) == (bits <= MAX_BITS or is_noise)


def test_a_crowd_of_one_layout_costs_a_few_pairs_an_image() -> None:
    count = 500
    grids = np.repeat(random_grids(1), count, axis=0)
    found, _ = overlooked(views(list(range(count)), grids), np.zeros(count, bool), NOTHING)
    assert count / 2 <= len(found) <= count * (NEIGHBOURS + 2)


def test_no_images_no_second_look() -> None:
    assert pairs(overlooked(views([], random_grids(0)), np.empty(0, bool), NOTHING)) == []
