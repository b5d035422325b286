"""What makes the works of one artist look like the works of one artist."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np

from scrapers.gallery.painters.painting.palettes import (
    PALETTES,
    Colours,
    distances,
    from_hex,
    shifted,
    to_oklab,
)
from scrapers.gallery.seeded import generator, pick


class Family(StrEnum):
    """How a painting is composed."""

    FIELDS = "fields"
    STRIPES = "stripes"
    ZIP = "zip"
    VEIL = "veil"
    UNFURLED = "unfurled"
    CHEVRONS = "chevrons"
    CIRCLES = "circles"
    SQUARES = "squares"
    ATMOSPHERE = "atmosphere"
    MONOCHROME = "monochrome"
    GRID = "grid"


HARD_EDGED = frozenset({Family.CHEVRONS, Family.CIRCLES, Family.SQUARES, Family.GRID})
LYRICAL = frozenset({Family.VEIL, Family.UNFURLED, Family.ATMOSPHERE})

_MAIN = (
    (Family.FIELDS,), (Family.FIELDS, Family.MONOCHROME), (Family.FIELDS, Family.ATMOSPHERE),
    (Family.STRIPES,), (Family.STRIPES, Family.CHEVRONS), (Family.ZIP,),
    (Family.ZIP, Family.FIELDS), (Family.VEIL,), (Family.VEIL, Family.UNFURLED),
    (Family.CIRCLES, Family.CHEVRONS),
    (Family.SQUARES,), (Family.SQUARES, Family.GRID), (Family.ATMOSPHERE,),
    (Family.CIRCLES, Family.STRIPES), (Family.FIELDS, Family.ZIP),
)  # fmt: skip
"""Families that go together in one artist; the first is the habit, the second the exception."""


@dataclass(frozen=True)
class Style:
    """The habits of an artist."""

    families: tuple[Family, ...]
    palette: Colours
    """(7, 3); the ground first."""
    softness: float
    """0 crisp tape edges .. 1 edges that dissolve."""
    thinness: float
    """0 opaque paint .. 1 washes through which the layers below show."""
    weave: float
    """How plainly the canvas shows, 0..1."""
    brush: float
    """How plainly the strokes show, 0..1."""
    aspect: float
    """Width over height of a typical work."""


@dataclass(frozen=True)
class Design:
    """What an artist decides before the first stroke of one work."""

    family: Family
    colours: Colours
    """(n, 3), n >= 5; the ground first, then in the order of use, neighbours distinct."""
    style: Style


@lru_cache(maxsize=512)
def style_of(seed: int, artist: int) -> Style:
    """The habits of the artist number ``artist``; neighbours in number differ in family."""
    rng = generator(seed, "style", artist)
    offset = int(generator(seed, "styles").integers(len(_MAIN)))
    families = _MAIN[(artist + offset) % len(_MAIN)]
    palette = from_hex(pick(rng, PALETTES))
    palette = shifted(
        palette, rng.normal(0, 0.015), rng.uniform(0.88, 1.12), np.radians(rng.normal(0, 9))
    )
    return Style(
        families=families,
        palette=palette,
        softness=rng.uniform(0.25, 1.0),
        thinness=rng.uniform(0.1, 0.9),
        weave=rng.uniform(0.15, 1.0),
        brush=rng.uniform(0.2, 1.0),
        aspect=float(np.exp(rng.normal(-0.1, 0.2))),
    )


def design_of(seed: int, item: int, style: Style) -> Design:
    """The design of the work number ``item``."""
    rng = generator(seed, "design", item)
    usual = len(style.families) == 1 or rng.random() < 0.72
    family = style.families[0 if usual else 1]
    palette = shifted(
        style.palette, rng.normal(0, 0.02), rng.uniform(0.92, 1.08), np.radians(rng.normal(0, 6))
    )
    return Design(family, _palette_order(palette, rng), style)


def recoloured(design: Design, rng: np.random.Generator) -> Design:
    """The same composition in the colours, of a few drawn, that are farthest from its own."""
    palettes = [_palette_order(from_hex(pick(rng, PALETTES)), rng) for _ in range(4)]
    own = to_oklab(design.colours)
    apart = [float(np.linalg.norm(to_oklab(palette) - own, axis=1).mean()) for palette in palettes]
    return replace(design, colours=palettes[int(np.argmax(apart))])


def _palette_order(palette: Colours, rng: np.random.Generator) -> Colours:
    """The palette in an order of use in which no colour follows one that it resembles."""
    ground = 0 if rng.random() < 0.6 else int(rng.integers(len(palette)))
    apart = distances(palette) > 0.12
    rest = [int(i) for i in rng.permutation(len(palette)) if i != ground]
    order = [ground]
    while rest:
        chosen = next((i for i in rest if apart[order[-1], i]), rest[0])
        order.append(chosen)
        rest.remove(chosen)
    return palette[order]
