"""Poured paintings: veils that run down and overlap, and rivulets at the sides of a bare canvas."""

from __future__ import annotations

from typing import cast

import numpy as np

from scrapers.gallery.painters.painting.canvas import Canvas, smooth
from scrapers.gallery.painters.painting.palettes import Colours, from_hex, shifted
from scrapers.gallery.painters.painting.soft import modelled
from scrapers.gallery.painters.painting.style import Design

_LINEN = from_hex("efe7d6 e7dcc6 f4efe4")


def _bare_canvas(canvas: Canvas) -> Colours:
    """Unprimed cotton, lightly tinted by chance."""
    cloth = shifted(_LINEN, canvas.rng.normal(0, 0.01), 1.0, 0.0)
    return cast("Colours", cloth[int(canvas.rng.integers(len(cloth)))])


def veil(canvas: Canvas, design: Design) -> None:
    """Washes poured one over another; where they overlap they darken, at the rim they glow."""
    rng, style = canvas.rng, design.style
    canvas.prime(modelled(canvas, _bare_canvas(canvas), 0.4))
    count = int(rng.integers(4, 9))
    spread = rng.uniform(0.22, 0.4) * canvas.right
    middle = canvas.right / 2 + rng.normal(0, 0.04)
    falling = bool(rng.random() < 0.7)
    down = canvas.y / canvas.bottom if falling else 1.0 - canvas.y / canvas.bottom
    streaks = canvas.noise(26.0, 1.2, 2)
    for number in range(count):
        colour = design.colours[1 + number % (len(design.colours) - 1)]
        offset = rng.uniform(-0.9, 0.9) * spread
        half = rng.uniform(0.28, 0.6) * spread * (0.75 + rng.uniform(0.1, 0.6) * down)
        wander = canvas.wave(2.5, along_x=False) * 0.05
        side = half - np.abs(canvas.x - middle - offset * (0.7 + 0.5 * down) + wander)
        top = rng.uniform(0.03, 0.2) + canvas.wave(4.0, along_x=True) * 0.06
        foot = rng.uniform(0.8, 1.06) + canvas.wave(16.0, along_x=True) * 0.07
        rim = 0.012 + 0.03 * style.softness
        wash = smooth((side + streaks * 0.025) / rim + 0.5)
        wash = wash * smooth((down - top) / 0.04 + 0.5) * smooth((foot - down) / 0.05 + 0.5)
        thick = (0.62 + 0.2 * streaks).clip(0.25, 1.0) * rng.uniform(0.6, 1.0)
        canvas.stain(wash * thick * (1.1 - 0.35 * style.thinness), colour)


def unfurled(canvas: Canvas, design: Design) -> None:
    """Rivulets of pure colour that run inwards and down from both sides of bare canvas."""
    rng, colours = canvas.rng, design.colours
    canvas.prime(modelled(canvas, _bare_canvas(canvas), 0.3))
    count = int(rng.integers(5, 10))
    slope = rng.uniform(0.9, 1.9)
    width = rng.uniform(0.045, 0.085) * canvas.bottom
    for side in (0, 1):
        away = canvas.x if side == 0 else canvas.right - canvas.x
        start = rng.uniform(-0.05, 0.12) * canvas.bottom
        bend = canvas.wave(1.6, along_x=True) * 0.09
        run = canvas.y - away * slope + bend
        order = rng.permutation(len(colours))
        for number in range(count):
            upper = start + number * width * rng.uniform(1.25, 1.6)
            ragged = canvas.wave(7.0, along_x=True) * 0.012
            thick = width * rng.uniform(0.7, 1.0)
            inside = np.minimum(run - upper + ragged, upper + thick - run + ragged)
            stream = smooth(inside / (0.008 + 1.5 * canvas.pixel) + 0.5)
            canvas.stain(stream * 0.97, colours[order[number % len(order)]])
