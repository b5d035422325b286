"""What a shop sells, and how it photographs it: 300 models, 40 poses, colourways of each.

Every listing shows another combination of model, pose, dial and trim, so no two are one picture
unless they were planted as copies; but many differ in a dial or in a bezel only.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from scrapers.gallery.painters.watch.look import RGB, Bezel, Shot, Strap, WatchLook
from scrapers.gallery.painters.watch.models import KINDS, look_of
from scrapers.gallery.seeded import Shuffle, generator, pick

MODELS: Final = 300
POSES: Final = 40
POSE_STEP: Final = 0.046
"""Radians from one pose to the next (`python -m tests.benches.shop` compares with real ones)."""
STRAY_SHARE: Final = 0.02
"""Of the listings that are no watches, but fans and straps."""

_DIALS: Final[tuple[tuple[str, RGB], ...]] = (
    ("Black", (22, 22, 25)), ("Blue", (24, 52, 112)), ("Green", (22, 78, 54)),
    ("Grey", (82, 86, 92)), ("Red", (134, 24, 34)), ("Brown", (88, 56, 38)),
    ("Turquoise", (16, 98, 106)), ("Salmon", (152, 88, 66)), ("Silver", (204, 206, 210)),
    ("White", (240, 240, 238)), ("Champagne", (222, 194, 140)),
)  # fmt: skip
"""Most are dark, as in real shops: dials of one lightness leave a hash as it is."""
_INLAYS: Final[tuple[RGB, ...]] = (
    (18, 18, 20), (20, 44, 100), (20, 76, 52), (134, 24, 34),
    (96, 96, 100), (200, 170, 90), (230, 230, 228), (212, 100, 30),
)  # fmt: skip
_METALS: Final = ("steel", "gold", "rose", "black")
_STRAPS: Final[tuple[RGB, ...]] = ((58, 34, 22), (26, 36, 62))
_TRIMS: Final = 8
COMBINATIONS: Final = MODELS * POSES * len(_DIALS) * _TRIMS
"""More than the largest gallery has listings."""
_WHITE: Final[RGB] = (255, 255, 255)
_CATALOGUE_TIME: Final = 10.0 + 9.0 / 60.0


class Article(NamedTuple):
    """What a listing shows."""

    model: int
    pose: int
    dial: int
    trim: int

    @property
    def dial_name(self) -> str:
        """As the site writes it."""
        return _DIALS[self.dial][0]


def article(seed: int, listing: int) -> Article:
    """What the listing with that number shows; another one for each."""
    place = Shuffle(COMBINATIONS, seed, "articles").at(listing)
    rest, trim = divmod(place, _TRIMS)
    rest, dial = divmod(rest, len(_DIALS))
    model, pose = divmod(rest, POSES)
    return Article(model, pose, dial, trim)


def colourway(seed: int, shown: Article, listings: int, nth: int) -> Article:
    """The same watch in the same pose with another dial, which none of the ``listings`` shows.

    The ``nth`` of them; in the largest gallery, where all dials may be taken, any other dial.
    """
    rng = generator(seed, "shop-colourway", _place(shown))
    others = [shown._replace(dial=int(d)) for d in rng.permutation(len(_DIALS)) if d != shown.dial]
    order = Shuffle(COMBINATIONS, seed, "articles")
    free = [other for other in others if order.place(_place(other)) >= listings] or others
    return free[nth % len(free)]


def _place(shown: Article) -> int:
    return ((shown.model * POSES + shown.pose) * len(_DIALS) + shown.dial) * _TRIMS + shown.trim


def look_at(seed: int, shown: Article) -> WatchLook:
    """The model in its colours: of the bezel, or where that has none, of the metal and strap.

    A watch on a bracelet is offered on leather, too: the colour of a strap that it has not would
    make two listings of one picture.
    """
    base = _model(seed, shown.model)
    colour = _DIALS[shown.dial][1]
    if base.bezel in (Bezel.DIVER, Bezel.TACHYMETER):
        return replace(base, dial_colour=colour, bezel_colour=_INLAYS[shown.trim])
    metal, strap = divmod(shown.trim, len(_STRAPS))
    look = replace(base, dial_colour=colour, metal=_METALS[metal])
    if base.strap not in (Strap.THREE_LINK, Strap.FIVE_LINK):
        return replace(look, strap_colour=_STRAPS[strap])
    return replace(look, strap=Strap.LEATHER, strap_colour=_STRAPS[0]) if strap else look


def shot_of(seed: int, shown: Article, size: tuple[int, int]) -> Shot:
    """The pose: on white, each turned a little further than the one before it."""
    rng = generator(seed, "shop-shot", shown.model)
    return Shot(
        size=size,
        radius=float(rng.uniform(0.17, 0.31)),
        centre=(0.5, 0.5 + float(rng.uniform(-0.05, 0.05))),
        turn=POSE_STEP * (shown.pose - (POSES - 1) / 2),
        time=_CATALOGUE_TIME,
        ground=(_WHITE, _WHITE),
        light=float(rng.uniform(-2.6, -0.5)),
        shadow=0.0,
        soft=False,
    )


@lru_cache(maxsize=MODELS)
def _model(seed: int, number: int) -> WatchLook:
    rng = generator(seed, "shop-model", number)
    kind = pick(rng, KINDS)
    return look_of(f"Atelier {number}", kind, kind.dials[0], rng)
