"""Paintings whose colours breathe into one another: stacked fields, atmospheres, monochromes."""

from __future__ import annotations

from typing import cast

import numpy as np

from scrapers.gallery.painters.painting.canvas import Canvas, Field, length, smooth
from scrapers.gallery.painters.painting.palettes import Colours, shifted
from scrapers.gallery.painters.painting.style import Design
from scrapers.gallery.seeded import pick


def modelled(canvas: Canvas, colour: Colours, depth: float) -> Field:
    """(height, width, 3) of one colour as paint has it: clouds of lighter, warmer, thinner."""
    lighter, darker = shifted(
        np.stack([colour, colour]) * [[1.0], [0.9]], depth * 0.06, 1.0 + depth * 0.1, depth * 0.08
    )
    clouds = canvas.noise(2.0, 2.5, 3) * 0.5 + 0.5
    share = ((clouds + canvas.noise(3.0, 26.0) * 0.18).clip(0.0, 1.0)) * depth
    thin = (colour + (darker - colour) * depth).astype(np.float32)
    return cast("Field", thin + share[..., None] * (lighter - darker).astype(np.float32))


def rectangle(
    canvas: Canvas, box: tuple[float, float, float, float], feather: float, ragged: float
) -> Field:
    """(height, width) of 0..1: a box whose edge is ``feather`` wide and wanders by ``ragged``."""
    left, top, right, bottom = box
    inside_x = np.minimum(canvas.x - left, right - canvas.x)
    inside_y = np.minimum(canvas.y - top, bottom - canvas.y)
    corner = 0.75 * feather
    short_x, short_y = (corner - inside_x).clip(0.0), (corner - inside_y).clip(0.0)
    rounded = corner - length(short_x, short_y)
    wander = canvas.noise(6.0, 6.0, 3) * ragged
    return smooth((rounded + wander) / feather + 0.5)


def fields(canvas: Canvas, design: Design) -> None:
    """Two to four soft rectangles, one above the other, floating on a ground."""
    rng, style, colours = canvas.rng, design.style, design.colours
    canvas.prime(modelled(canvas, colours[0], 0.8))
    count = pick(rng, (2, 2, 3, 3, 3, 4))
    shares = rng.dirichlet(np.full(count, 3.5)) * 0.7 + 0.3 / count
    side, gap = rng.uniform(0.05, 0.11), rng.uniform(0.02, 0.05)
    top, bottom = rng.uniform(0.04, 0.09), canvas.bottom - rng.uniform(0.04, 0.09)
    room = bottom - top - gap * (count - 1)
    feather = 0.02 + 0.06 * style.softness
    for number, share in enumerate(shares):
        lean = rng.uniform(-0.012, 0.012, 2)
        box = (side + lean[0], top, canvas.right - side + lean[1], top + room * share)
        _float(
            canvas,
            box,
            colours[1 + number],
            colours[(4 + number) % len(colours)],
            feather,
            style.thinness,
        )
        top += room * share + gap


def _float(
    canvas: Canvas,
    box: tuple[float, float, float, float],
    colour: Colours,
    under: Colours,
    feather: float,
    thinness: float,
) -> None:
    """One field over its underpainting, which shows at the edge and where the paint is thin."""
    left, top, right, bottom = box
    glow = (left - 0.02, top - 0.016, right + 0.02, bottom + 0.016)
    canvas.lay(rectangle(canvas, glow, feather * 1.8, 0.02) * (0.25 + 0.35 * thinness), under)
    cover = 1.0 - thinness * 0.28 * smooth(canvas.noise(1.6, 2.2, 3) * 0.6 + 0.5)
    canvas.lay(rectangle(canvas, box, feather, 0.010) * cover, modelled(canvas, colour, 0.9))


def atmosphere(canvas: Canvas, design: Design) -> None:
    """Three or four colours that pass into one another like a sky, with a glow somewhere."""
    rng, colours = canvas.rng, design.colours
    angle = pick(rng, (0.0, 0.0, 0.0, 0.5, -0.35)) + rng.normal(0, 0.06)
    run = canvas.y / canvas.bottom * np.cos(angle) + canvas.x / canvas.right * np.sin(angle)
    run = run + canvas.noise(1.3, 1.6, 3) * 0.13
    count = int(rng.integers(3, 5))
    stops = np.cumsum(rng.dirichlet(np.full(count, 6.0)))[:-1]
    width = rng.uniform(0.16, 0.42)
    canvas.prime(modelled(canvas, colours[0], 0.7))
    for stop, colour in zip(stops, colours[1:], strict=False):
        canvas.lay(smooth((run - stop) / width + 0.5), modelled(canvas, colour, 0.7))
    centre = rng.uniform(0.25, 0.75, 2) * (canvas.right, canvas.bottom)
    far = length(canvas.x - centre[0], (canvas.y - centre[1]) * rng.uniform(1.2, 2.4))
    glow = smooth(1.0 - (far + canvas.noise(3.0, 3.0, 2) * 0.05) / rng.uniform(0.3, 0.6))
    canvas.lay(glow * rng.uniform(0.4, 0.85), colours[4])


def monochrome(canvas: Canvas, design: Design) -> None:
    """One colour to the edge, or nearly: a frame of a neighbouring tone holds it."""
    rng, colours = canvas.rng, design.colours
    canvas.prime(modelled(canvas, colours[1], 1.0))
    canvas.shade(canvas.noise(5.0, 40.0, 2) * 0.05 * design.style.brush)
    frame = shifted(colours[1][None, :], pick(rng, (-0.1, 0.09)), 0.95, rng.normal(0, 0.25))[0]
    inset = rng.uniform(0.05, 0.14)
    box = (inset, inset, canvas.right - inset, canvas.bottom - inset)
    inner = rectangle(canvas, box, 0.006 + 0.05 * design.style.softness, 0.008)
    canvas.lay(1.0 - inner, modelled(canvas, frame, 0.8))
