"""From a design to a photograph of the painting."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from scrapers.gallery.painters.painting import bands, hard, poured, soft
from scrapers.gallery.painters.painting.canvas import Canvas
from scrapers.gallery.painters.painting.style import Design, Family

_PAINTERS: dict[Family, tuple[int, Callable[[Canvas, Design], None]]] = {
    Family.FIELDS: (360, soft.fields),
    Family.ATMOSPHERE: (320, soft.atmosphere),
    Family.MONOCHROME: (360, soft.monochrome),
    Family.STRIPES: (520, bands.stripes),
    Family.ZIP: (480, bands.zips),
    Family.VEIL: (420, poured.veil),
    Family.UNFURLED: (460, poured.unfurled),
    Family.CHEVRONS: (500, hard.chevrons),
    Family.CIRCLES: (500, hard.circles),
    Family.SQUARES: (420, hard.squares),
    Family.GRID: (500, hard.grid),
}
"""Working resolution (longer side in pixels) that the edges of each family need."""


def paint(design: Design, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """The photograph, ``size`` (width, height) pixels, of the work that ``design`` describes."""
    detail, compose = _PAINTERS[design.family]
    canvas = Canvas(size, detail, rng)
    compose(canvas, design)
    if rng.random() < 0.35:
        _light(canvas)
    return canvas.photograph(design.style.weave, design.style.brush)


def _light(canvas: Canvas) -> None:
    """A lamp off centre and a lens that darkens the corners, both only just visible."""
    rng = canvas.rng
    slope = rng.normal(0, 0.035, 2)
    across, down = canvas.x / canvas.right - 0.5, canvas.y / canvas.bottom - 0.5
    corner = (across**2 + down**2) * rng.uniform(0.05, 0.22)
    canvas.shade(across * slope[0] + down * slope[1] - corner)
