from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from curation.images.squares import Squaring, crop_loss, resized, square
from tests.curation.pictures import composition


def ramp(width: int, height: int) -> Image.Image:
    """Red counts the columns and green the rows."""
    down, across = np.mgrid[0:height, 0:width].astype(np.uint8)
    return Image.fromarray(np.stack([across, down, np.zeros_like(down)], axis=-1))


@pytest.mark.parametrize(
    ("size", "squaring", "expected_size", "top_left"),
    [
        ((90, 60), "crop", (60, 60), (15, 0, 0)),
        ((60, 91), "crop", (60, 60), (0, 15, 0)),
        ((50, 50), "crop", (50, 50), (0, 0, 0)),
        ((90, 60), "pad", (90, 90), (255, 255, 255)),
        ((90, 60), "stretch", (90, 60), (0, 0, 0)),
    ],
)
def test_squaring(
    size: tuple[int, int], squaring: Squaring, expected_size: tuple[int, int],
    top_left: tuple[int, int, int],
) -> None:  # fmt: skip
    made = square(ramp(*size), squaring)
    assert made.size == expected_size
    assert made.getpixel((0, 0)) == top_left


@pytest.mark.parametrize(
    ("width", "height", "squaring", "loss"),
    [(100, 100, "crop", 0.0), (200, 100, "crop", 0.5), (100, 400, "crop", 0.75),
     (200, 100, "pad", 0.0), (200, 100, "stretch", 0.0)],
)  # fmt: skip
def test_crop_loss(width: int, height: int, squaring: Squaring, loss: float) -> None:
    assert crop_loss(width, height, squaring) == loss


def test_64_pixels_do_not_depend_on_whether_256_are_kept() -> None:
    image = ramp(200, 120)
    both, alone = resized(image, "crop", (64, 256)), resized(image, "crop", (64,))
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
    plate = Image.fromarray(rings.astype(np.uint8)).convert("RGB")
    corner = resized(plate, "crop", (64,))[64][:10, :10].astype(float)
    assert np.abs(corner - 127.5).max() < 12


def test_64_pixels_made_from_256_are_those_of_one_resizing() -> None:
    image = composition(5, (640, 480))
    direct = square(image, "crop").resize((64, 64), Image.Resampling.LANCZOS)
    error = resized(image, "crop", (64,))[64] - np.asarray(direct, float)
    assert np.sqrt((error**2).mean()) < 0.6, "more than 52 dB"
