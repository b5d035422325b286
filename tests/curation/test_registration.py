from __future__ import annotations

import numpy as np
import pytest

from curation.duplicates.cielab import lab_of_levels, to_lab
from curation.duplicates.registration import MAX_DRIFT, Warp, blurred, drift, refine
from curation.duplicates.verification import verify
from curation.images.squares import resized
from tests.curation.pictures import composition

IDENTITY: Warp = np.array([0.0, 1, 0, 0, 0, 1])


def lightness(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return to_lab(resized(np.asarray(composition(seed, (300, 300))), "crop", (64,))[64])[..., 0]


@pytest.mark.parametrize("true", [
    (2.0, 1, 0, -1.5, 0, 1), (0, 0.95, 0, 0.5, 0, 0.97), (0.3, 0.99, -0.03, 0, 0.03, 0.99),
])  # fmt: skip
def test_shifts_stretches_and_tilts_are_found(true: tuple[float, ...]) -> None:
    """The moved picture is sampled at exact places, so the compiled warp can be compared."""
    image = blurred(lightness(3))
    x = np.arange(64) - 31.5
    u = true[0] + true[1] * x[None] + true[2] * x[:, None] + 31.5
    v = true[3] + true[4] * x[None] + true[5] * x[:, None] + 31.5
    u, v = u.clip(0, 62.99), v.clip(0, 62.99)
    i, j = v.astype(int), u.astype(int)
    a, b = v - i, u - j
    target = (1 - a) * ((1 - b) * image[i, j] + b * image[i, j + 1]) + a * (
        (1 - b) * image[i + 1, j] + b * image[i + 1, j + 1]
    )
    warp = IDENTITY.copy()
    assert refine(image, target.astype(np.float32), warp, IDENTITY, 20)
    assert drift(warp, np.array(true)) < 0.3


def test_pictures_that_are_far_apart_are_not_pulled_together() -> None:
    warp = IDENTITY.copy()
    stayed = refine(lightness(1), np.roll(lightness(1), 14, axis=1), warp, IDENTITY, 20)
    assert not stayed or drift(warp, IDENTITY) <= MAX_DRIFT


def test_the_table_of_roots_is_that_of_the_definition() -> None:
    levels = np.random.default_rng(2).integers(0, 256, (300, 3)).astype(np.uint8)
    compiled = np.array([lab_of_levels(*map(float, row)) for row in levels])
    np.testing.assert_allclose(compiled, to_lab(levels), atol=0.3)


def test_a_picture_without_anything_on_it_is_measured_too() -> None:
    flat = np.full((1, 64, 64, 3), 90, np.uint8)
    assert verify(flat, flat, IDENTITY[None]).gradient_correlation[0] == 0
