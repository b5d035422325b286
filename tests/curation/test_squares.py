from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from curation.images.squares import Squaring, Window, crop_loss, place_of, resized, window
from pipeline.core.shards import Pixels
from tests.curation.pictures import composition, resized_exactly


def ramp(width: int, height: int) -> Pixels:
    """Red counts the columns and green the rows."""
    down, across = np.mgrid[0:height, 0:width].astype(np.uint8)
    return np.stack([across, down, np.zeros_like(down)], axis=-1)


@pytest.mark.parametrize(
    ("size", "place", "expected"),
    [
        ((90, 60), 0.5, Window(15, 0, 60)),
        ((60, 91), 0.5, Window(0, 15, 60)),
        ((50, 50), 0.5, Window(0, 0, 50)),
        ((90, 60), 0.0, Window(0, 0, 60)),
        ((90, 60), 1.0, Window(30, 0, 60)),
    ],
)
def test_window(size: tuple[int, int], place: float, expected: Window) -> None:
    assert window(*size, place) == expected


def test_crop_takes_the_window_and_stretch_the_whole() -> None:
    picture = ramp(200, 100)
    cropped = resized(picture, "crop", (256,))[256][128]
    assert abs(int(cropped[0, 0]) - 50) <= 1
    assert abs(int(cropped[-1, 0]) - 149) <= 1
    stretched = resized(picture, "stretch", (256,))[256][128]
    assert abs(int(stretched[0, 0]) - 0) <= 1
    assert abs(int(stretched[-1, 0]) - 199) <= 1


@pytest.mark.parametrize("size", [(200, 100), (100, 200), (4000, 3), (3, 4000)])
def test_pad_keeps_the_whole_on_white(size: tuple[int, int]) -> None:
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    padded = resized(picture, "pad", (256,))[256]
    upright = padded if size[0] > size[1] else padded.swapaxes(0, 1)
    inside = max(1, round(256 * min(size) / max(size)))
    rows = (upright == 0).all(axis=(1, 2))
    assert rows.sum() == inside
    assert (upright[~rows] == 255).all()
    assert abs(int(np.flatnonzero(rows).mean() * 2) - 255) <= 1, "in the middle"


def edges_at(start: int, stop: int) -> Pixels:
    """Grey (40, 100) with a pattern of fine stripes between two columns."""
    picture = np.full((40, 100), 128, np.uint8)
    picture[:, start:stop:2] = 255
    return picture


def test_the_salient_square_is_where_most_is_to_be_seen() -> None:
    assert place_of(edges_at(70, 100), "crop_salient") > 0.8
    assert place_of(edges_at(0, 30), "crop_salient") < 0.2
    assert place_of(edges_at(70, 100).T, "crop_salient") > 0.8
    assert place_of(edges_at(70, 100), "crop") == 0.5


def test_the_salient_square_stays_in_the_middle_where_nothing_draws_it_away() -> None:
    assert place_of(np.full((40, 100), 128, np.uint8), "crop_salient") == 0.5
    assert place_of(edges_at(0, 40)[:, :40], "crop_salient") == 0.5, "a square has one place"


def test_the_salient_place_decides_what_is_cut() -> None:
    picture = np.repeat(edges_at(70, 100)[..., None], 3, axis=-1)
    kept = resized(picture, "crop_salient", (64,), place_of(picture[..., 0], "crop_salient"))[64]
    assert kept.std() > resized(picture, "crop", (64,))[64].std()


@pytest.mark.parametrize(
    ("width", "height", "squaring", "loss"),
    [(100, 100, "crop", 0.0), (200, 100, "crop", 0.5), (100, 400, "crop_salient", 0.75),
     (200, 100, "pad", 0.0), (200, 100, "stretch", 0.0)],
)  # fmt: skip
def test_crop_loss(width: int, height: int, squaring: Squaring, loss: float) -> None:
    assert crop_loss(width, height, squaring) == loss


def test_64_pixels_do_not_depend_on_whether_256_are_kept() -> None:
    picture = ramp(200, 120)
    both, alone = resized(picture, "crop", (64, 256)), resized(picture, "crop", (64,))
    assert {size: pixels.shape for size, pixels in both.items()} == {
        64: (64, 64, 3),
        256: (256, 256, 3),
    }
    assert list(alone) == [64]
    np.testing.assert_array_equal(alone[64], both[64])


def test_a_fine_pattern_turns_grey_instead_of_aliasing() -> None:
    """A zone plate is the classic trap: what is too fine for 64 pixels must vanish."""
    down, across = (np.mgrid[0:640, 0:640] - 320) / 640
    rings = 127.5 + 127.5 * np.cos(np.pi * 640 * (down**2 + across**2))
    plate = np.repeat(rings.astype(np.uint8)[..., None], 3, axis=-1)
    corner = resized(plate, "crop", (64,))[64][:10, :10].astype(float)
    assert np.abs(corner - 127.5).max() < 12


@pytest.mark.parametrize("side", [640, 413, 100])
def test_pixels_are_those_of_lanczos_in_full_precision(side: int) -> None:
    picture = np.asarray(composition(5, (side, side)))
    made = resized(picture, "crop", (64, 256))
    for size in (64, 256):
        exact = resized_exactly(picture, size)
        error = made[size] - exact
        ours = np.sqrt((error**2).mean())
        pillow = np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.LANCZOS))
        theirs = np.sqrt(((pillow - exact) ** 2).mean())
        assert ours <= theirs, f"{ours:.4f} grey levels, Pillow {theirs:.4f}"
        least = np.sqrt(((np.rint(exact) - exact) ** 2).mean())
        assert ours < least * 1.003, f"{ours:.4f} grey levels, the rounding alone {least:.4f}"
