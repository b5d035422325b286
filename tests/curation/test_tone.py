from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageEnhance

from curation.duplicates.tone import fitted
from curation.images.squares import resized
from tests.curation.pictures import composition

Floats = npt.NDArray[np.float32]
ORIGINALS = [composition(seed) for seed in range(8)]


def cells(image: Image.Image) -> Floats:
    pixels = resized(np.asarray(image), "crop", (64,))[64].astype(np.float32)
    made: Floats = pixels.reshape(16, 4, 16, 4, 3).mean(axis=(1, 3))
    return made


def toned(have: Floats, want: Floats) -> tuple[Floats, npt.NDArray[np.float64]]:
    made, tones = fitted(have[None], want[None], np.ones((1, 16, 16), np.float32))
    return made[0], tones[0]


TONES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "paler": lambda image: ImageEnhance.Contrast(image).enhance(0.75),
    "harder": lambda image: ImageEnhance.Contrast(image).enhance(1.2),
}


@pytest.mark.parametrize("change", TONES.values(), ids=TONES)
def test_another_tone_is_undone(change: Callable[[Image.Image], Image.Image]) -> None:
    for image in ORIGINALS:
        have, want = cells(image), cells(change(image))
        made, _ = toned(have, want)
        before, after = np.abs(have - want).mean(), np.abs(made - want).mean()
        assert after < max(0.3 * before, 1.0)


def test_what_brightening_cut_off_is_excused_where_a_tone_says_so_and_nowhere_else() -> None:
    """Half the pixels of a glossy cell are pushed over white, so its mean rises by less."""
    rng = np.random.default_rng(1)
    dark = rng.uniform(20, 150, (16, 16, 3)).astype(np.float32)
    have, want = dark.copy(), 1.25 * dark
    have[4:8, 4:8], want[4:8, 4:8] = 190, (255 + 1.25 * 150) / 2  # of 230 and of 150
    made, _ = toned(have, want)
    assert np.abs(made - want).max() < 4
    want[:] = have
    want[4:8, 4:8] = 170
    made, _ = toned(have, want)
    assert np.abs(made - want)[4:8, 4:8].min() > 12, "no tone changed, so nothing was cut off"


def test_gold_does_not_become_rose_gold() -> None:
    grey = np.full((16, 16, 3), 229, np.float32)
    gold, rose = grey.copy(), grey.copy()
    gold[4:12, 6:10], rose[4:12, 6:10] = (205, 175, 125), (205, 160, 135)
    made, _ = toned(gold, rose)
    assert np.abs(made - rose)[4:12, 6:10].max() > 6


def test_equal_pictures_keep_their_tone() -> None:
    have = cells(ORIGINALS[0])
    made, change = toned(have, have)
    np.testing.assert_allclose(change, [1, 0, 1, 1, 1], atol=1e-3)
    np.testing.assert_allclose(made, have, atol=0.1)
