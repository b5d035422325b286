"""How sellers photograph: on white paper mostly, from above, not quite straight."""

from __future__ import annotations

import numpy as np

from scrapers.gallery.painters.watch.look import RGB, Shot
from scrapers.gallery.seeded import pick

_PAPERS: tuple[tuple[RGB, RGB], ...] = (
    ((255, 255, 255), (255, 255, 255)), ((252, 252, 252), (238, 238, 240)),
    ((246, 246, 246), (222, 223, 226)), ((232, 233, 236), (250, 250, 250)),
    ((218, 220, 224), (188, 190, 196)), ((244, 240, 233), (226, 219, 208)),
)  # fmt: skip
_CLOTHS: tuple[tuple[RGB, RGB], ...] = (
    ((48, 49, 54), (26, 27, 30)), ((34, 44, 66), (22, 28, 44)), ((92, 34, 40), (62, 20, 28)),
    ((40, 66, 54), (24, 42, 34)), ((150, 126, 98), (112, 90, 66)), ((120, 128, 138), (84, 92, 102)),
)  # fmt: skip
ON_CLOTH = 0.18
"""Share of the photographs that are taken on cloth, wood or leather."""
_CATALOGUE_TIME = 10.0 + 9.0 / 60.0


def shot_of(
    rng: np.random.Generator, size: tuple[int, int], position: int, share_on_cloth: float = ON_CLOTH
) -> Shot:
    """The photograph at ``position`` of a listing: first the whole watch, then closer looks."""
    on_cloth = rng.random() < share_on_cloth
    close = 1.0 if position == 0 else rng.uniform(0.9, 1.7)
    posed = rng.random() < 0.65
    return Shot(
        size=size,
        radius=rng.uniform(0.265, 0.355) * close,
        centre=(0.5 + rng.normal(0, 0.018), 0.5 + rng.normal(0, 0.018)),
        turn=float(np.radians(rng.normal(0, 3.5 if position == 0 else 14.0))),
        time=_CATALOGUE_TIME + rng.normal(0, 0.03) if posed else rng.uniform(0, 12),
        ground=pick(rng, _CLOTHS if on_cloth else _PAPERS),
        light=rng.uniform(-2.6, -0.5),
        shadow=rng.uniform(0.25, 0.6),
        soft=bool(rng.random() < 0.3),
        textured=bool(on_cloth),
    )
