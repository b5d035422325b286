"""Pictures that tests draw from numbers, so that nothing has to be fetched or kept."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from pipeline.core.shards import Pixels


@lru_cache(maxsize=256)
def composition(seed: int, size: tuple[int, int] = (320, 256), hue: float = 0.0) -> Image.Image:
    """Soft shapes on a ground: the same ``seed`` and another ``hue`` make another colourway."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0 : size[1], 0 : size[0]] / max(size)
    turn = np.array([0.0, 2.1, 4.2]) + hue
    picture = 128 + 60 * np.cos(rng.uniform(0, 6.3) + turn) + np.zeros((size[1], size[0], 3))
    for _ in range(7):
        centre, radius = rng.uniform(0, 1, 2), rng.uniform(0.05, 0.35)
        edge = rng.uniform(30, 90)
        inside = 1 / (1 + np.exp(edge * (np.hypot(down - centre[0], across - centre[1]) - radius)))
        colour = 128 + 110 * np.cos(rng.uniform(0, 6.3) + turn)
        picture += inside[..., None] * (colour - picture)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, file_format: str = "JPEG", **options: object) -> bytes:
    """``image`` as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def resized_exactly(picture: Pixels, size: int) -> npt.NDArray[np.float64]:
    """The square ``picture`` (side, side, 3) resized by Lanczos' filter in full precision."""
    side = len(picture)
    factor = max(side / size, 1.0)
    centres = (np.arange(size) + 0.5) * side / size
    distance = (np.arange(side)[None] + 0.5 - centres[:, None]) / factor
    weights = np.sinc(distance) * np.sinc(distance / 3) * (np.abs(distance) < 3)
    weights /= weights.sum(axis=1, keepdims=True)
    rows = np.einsum("oy,yxc->oxc", weights, picture, optimize=True)
    made: npt.NDArray[np.float64] = np.einsum("ox,yxc->yoc", weights, rows, optimize=True)
    return made.clip(0, 255)
