"""From a picture of any shape to square pixels of the sizes that are trained on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageOps

from pipeline.core.shards import Pixels

Squaring = Literal["crop", "pad", "stretch"]

_LANCZOS: Final = Image.Resampling.LANCZOS
_LARGE, _SMALL = 256, 64


def crop_loss(width: int, height: int, squaring: Squaring) -> float:
    """Share of the area, 0..1, that is not in the square."""
    if squaring != "crop":
        return 0.0
    return 1.0 - min(width, height) / max(width, height)


def square(image: Image.Image, squaring: Squaring) -> Image.Image:
    """``image`` (RGB) as the square that will be resized, or unchanged where resizing squares it.

    ``crop`` takes the middle, half a pixel to the left or top where it is uneven; ``pad`` adds
    white on both sides; ``stretch`` leaves it to the resizing.
    """
    if image.width == image.height or squaring == "stretch":
        return image
    if squaring == "pad":
        side = max(image.size)
        return ImageOps.pad(image, (side, side), color="white")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def resized(image: Image.Image, squaring: Squaring, sizes: Iterable[int]) -> dict[int, Pixels]:
    """``image`` (RGB) as a square of each of ``sizes`` (64, 256): uint8 (size, size, 3).

    Both by Pillow's Lanczos, whose filter widens with the factor and so does not alias (Parmar,
    Zhang and Zhu, "On Aliased Resizing", CVPR 2022). 64 is always made from the 256, which is
    both cheaper and the same whether or not 256 is kept.
    """
    large = square(image, squaring).resize((_LARGE, _LARGE), _LANCZOS)
    made = {_LARGE: large, _SMALL: large.resize((_SMALL, _SMALL), _LANCZOS)}
    return {size: np.asarray(made[size]) for size in sizes}
