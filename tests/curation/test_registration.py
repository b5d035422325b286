from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from curation.duplicates.lab import distance, to_lab
from curation.duplicates.registration import registered
from curation.images.squares import resized
from tests.curation.pictures import composition


@pytest.mark.parametrize("box", [(0, 0, 385, 390), (8, 12, 400, 400), (12, 0, 394, 385)])
def test_an_original_is_laid_over_its_crop(box: tuple[int, int, int, int]) -> None:
    originals = [composition(seed, (400, 400)) for seed in range(8)]
    squares = [
        to_lab(np.stack([resized(np.asarray(image), "stretch", (64,))[64] for image in images]))
        for images in (originals, [image.crop(box) for image in originals])
    ]
    inside = np.s_[:, 4:-4, 4:-4]
    before = distance(squares[0], squares[1])[inside].mean(axis=(1, 2))
    after = distance(registered(*squares), squares[1])[inside].mean(axis=(1, 2))
    assert (after < 0.35 * before).all()
    assert after.max() < 1.0


def test_what_lies_right_stays_and_flat_pictures_do_not_move() -> None:
    flat = Image.new("RGB", (64, 64), "#445566")
    pixels = np.stack([np.asarray(image.resize((64, 64))) for image in (composition(1), flat)])
    lab = to_lab(pixels)
    np.testing.assert_allclose(registered(lab, lab), lab, atol=0.05)
