"""Hard-edge paintings: chevrons, circles, nested squares and grids, taped and filled flat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scrapers.gallery.painters.painting.canvas import Canvas, Field, length, smooth
from scrapers.gallery.painters.painting.soft import modelled, rectangle
from scrapers.gallery.painters.painting.style import Design
from scrapers.gallery.seeded import pick


def _inside(canvas: Canvas, depth: Field, bleed: float = 0.0) -> Field:
    """0..1 coverage of the region where ``depth``, a distance in units, is above 0."""
    return smooth(depth / (1.6 * canvas.pixel + bleed) + 0.5)


def chevrons(canvas: Canvas, design: Design) -> None:
    """Nested V shapes hanging from the upper edge, or lying on their side."""
    rng, colours = canvas.rng, design.colours
    canvas.prime(modelled(canvas, colours[0], 0.4))
    centre = canvas.right * (0.5 if rng.random() < 0.7 else rng.uniform(0.35, 0.65))
    slope = rng.uniform(0.7, 1.5)
    run = canvas.y + np.abs(canvas.x - centre) * slope
    if rng.random() < 0.2:
        run = canvas.x + np.abs(canvas.y - canvas.bottom / 2) * slope
    count = int(rng.integers(3, 6))
    reach = rng.uniform(0.85, 1.15) * canvas.bottom
    widths = rng.dirichlet(np.full(count, 8.0)) * reach * 0.85
    start = reach
    for number, width in enumerate(widths):
        colour = colours[1 + number % (len(colours) - 1)]
        canvas.lay(_inside(canvas, np.minimum(start - run, run - (start - width))), colour)
        start -= width * pick(rng, (1.0, 1.0, 1.12))


def circles(canvas: Canvas, design: Design) -> None:
    """A target in the middle of the canvas, or a few discs and halves that lean on one another."""
    rng = canvas.rng
    canvas.prime(modelled(canvas, design.colours[0], 0.4))
    if rng.random() < 0.72:
        middle = (canvas.right / 2, canvas.bottom / 2)
        _target(canvas, middle, rng.uniform(0.36, 0.47), design)
        return
    for number in range(int(rng.integers(2, 5))):
        centre = rng.uniform(0.2, 0.8, 2) * (canvas.right, canvas.bottom)
        radius = rng.uniform(0.14, 0.34)
        disc = _inside(canvas, radius - length(canvas.x - centre[0], canvas.y - centre[1]))
        if rng.random() < 0.4:
            disc = disc * _inside(canvas, pick(rng, (-1.0, 1.0)) * (canvas.x - centre[0]))
        canvas.lay(disc, design.colours[1 + number])


def _target(canvas: Canvas, middle: tuple[float, float], radius: float, design: Design) -> None:
    rng, colours = canvas.rng, design.colours
    far = length(canvas.x - middle[0], canvas.y - middle[1])
    rings = int(rng.integers(3, 6))
    edges = np.sort(rng.uniform(0.15, 0.92, rings - 1))[::-1] * radius
    ragged = rng.random() < 0.35
    for number, edge in enumerate([radius, *edges]):
        if number == 0 and ragged:
            rough = far + canvas.noise(9.0, 9.0, 3) * 0.02
            canvas.lay(smooth((edge - rough) / 0.035 + 0.5) * 0.9, colours[1])
        else:
            canvas.lay(_inside(canvas, edge - far), colours[1 + number % (len(colours) - 1)])


def squares(canvas: Canvas, design: Design) -> None:
    """Squares in squares, each a little lower than centred."""
    rng, colours = canvas.rng, design.colours
    canvas.prime(modelled(canvas, colours[1], 0.35))
    insets = (0.1, 0.2, 0.3) if rng.random() < 0.7 else (0.13, 0.27)
    lower = pick(rng, (0.0, 0.5, 0.5))
    for number, inset in enumerate(insets):
        down = inset * lower
        box = (
            inset * canvas.right,
            inset * canvas.bottom + down * canvas.bottom,
            (1 - inset) * canvas.right,
            (1 - inset) * canvas.bottom + down * canvas.bottom,
        )
        inner = rectangle(canvas, box, 2.0 * canvas.pixel + 0.004 * design.style.softness, 0.0)
        canvas.lay(inner, modelled(canvas, colours[2 + number], 0.35))


def grid(canvas: Canvas, design: Design) -> None:
    """A chequer of colours, cell by cell out of a few."""
    rng, colours = canvas.rng, design.colours
    columns = int(rng.integers(2, 7))
    rows = max(2, round(columns * canvas.bottom / canvas.right * pick(rng, (1.0, 1.0, 1.6))))
    gap = pick(rng, (0.0, 0.006, 0.02)) * min(canvas.right / columns, 1.0) * 2
    canvas.prime(modelled(canvas, colours[0], 0.4))
    wide, high = canvas.right / columns, canvas.bottom / rows
    cells = _chequer(rows, columns, len(colours) - 1, rng)
    tones = colours[1:][cells] * rng.uniform(0.94, 1.04, (rows, columns, 1))
    column = np.minimum((canvas.x[0] / wide).astype(int), columns - 1)
    row = np.minimum((canvas.y[:, 0] / high).astype(int), rows - 1)
    off_x = wide / 2 - np.abs(canvas.x - (column[None, :] + 0.5) * wide)
    off_y = high / 2 - np.abs(canvas.y - (row[:, None] + 0.5) * high)
    inner = (
        _inside(canvas, np.minimum(off_x, off_y) - gap / 2) if gap else np.ones_like(off_x + off_y)
    )
    canvas.lay(inner, tones[row[:, None], column[None, :]])
    canvas.shade(canvas.noise(5.0, 5.0, 2) * 0.03)


def _chequer(rows: int, columns: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """(rows, columns) of colour numbers in which no cell equals its left or upper neighbour."""
    cells = np.zeros((rows, columns), dtype=np.int64)
    for row in range(rows):
        for column in range(columns):
            taken = {
                cells[row - 1, column] if row else -1,
                cells[row, column - 1] if column else -1,
            }
            free = [c for c in range(count) if c not in taken]
            cells[row, column] = free[int(rng.integers(len(free)))]
    return cells
