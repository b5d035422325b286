from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageEnhance

from curation.duplicates.lab import distance, to_lab
from curation.duplicates.tone import tone_distance
from curation.images.squares import resized
from tests.curation.pictures import composition

SEEDS = range(12)
Floats = npt.NDArray[np.float32]


def levels(images: list[Image.Image]) -> Floats:
    return np.stack([resized(np.asarray(image), "crop", (64,))[64] for image in images]).astype(
        np.float32
    )


ORIGINALS = [composition(seed) for seed in SEEDS]


TONES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.25),
    "paler": lambda image: ImageEnhance.Contrast(image).enhance(0.75),
    "harder": lambda image: ImageEnhance.Contrast(image).enhance(1.2),
}


@pytest.mark.parametrize("change", TONES.values(), ids=TONES)
def test_another_tone_is_undone_whichever_picture_has_it(
    change: Callable[[Image.Image], Image.Image],
) -> None:
    before, after = levels(ORIGINALS), levels([change(image) for image in ORIGINALS])
    distances = tone_distance(before, after)
    as_they_are = distance(*(to_lab(one.astype(np.uint8)) for one in (before, after)))
    assert np.median(distances) < 2.5
    assert (distances < 0.5 * as_they_are.mean(axis=(1, 2))).all()
    np.testing.assert_allclose(tone_distance(after, before), distances, rtol=1e-5)


def test_a_small_part_in_another_colour_stays_far() -> None:
    """A twentieth of the picture turns from blue to black, as the dial of a watch does."""
    blue = [image.copy() for image in ORIGINALS]
    black = [image.copy() for image in ORIGINALS]
    for images, colour in ((blue, "#183470"), (black, "#161619")):
        for image in images:
            side = round((0.05 * image.width * image.height) ** 0.5)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            image.paste(colour, (left, top, left + side, top + side))
    assert tone_distance(levels(blue), levels(black)).min() > 4


def test_equal_and_flat_pictures() -> None:
    same = levels(ORIGINALS)
    assert tone_distance(same, same).max() < 1e-3
    flat = np.full((2, 64, 64, 3), 90, np.float32)
    flat[1] = 140
    apart = tone_distance(flat[:1], flat[1:])[0]
    assert apart == pytest.approx(0, abs=0.5), "one tone for the other"
    red = np.zeros((1, 64, 64, 3), np.float32) + np.array([160, 20, 30], np.float32)
    assert tone_distance(flat[:1], red)[0] > 20
