from __future__ import annotations

import numpy as np

from tests.train import small
from train.metrics.persistence import map_picture, persistence


def test_a_mark_shows_where_it_lies_and_nothing_else_does() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(40, 200, (64, 32, 32, 3), np.uint8)
    marked = pixels.astype(np.float64)
    marked[:, 20:24, 8:24] = 0.5 * marked[:, 20:24, 8:24] + 0.5 * 255
    pairs = persistence(marked.astype(np.uint8))
    border = np.zeros_like(pairs, bool)
    border[19, 8:23] = border[23, 8:23] = True
    border[20:23, 7] = border[20:23, 23] = True
    clean = persistence(pixels)
    assert pairs[border].min() > 1.5 * clean.max()
    assert np.quantile(clean, 0.99) < 0.4
    assert np.array_equal(pairs[:16], clean[:16])


def test_equal_pictures_persist_and_flat_ones_have_nothing_to() -> None:
    images = small.pictures(1, size=32)
    same = persistence(images.repeat(5, axis=0))
    edges = same > 0
    assert edges.any()
    assert np.allclose(same[edges & (persistence(images) == 1)], 1)
    assert persistence(np.full((4, 8, 8, 3), 90, np.uint8)).max() == 0
    assert map_picture(same).shape == images[0].shape


def test_many_pictures_are_as_all_at_once() -> None:
    pixels = small.pictures(300, size=16)
    grey = pixels.mean(axis=3)
    down = (grey[:, 1:] - grey[:, :-1])[:, :, :-1]
    right = (grey[:, :, 1:] - grey[:, :, :-1])[:, :-1]
    mean = np.hypot(down.mean(axis=0), right.mean(axis=0))
    expected = mean / np.maximum(np.hypot(down, right).mean(axis=0), 1)
    np.testing.assert_allclose(persistence(pixels), expected, rtol=1e-9)
