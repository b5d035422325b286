from __future__ import annotations

import imagehash
import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from curation.images.hashes import (
    are_featureless,
    long_hashes,
    long_hashes_under,
    low_frequencies,
    phashes,
    thumbnail,
)
from curation.images.overview import overview_of
from pipeline.core.transforms import SYMMETRIES, Symmetry, apply
from tests.curation.pictures import composition


def hashes_of(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    thumbnails = thumbnail(overview_of(np.asarray(image)))[None]
    return np.asarray(phashes(low_frequencies(thumbnails))[0])


def bits_between(first: int, second: int) -> int:
    return (int(first) ^ int(second)).bit_count()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [(640, 480), (90, 130), (300, 300)])
def test_the_upright_hash_is_that_of_imagehash(seed: int, size: tuple[int, int]) -> None:
    image = composition(seed, size)
    ours = hashes_of(image)[0]
    assert bits_between(ours, int(str(imagehash.phash(image)), 16)) <= 2


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("symmetry", SYMMETRIES)
def test_hash_under_a_symmetry_is_the_hash_of_the_transformed_image(
    seed: int, symmetry: Symmetry
) -> None:
    image = composition(seed, (400, 280))
    place = SYMMETRIES.index(symmetry)
    moved = Image.fromarray(np.ascontiguousarray(apply(symmetry, np.asarray(image))))
    assert bits_between(hashes_of(image)[place], hashes_of(moved)[0]) <= 2


def test_without_resizing_the_symmetries_are_exact() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32), np.uint8)
    turned = np.stack([apply(symmetry, pixels) for symmetry in SYMMETRIES])
    hashes = phashes(low_frequencies(turned))[0]
    assert phashes(low_frequencies(turned))[:, 0].tolist() == hashes.tolist()
    assert len(set(hashes.tolist())) == 8


def test_flat_pictures_are_featureless_and_others_are_not() -> None:
    noise = np.random.default_rng(2).integers(126, 130, (64, 64), np.uint8)
    busy = np.random.default_rng(3).integers(0, 256, (8, 8), np.uint8)
    shapes = Image.fromarray(busy).resize((256, 256), Image.Resampling.NEAREST)
    pictures = [noise, np.asarray(Image.linear_gradient("L")), np.asarray(shapes)]
    blocks = low_frequencies(np.stack([thumbnail(picture) for picture in pictures]))
    assert are_featureless(blocks).tolist() == [True, True, False]


@pytest.mark.parametrize("side", [32, 64])
@pytest.mark.parametrize("index", range(len(SYMMETRIES)))
def test_a_symmetry_moves_the_bits_of_a_long_hash(side: int, index: int) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (side, side), np.uint8)
    turned = np.ascontiguousarray(apply(SYMMETRIES[index], pixels))
    expected = long_hashes(turned[None])
    turned_hashes = long_hashes_under(long_hashes(pixels[None]), index)
    assert np.bitwise_count(turned_hashes ^ expected).sum() == 0


def test_the_first_word_of_a_long_hash_is_of_the_lowest_frequencies() -> None:
    low = np.asarray(Image.linear_gradient("L").resize((64, 64)))
    rng = np.random.default_rng(1)
    noisy = (low + rng.integers(-2, 3, low.shape)).clip(0, 255).astype(np.uint8)
    apart = np.bitwise_count(long_hashes(low[None]) ^ long_hashes(noisy[None]))[0]
    assert apart.shape == (4,)
    positive = dctn(low.astype(float))[:8, :8] > 0
    word = int(long_hashes(low[None])[0, 0])
    assert (word >> 63 & 1, word >> 55 & 1) == (positive[0, 0], positive[1, 0])
