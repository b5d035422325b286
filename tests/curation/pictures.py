"""Pictures that tests draw from numbers, so that nothing has to be fetched or kept."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

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


@lru_cache(maxsize=64)
def watch(seed: int, other: str = "") -> Image.Image:
    """A watch on white; its ``other`` part (dial, bezel, strap) in another model's colour."""
    rng = np.random.default_rng(seed)
    colours = {
        "strap": ("#5a3a22", "#202428"),
        "bezel": ("#d8b060", "#c8cdd2"),
        "dial": ("#e9e9ec", "#eac7cd"),
    }
    strap, bezel, dial = (pair[name == other] for name, pair in colours.items())
    image = Image.new("RGB", (1200, 1200), "white")
    pen = ImageDraw.Draw(image)
    half = int(rng.integers(120, 170))
    for top in range(20, 1180, 60):
        pen.rectangle((600 - half, top, 600 + half, top + 52), strap)
    radius = int(rng.integers(300, 360))
    pen.ellipse((600 - radius, 600 - radius, 600 + radius, 600 + radius), bezel)
    radius -= 50
    pen.ellipse((600 - radius, 600 - radius, 600 + radius, 600 + radius), dial)
    for hour in range(12):
        way = np.array([np.sin(hour * np.pi / 6), -np.cos(hour * np.pi / 6)])
        ends = [600 + way * radius * share for share in (rng.uniform(0.72, 0.85), 0.93)]
        pen.line([tuple(end) for end in ends], "#222222", 14)
    for share, width in ((0.5, 22), (0.75, 14)):
        angle = rng.uniform(0, 2 * np.pi)
        end = 600 + radius * share * np.array([np.sin(angle), -np.cos(angle)])
        pen.line([(600, 600), tuple(end)], "#222222", width)
    return image.resize((400, 400), Image.Resampling.LANCZOS)


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
