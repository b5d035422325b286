from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from pipeline.core import tables
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES, Symmetry, apply, inverse
from tests.train import small
from train.compute.device import Compute
from train.data.real_images import RealImages
from train.data.variants import Variants
from train.metrics.copies import SPACES, FeaturedPictures, look_for_copies
from train.metrics.evaluation import draw_reals
from train.metrics.features import Extractor
from train.metrics.nearest import copying, nearest


@pytest.fixture(scope="module")
def extract(cpu: Compute) -> Extractor:
    return Extractor(cpu)


def _noisy(pixels: Pixels) -> Pixels:
    noise = np.random.default_rng(0).normal(0, 64, pixels.shape)
    return (pixels + noise).clip(0, 255).astype(np.uint8)


def _originals(root: Path) -> tuple[RealImages, Variants]:
    paths = small.build(root)
    variants = Variants.of(tables.read(paths.table("variants"), VARIANTS), Split.TRAIN)
    return RealImages(paths.pixels, variants.originals()[0], 64), variants


def test_a_turned_copy_is_found_with_its_symmetry(tmp_path: Path) -> None:
    images, _ = _originals(tmp_path)
    stored = images.pixels(np.arange(len(SYMMETRIES)))
    pairs = zip(SYMMETRIES, stored, strict=True)
    turned = np.stack([apply(symmetry, picture) for symmetry, picture in pairs])
    neighbours = nearest(turned, images)
    assert neighbours.image.tolist() == list(range(len(SYMMETRIES)))
    assert [SYMMETRIES[number] for number in neighbours.symmetry] == list(SYMMETRIES)
    np.testing.assert_allclose(neighbours.distance, 0, atol=0.05)


def test_an_image_is_not_its_own_neighbour(tmp_path: Path) -> None:
    images, _ = _originals(tmp_path)
    own = np.arange(len(images))
    neighbours = nearest(images.pixels(own), images, own)
    assert (neighbours.image != own).all()
    assert (neighbours.distance > 1).all()


def test_copies_are_counted_and_shown_as_they_fit(tmp_path: Path, extract: Extractor) -> None:
    images, _ = _originals(tmp_path)
    copied = images.pixels(np.arange(3))
    samples = np.concatenate([apply_all(copied, Symmetry.ROT90), _noisy(255 - copied)])
    none = samples[:0]
    shown = FeaturedPictures(samples, extract(samples))
    copies = look_for_copies(shown, FeaturedPictures(none, extract(none)), images, extract, seed=1)
    for space in ("pixels", "features"):
        assert copies.numbers[space]["share_of_near_copies"] == pytest.approx(0.5)
        assert copies.numbers[space]["held_out"] is None
    assert np.array_equal(copies.nearest_pixels[:3], samples[:3])
    assert inverse(Symmetry.ROT90) is not Symmetry.ROT90


def test_a_model_that_copies_is_nearer_than_images_held_out(
    tmp_path: Path, extract: Extractor
) -> None:
    images, _ = _originals(tmp_path)
    new, other = (small.pictures(24, seed=seed) for seed in (5, 6))
    held_out = FeaturedPictures(new, extract(new))
    paler = (images.pixels(np.arange(18)) * 0.95 + 12).astype(np.uint8)
    fakes = {"copies": paler, "others": other}
    scores = {}
    for name, pixels in fakes.items():
        copies = look_for_copies(
            FeaturedPictures(pixels, extract(pixels)), held_out, images, extract, seed=1
        )
        scores[name] = [copies.numbers[space]["held_out"]["copying"] for space in SPACES]
        shares = [copies.numbers[space]["held_out"]["share_of_near_copies"] for space in SPACES]
        assert max(shares) <= 0.1
    assert max(scores["copies"]) < -3
    assert min(scores["others"]) > -3


def test_copying_is_the_mann_whitney_statistic_as_a_z_value() -> None:
    rng = np.random.default_rng(0)
    samples, held_out = rng.integers(0, 20, 40) * 1.0, rng.integers(3, 23, 30) * 1.0
    u = stats.mannwhitneyu(samples, held_out).statistic
    expected = (u - 600) / (40 * 30 * 71 / 12) ** 0.5
    assert copying(samples, held_out) == pytest.approx(expected)
    assert copying(samples, samples) == 0
    assert copying(held_out, samples) == pytest.approx(-expected)


def apply_all(pixels: Pixels, symmetry: Symmetry) -> Pixels:
    return np.stack([apply(symmetry, picture) for picture in pixels])


def test_the_two_sets_of_reals_share_no_image(tmp_path: Path) -> None:
    _, variants = _originals(tmp_path)
    reals = draw_reals(variants, 40, seed=1)
    assert len(reals.reference) == len(reals.other) == 40
    ids = [set(variants.image_id[places]) for places in (reals.reference, reals.other)]
    assert not ids[0] & ids[1]
    few = draw_reals(variants.taken(np.arange(7)), 40, seed=1)
    assert (few.reference.tolist(), few.are_enough) == (list(range(7)), False)
