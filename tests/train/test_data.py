from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.core import tables
from pipeline.core.errors import TrainingError
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.transforms import SYMMETRIES, apply
from tests.train import small
from train.data.real_images import RealImages, shrunk, to_bytes, to_float, transformed
from train.data.symmetry_kernel import LEVELS, under_symmetries
from train.data.variants import Variants

CPU = torch.device("cpu")


def _variants(root: Path, split: Split = Split.TRAIN) -> Variants:
    return Variants.of(tables.read(small.build(root).table("variants"), VARIANTS), split)


def test_each_symmetry_is_exactly_numpys() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (6, 6, 3), np.uint8)
    everyone = torch.from_numpy(np.stack([picture] * len(SYMMETRIES))).permute(0, 3, 1, 2)
    by_torch = transformed(everyone, np.arange(len(SYMMETRIES))).permute(0, 2, 3, 1).numpy()
    for number, symmetry in enumerate(SYMMETRIES):
        assert np.array_equal(by_torch[number], apply(symmetry, picture)), symmetry


def test_a_cpu_and_a_gpu_turn_images_into_the_same_numbers() -> None:
    """In the same layout of memory, too, or the networks would be slower on one of them."""
    rng = np.random.default_rng(3)
    stored = rng.integers(0, 256, (5, 6, 6, 3), np.uint8)
    rows, symmetries = rng.integers(0, 5, 24), np.tile(np.arange(len(SYMMETRIES)), 3)
    planes = torch.from_numpy(stored[rows]).permute(0, 3, 1, 2)
    expected = to_float(transformed(planes, symmetries))
    images = under_symmetries(stored, rows, symmetries)
    assert torch.equal(images, expected)
    assert images.stride() == expected.stride()


def test_only_kept_variants_of_the_split_are_taken(tmp_path: Path) -> None:
    shown, held_out = _variants(tmp_path), _variants(tmp_path, Split.HELD_OUT)
    kept_symmetries = len(SYMMETRIES) - 1
    assert len(shown) == 18 * kept_symmetries
    assert len(held_out) == 6 * kept_symmetries
    assert not set(shown.image_id) & set(held_out.image_id)
    originals, place = shown.originals()
    assert len(originals) == 18
    assert (originals.image_id[place] == shown.image_id).all()
    assert (originals.symmetry == 0).all()


@pytest.mark.parametrize("resident", [True, False])
@pytest.mark.parametrize("resolution", [64, 16])
def test_a_batch_is_the_stored_pixels_turned(
    tmp_path: Path, resolution: int, resident: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not resident:
        monkeypatch.setattr("train.data.real_images.RESIDENT_BYTES", 0)
    paths = small.build(tmp_path)
    variants = _variants(tmp_path)
    order = np.random.default_rng(1).permutation(len(variants))[:40]
    batch = to_bytes(RealImages(paths.pixels, variants, resolution).batch(order, CPU))
    stored = small.pictures()
    for place, got in zip(order, batch, strict=True):
        picture = stored[int(variants.image_id[place], 16)][None]
        expected = apply(SYMMETRIES[variants.symmetry[place]], shrunk(picture, resolution)[0])
        assert np.array_equal(got, expected)


def test_shrinking_averages_squares_and_rounds_once() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (3, 16, 16, 3), np.uint8)
    exact = pixels.reshape(3, 4, 4, 4, 4, 3).mean(axis=(2, 4))
    assert np.array_equal(shrunk(pixels, 4), np.floor(exact + 0.5).astype(np.uint8))
    assert shrunk(pixels, 16) is pixels


def test_a_resolution_that_is_not_stored_is_refused(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    with pytest.raises(TrainingError, match=r"128.*ingest\.sizes"):
        RealImages(paths.pixels, _variants(tmp_path), 128)


def test_bytes_survive_the_way_to_the_device_and_back() -> None:
    everything = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 16, 16, 3)
    there = to_float(torch.from_numpy(everything).permute(0, 3, 1, 2))
    assert there.min() == -1
    assert there.max() == 1
    assert np.array_equal(to_bytes(there), everything)
    assert np.array_equal(LEVELS, there.permute(0, 2, 3, 1).reshape(-1, 3)[:, 0].numpy())
