from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.train import small
from train import sheets


def test_a_sheet_holds_every_picture_on_white(tmp_path: Path) -> None:
    pixels = small.pictures(5, size=8)
    path = tmp_path / "sheet.png"
    sheets.write_png(path, sheets.sheet(pixels, columns=3))
    drawn = np.asarray(Image.open(path))
    assert drawn.shape == (2 * 10 + 2, 3 * 10 + 2, 3)
    for place, picture in enumerate(pixels):
        top, left = 2 + 10 * (place // 3), 2 + 10 * (place % 3)
        assert np.array_equal(drawn[top : top + 8, left : left + 8], picture)
    assert (drawn[12:20, 22:30] == 255).all()  # the sixth place stays empty


def test_enlarging_repeats_pixels() -> None:
    pixels = small.pictures(2, size=4)
    assert np.array_equal(sheets.enlarged(pixels, 8)[:, ::2, 1::2], pixels)
    assert sheets.beside([pixels[0], pixels[1]], gap_px=3).shape == (4, 11, 3)
