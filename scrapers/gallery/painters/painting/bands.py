"""Paintings of upright bands: stripes from edge to edge, and fields split by a few zips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scrapers.gallery.painters.painting.canvas import Canvas, Field, smooth
from scrapers.gallery.painters.painting.palettes import distances
from scrapers.gallery.painters.painting.soft import modelled
from scrapers.gallery.painters.painting.style import Design
from scrapers.gallery.seeded import pick


def band(canvas: Canvas, left: float, right: float, bleed: float, *, upright: bool) -> Field:
    """(height, width) of 0..1: a strip across the whole canvas whose edges bleed unevenly."""
    wander = canvas.wave(9.0, along_x=not upright) * bleed
    wander = wander + canvas.wave(60.0, along_x=not upright) * bleed * 0.5
    edge = 1.5 * canvas.pixel + bleed
    place = canvas.x if upright else canvas.y
    near = ((place > left - 4 * edge) & (place < right + 4 * edge)).ravel()
    strip = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    part = np.ix_(np.full(canvas.height, True), near) if upright else np.ix_(near)
    place = place[:, near] if upright else place[near]
    strip[part] = smooth(np.minimum(place - left + wander, right - place + wander) / edge + 0.5)
    return strip


def stripes(canvas: Canvas, design: Design) -> None:
    """Bands of even or rhythmic width, side by side or with bare canvas between them."""
    rng, colours = canvas.rng, design.colours
    upright = bool(rng.random() < 0.82)
    extent = canvas.right if upright else canvas.bottom
    count = int(rng.integers(5, 17))
    even = rng.random() < 0.45
    shares = np.full(count, 1.0 / count) if even else rng.dirichlet(np.full(count, 2.2))
    bare = pick(rng, (0.0, 0.0, 0.12, 0.3))
    margin = pick(rng, (0.0, 0.0, 0.06, 0.14)) * extent
    canvas.prime(modelled(canvas, colours[0], 0.5))
    bleed = 0.0006 + 0.006 * design.style.softness**2
    place = margin
    before, apart = 0, distances(colours) > 0.08
    for share in shares:
        width = share * (extent - 2 * margin)
        before = _unlike(apart, before, rng)
        strip = band(canvas, place, place + width * (1 - bare), bleed, upright=upright)
        depth = canvas.wave(6.0, along_x=not upright) * 0.05 + 1.0
        canvas.lay(
            strip * (1.0 - 0.1 * design.style.thinness),
            (colours[before] * depth[..., None]).clip(0, 255),
        )
        place += width


def _unlike(apart: NDArray[np.bool_], before: int, rng: np.random.Generator) -> int:
    """Number of a colour other than the ground that stands out from the one ``before`` it."""
    free = [n for n in range(1, len(apart)) if apart[before, n]]
    return pick(rng, free) if free else 1


def zips(canvas: Canvas, design: Design) -> None:
    """One large field, saturated to the edge, and a few verticals that cut it."""
    rng, colours = canvas.rng, design.colours
    canvas.prime(modelled(canvas, colours[1], 0.8))
    if rng.random() < 0.3:
        split = rng.uniform(0.25, 0.75) * canvas.right
        side = band(canvas, split, canvas.right + 1, 0.002, upright=True)
        canvas.lay(side, modelled(canvas, colours[3], 0.8))
    count = pick(rng, (1, 1, 2, 2, 3, 4))
    places = (np.arange(count) + rng.uniform(0.15, 0.85, count)) / count * canvas.right
    for number, place in enumerate(places):
        width = pick(rng, (0.008, 0.015, 0.03, 0.07)) * rng.uniform(0.8, 1.3) + canvas.pixel
        brushed = rng.random() < 0.4
        bleed = 0.008 if brushed else 0.0008
        strip = band(canvas, place - width / 2, place + width / 2, bleed, upright=True)
        if brushed:
            strip = strip * (0.55 + 0.45 * smooth(canvas.noise(40.0, 5.0) + 0.6))
        colour = (colours[2], colours[4], colours[0])[number % 3]
        canvas.lay(strip, colour)
