"""Badges of car makers: a shape, two or three flat colours, a device, initials."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from scrapers.gallery.seeded import pick

RGB = tuple[int, int, int]
SHAPES = ("roundel", "shield", "oval", "hexagon", "diamond")
_SCALE = 2
_METALS: tuple[RGB, ...] = ((176, 182, 188), (196, 168, 96), (40, 42, 46), (206, 208, 212))
_ENAMELS: tuple[RGB, ...] = (
    (168, 28, 36), (22, 56, 120), (16, 96, 64), (240, 190, 30), (96, 20, 60), (230, 96, 24),
    (30, 30, 34), (240, 240, 236), (64, 150, 190),
)  # fmt: skip


def badge(
    initials: str, shape: str, size: tuple[int, int], rng: np.random.Generator
) -> Image.Image:
    """The badge on a plain ground, ``size`` (width, height) pixels."""
    width, height = size[0] * _SCALE, size[1] * _SCALE
    ground = pick(rng, ((255, 255, 255), (255, 255, 255), (244, 244, 242), (18, 18, 20)))
    sheet = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(sheet)
    rim, field = pick(rng, _METALS), pick(rng, _ENAMELS)
    centre, reach = (width / 2, height / 2), min(width, height) * rng.uniform(0.36, 0.45)
    for colour, part in ((rim, 1.0), (field, rng.uniform(0.82, 0.92))):
        draw.polygon(_outline(shape, centre, reach * part), fill=colour)
    _device(draw, centre, reach, rng)
    letters = pick(rng, [c for c in _METALS if c != rim])
    font = ImageFont.load_default(reach * rng.uniform(0.42, 0.6))
    draw.text(centre, initials, fill=letters, font=font, anchor="mm")
    return sheet.reduce(_SCALE)


def _outline(shape: str, centre: tuple[float, float], reach: float) -> list[tuple[float, float]]:
    x, y = centre
    if shape == "shield":
        sides = [(-0.8, -0.9), (0.8, -0.9), (0.8, 0.1), (0.45, 0.65), (0, 0.95), (-0.45, 0.65)]
        return [(x + a * reach, y + b * reach) for a, b in (*sides, (-0.8, 0.1))]
    corners = {"hexagon": 6, "diamond": 4}.get(shape, 96)
    wide = 1.35 if shape == "oval" else 1.0
    turns = (2 * math.pi * n / corners for n in range(corners))
    return [(x + wide * reach * math.cos(t), y + reach * math.sin(t)) for t in turns]


def _device(
    draw: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    reach: float,
    rng: np.random.Generator,
) -> None:
    """Rays, a bar or a chevron behind the letters."""
    x, y = centre
    colour, kind = pick(rng, _ENAMELS), int(rng.integers(3))
    if kind == 0:
        half = reach * rng.uniform(0.18, 0.3)
        draw.rectangle((x - reach * 0.75, y - half, x + reach * 0.75, y + half), fill=colour)
    elif kind == 1:
        for turn in np.linspace(0, 2 * math.pi, int(rng.integers(5, 12)), endpoint=False):
            tip = (x + 0.75 * reach * math.cos(turn), y + 0.75 * reach * math.sin(turn))
            draw.line([centre, tip], fill=colour, width=max(2, round(reach * 0.08)))
    else:
        deep = reach * rng.uniform(0.25, 0.45)
        top = [(x - 0.6 * reach, y - deep), (x, y), (x + 0.6 * reach, y - deep)]
        draw.polygon([*top, *((a, b + 0.35 * reach) for a, b in top[::-1])], fill=colour)
