"""Colours and reflections of metals and of brushed dials."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scrapers.gallery.painters.watch.look import RGB

_RAMPS: dict[str, tuple[RGB, RGB, RGB]] = {
    "steel": ((62, 66, 72), (160, 165, 172), (246, 248, 250)),
    "titanium": ((66, 66, 68), (128, 128, 130), (190, 190, 192)),
    "gold": ((104, 70, 18), (206, 162, 74), (255, 238, 178)),
    "rose": ((104, 54, 38), (204, 136, 108), (255, 222, 202)),
    "black": ((10, 10, 12), (40, 41, 45), (112, 114, 120)),
}
_GRID = 112
"""Side of a reflection before it is stretched to its place."""


def tone(metal: str, brightness: float) -> RGB:
    """The metal in shadow (0), plain (0.5) or in full light (1)."""
    dark, plain, bright = _RAMPS[metal]
    low, high = (dark, plain) if brightness < 0.5 else (plain, bright)
    return mixed(low, high, min(1.0, max(0.0, brightness * 2 - (brightness >= 0.5))))


def mixed(own: RGB, other: RGB, share: float) -> RGB:
    """``one`` with a ``share`` of ``other``."""
    return (
        round(own[0] + (other[0] - own[0]) * share),
        round(own[1] + (other[1] - own[1]) * share),
        round(own[2] + (other[2] - own[2]) * share),
    )


def luminance(colour: RGB) -> float:
    """Brightness as the eye weighs it, 0..255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


@lru_cache(maxsize=1)
def _directions() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Angle (clockwise from the right, radians) and radius (1 at the edge) over the grid.

    Double precision on purpose: the last bit of a cosine depends on the processor, and in single
    precision that bit reaches the picture.
    """
    line = np.linspace(-1.0, 1.0, _GRID)
    return np.arctan2(line[:, None], line[None, :]), np.hypot(line[:, None], line[None, :])


def reflection(angle: float, light: float, phase: float) -> float:
    """Brightness 0..1 of a polished rim in a direction in turns, clockwise from twelve o'clock.

    Bright towards the light and opposite to it, dark between, with a second, finer pattern.
    """
    direction = math.tau * (angle - 0.25)
    shine = (
        0.5 + 0.34 * math.cos(2 * (direction - light)) + 0.16 * math.cos(5 * (direction - phase))
    )
    return min(1.0, max(0.0, shine))


def dial(colour: RGB, sunburst: float, fume: float, light: float) -> Image.Image:
    """A dial: two fans of light where it is brushed from the middle, a rim that may be darker."""
    angle, radius = _directions()
    fans = np.cos(2 * (angle - light)) + 0.35 * np.cos(6 * (angle - light - 0.4))
    depth = 0.09 + 0.16 * (1.0 - luminance(colour) / 255.0)
    brightness = 1.0 + sunburst * depth * fans * radius.clip(0.2, 1.0)
    brightness = brightness * (1.0 - fume * radius.clip(0.0, 1.0) ** 2)
    lift = sunburst * 26.0 * fans.clip(0.0, 2.0) * (1.0 - luminance(colour) / 255.0)
    pixels = np.asarray(colour, dtype=np.float64) * brightness[..., None] + lift[..., None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8), "RGB")
