from __future__ import annotations

import imagehash
import numpy as np
import pytest
from PIL import Image

from curation.images.hashes import are_featureless, low_frequencies, phashes, thumbnail
from curation.images.overview import overview_of
from pipeline.core.symmetries import SYMMETRIES, Symmetry, apply
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
