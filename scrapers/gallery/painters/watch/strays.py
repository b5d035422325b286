"""What lies among a shop's watches and is none: fans and straps, with hardly a feature to hash."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from scrapers.gallery.painters.watch.look import RGB
from scrapers.gallery.seeded import pick

_SCALE = 2
_COLOURS: tuple[RGB, ...] = (
    (34, 34, 36), (150, 40, 50), (40, 70, 120), (190, 150, 90), (90, 60, 40), (210, 210, 212),
)  # fmt: skip


def drawn(side: int, rng: np.random.Generator) -> Image.Image:
    """A fan or a strap on white, ``side`` pixels square."""
    sheet = Image.new("RGB", (side * _SCALE, side * _SCALE), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    colour = pick(rng, _COLOURS)
    (_fan if rng.random() < 0.5 else _strap)(draw, sheet.width, colour, rng)
    return sheet.reduce(_SCALE)


def _fan(draw: ImageDraw.ImageDraw, side: int, colour: RGB, rng: np.random.Generator) -> None:
    """Ribs that spread from a pivot, with a leaf between them."""
    pivot = (side * rng.uniform(0.45, 0.55), side * rng.uniform(0.72, 0.82))
    reach, ribs = side * rng.uniform(0.5, 0.6), int(rng.integers(12, 24))
    half = rng.uniform(0.9, 1.3)
    tips = [
        (pivot[0] + reach * math.sin(turn), pivot[1] - reach * math.cos(turn))
        for turn in np.linspace(-half, half, ribs)
    ]
    draw.polygon([pivot, *tips], fill=colour)
    rib = (colour[0] * 2 // 3, colour[1] * 2 // 3, colour[2] * 2 // 3)
    for tip in tips:
        draw.line([pivot, tip], fill=rib, width=max(1, side // 128))


def _strap(draw: ImageDraw.ImageDraw, side: int, colour: RGB, rng: np.random.Generator) -> None:
    """Two halves side by side, one with a buckle, one with holes."""
    width, top, bottom = side * rng.uniform(0.1, 0.14), side * 0.12, side * rng.uniform(0.8, 0.9)
    for left in (side * 0.3, side * 0.56):
        draw.rounded_rectangle((left, top, left + width, bottom), width / 3, fill=colour)
    middle = side * 0.56 + width / 2
    for hole in range(int(rng.integers(5, 9))):
        at = top + side * (0.06 + 0.05 * hole)
        reach = side * 0.008
        draw.ellipse((middle - reach, at - reach, middle + reach, at + reach), fill=(255, 255, 255))
    draw.rectangle(
        (side * 0.29, top, side * 0.31 + width, top + side * 0.04), outline=(150, 150, 154),
        width=max(2, side // 96),
    )  # fmt: skip
