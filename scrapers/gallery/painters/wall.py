"""A painting as somebody photographs it: framed, on a wall, by the light of a lamp, a little askew.

`photographed` is a pure function of the painting's pixels and of random numbers, so that of every
photograph it is known which picture hangs there, and how it would look without all this.
"""

from __future__ import annotations

from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from scrapers.gallery.seeded import pick

Colour = tuple[int, int, int]

_WALLS: Final[tuple[Colour, ...]] = (
    (226, 221, 211), (206, 208, 206), (189, 178, 160), (158, 170, 176), (196, 186, 190),
)  # fmt: skip
_FRAMES: Final[tuple[Colour, ...]] = (
    (28, 26, 25), (74, 48, 32), (172, 132, 62), (232, 228, 220), (110, 106, 100),
)  # fmt: skip
_AROUND: Final = 0.15
"""Wall beyond each side of the photograph, by its length: what it sees when it looks askew."""


def photographed(painting: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A photograph of ``painting`` on a wall, of the painting's own size, RGB."""
    scene = _hung(painting, rng)
    askew = scene.transform(
        painting.size,
        Image.Transform.PERSPECTIVE,
        _view(scene.size, painting.size, rng),
        Image.Resampling.BICUBIC,
    )
    return _lit(askew, rng)


def _hung(painting: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The wall with the framed painting in its middle, larger than the photograph."""
    width, height = painting.size
    short = min(width, height)
    left, top = round(width * _AROUND), round(height * _AROUND)
    wall = Image.new("RGB", (width + 2 * left, height + 2 * top), pick(rng, _WALLS))
    share = rng.uniform(0.82, 0.9)
    inner = round(width * share), round(height * share)
    at = (wall.width - inner[0]) // 2, (wall.height - inner[1]) // 2
    frame = max(2, round(short * rng.uniform(0.018, 0.034)))
    outer = (at[0] - frame, at[1] - frame, at[0] + inner[0] + frame, at[1] + inner[1] + frame)
    _cast_shadow(wall, outer, max(2, round(short * 0.02)))
    colour = pick(rng, _FRAMES)
    wall.paste(colour, outer)
    # Light from above: the lower and the right moulding lie in the shade.
    shade = cast("Colour", tuple(channel * 7 // 10 for channel in colour))
    wall.paste(shade, (outer[0] + frame, outer[3] - frame, outer[2], outer[3]))
    wall.paste(shade, (outer[2] - frame, outer[1] + frame, outer[2], outer[3]))
    wall.paste(painting.convert("RGB").resize(inner, Image.Resampling.LANCZOS), at)
    return wall


def _cast_shadow(wall: Image.Image, outer: tuple[int, int, int, int], reach: int) -> None:
    """Darken what lies below and right of the frame, softly."""
    mask = Image.new("L", wall.size, 0)
    left, top, right, bottom = outer
    mask.paste(120, (left + reach, top + reach, right + reach, bottom + reach))
    wall.paste((40, 36, 34), (0, 0), mask.filter(ImageFilter.BoxBlur(reach)))


def _view(
    scene: tuple[int, int], photograph: tuple[int, int], rng: np.random.Generator
) -> tuple[float, ...]:
    """Where each pixel of the photograph looks: Pillow's eight numbers of a perspective.

    Around the middle (u, v) looks at (u + r v, v - r u) / (1 + g u + h v), so nothing need be
    solved, and every machine has the same numbers.
    """
    (wide, high), (width, height) = scene, photograph
    across, down = rng.uniform(-0.05, 0.05, 2)
    g, h = 2 * across / width, 2 * down / height
    turn = rng.uniform(-0.02, 0.02)
    x, y = width / 2, height / 2
    middle = 1 - g * x - h * y
    a, b = 1 + g * wide / 2, turn + h * wide / 2
    d, e = -turn + g * high / 2, 1 + h * high / 2
    c = wide / 2 * middle - x - turn * y
    f = high / 2 * middle - y + turn * x
    return tuple(float(number / middle) for number in (a, b, c, d, e, f, g, h))


def _lit(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """What a camera sees by a warm lamp above: yellow, darker downwards and in the corners."""
    pixels = np.asarray(picture, dtype=np.float32)
    height, width = pixels.shape[:2]
    x = ((np.arange(width, dtype=np.float32) + 0.5) / width)[None, :, None]
    y = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None, None]
    lamp, warmth = rng.uniform(0.3, 0.7), rng.uniform(0.5, 1.0)
    exposure, fall = rng.uniform(0.78, 0.95), rng.uniform(0.2, 0.45)
    light = exposure * (1.12 - fall * y - 0.5 * (x - lamp) ** 2)
    tint = np.array([1.0, 1 - 0.12 * warmth, 1 - 0.38 * warmth], dtype=np.float32)
    haze = 10 + 8 * warmth
    noise = rng.normal(0.0, 1.5, (height, width, 1)).astype(np.float32)
    seen: NDArray[np.float32] = pixels * (light * tint).astype(np.float32) + haze + noise
    return Image.fromarray(seen.clip(0, 255).astype(np.uint8), "RGB")
