from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.train import small
from train.samples import sheets


def test_a_sheet_holds_every_picture_on_white(tmp_path: Path) -> None:
    pixels = small.pictures(5, size=8)
    path = tmp_path / "sheet.png"
    sheets.write_png(path, sheets.sheet(pixels, columns=3))
    sheet_pixels = np.asarray(Image.open(path))
    assert sheet_pixels.shape == (2 * 10 + 2, 3 * 10 + 2, 3)
    for place, picture in enumerate(pixels):
        top, left = 2 + 10 * (place // 3), 2 + 10 * (place % 3)
        assert np.array_equal(sheet_pixels[top : top + 8, left : left + 8], picture)
    assert (sheet_pixels[12:20, 22:30] == 255).all()  # the sixth place stays empty


def test_enlarging_repeats_pixels() -> None:
    pixels = small.pictures(2, size=4)
    assert np.array_equal(sheets.enlarged(pixels, 8)[:, ::2, 1::2], pixels)
    assert sheets.side_by_side([pixels[0], pixels[1]], gap_px=3).shape == (4, 11, 3)


def test_a_film_strip_has_a_row_a_picture_and_a_column_a_grid(tmp_path: Path) -> None:
    fakes = [small.pictures(9, size=8, seed=seed) for seed in range(3)]
    for moment, pixels in enumerate(fakes):
        sheets.write_png(tmp_path / f"{moment}.png", sheets.sheet(pixels, 3))
    grids = [sheets.read_png(path) for path in sorted(tmp_path.iterdir())]
    strip = sheets.tiles(sheets.film_strip(grids, 8), 128)[:, ::16, 8::16]
    strip = strip.reshape(sheets.STRIP_ROWS, 3, 8, 8, 3)
    for moment, pixels in enumerate(fakes):
        assert np.array_equal(strip[0, moment], pixels[0])
        assert np.array_equal(strip[-1, moment], pixels[8])


def test_large_pictures_are_small_in_a_film_strip() -> None:
    grid = sheets.sheet(small.pictures(4, size=256), 2)
    strip = sheets.film_strip([grid, grid], 256)
    assert strip.shape == (4 * 130 + 2, 2 * 130 + 2, 3)
    averaged = grid[2:258, 2:258].reshape(128, 2, 128, 2, 3).mean(axis=(1, 3))
    assert np.abs(strip[2:130, 2:130] - averaged).max() <= 0.5


@pytest.mark.parametrize(("count", "most"), [(0, 3), (1, 3), (3, 3), (10, 3), (100, 12)])
def test_few_are_spread_from_the_first_to_the_last(count: int, most: int) -> None:
    shown = sheets.evenly(range(count), most)
    assert len(set(shown)) == len(shown) == min(count, most)
    assert shown[:1] + shown[-1:] == [0, count - 1] * (count > 0)
    assert max(np.diff(shown), default=0) - min(np.diff(shown), default=0) <= 1
