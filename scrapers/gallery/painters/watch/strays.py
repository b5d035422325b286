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


def stray_picture(side: int, rng: np.random.Generator) -> Image.Image:
    """A fan or a strap on white, ``side`` pixels square."""
    sheet = Image.new("RGB", (side * _SCALE, side * _SCALE), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    red, green, blue = np.clip(np.add(pick(rng, _COLOURS), rng.integers(-24, 25, 3)), 0, 225)
    colour = int(red), int(green), int(blue)
    (_fan if rng.random() < 0.5 else _strap)(draw, sheet.width, colour, rng)
    tilt = float(rng.uniform(-20, 20))
    return sheet.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)).reduce(_SCALE)


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
    """Two halves side by side, one with a buckle, one with holes and a keeper; stitched or not."""
    width, top, gap = side * rng.uniform(0.07, 0.16), side * 0.14, side * rng.uniform(0.06, 0.2)
    dark = (colour[0] // 2, colour[1] // 2, colour[2] // 2)
    thread = pick(rng, (colour, dark, (235, 225, 205)))
    lefts = side * 0.5 - gap / 2 - width, side * 0.5 + gap / 2
    for left, bottom in zip(lefts, side * rng.uniform(0.55, 0.88, 2), strict=True):
        draw.rounded_rectangle((left, top, left + width, bottom), width / 3, fill=colour)
        for x in (left + 0.16 * width, left + 0.84 * width):
            draw.line((x, top + 0.3 * width, x, bottom - 0.3 * width), fill=thread, width=2)
    middle, step = lefts[1] + width / 2, side * rng.uniform(0.025, 0.05)
    for hole in range(int(rng.integers(5, 9))):
        at, reach = top + side * 0.06 + step * hole, side * 0.008
        draw.ellipse((middle - reach, at - reach, middle + reach, at + reach), fill=(255, 255, 255))
    at = side * rng.uniform(0.25, 0.5)
    draw.rectangle((lefts[0] - 3, at, lefts[0] + width + 3, at + 0.4 * width), fill=dark)
    draw.rectangle(
        (lefts[0] - side * 0.01, top, lefts[0] + side * 0.01 + width, top + side * 0.04),
        outline=(150, 150, 154), width=max(2, side // 96),
    )  # fmt: skip
