"""The line-ups of the brands: models, their references, and what each looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from scrapers.gallery.items import Creator
from scrapers.gallery.painters.painting.palettes import to_oklab
from scrapers.gallery.painters.watch.look import (
    RGB,
    Bezel,
    CaseShape,
    Hands,
    Indices,
    Strap,
    WatchLook,
)
from scrapers.gallery.seeded import generator, pick

DIALS: dict[str, tuple[RGB, ...]] = {
    "Black": ((22, 22, 25), (32, 30, 30)),
    "Blue": ((24, 52, 112), (18, 70, 140), (30, 44, 84)),
    "White": ((240, 240, 238), (232, 230, 224)),
    "Silver": ((204, 206, 210), (214, 211, 204)),
    "Grey": ((104, 108, 114), (82, 86, 92)),
    "Green": ((22, 78, 54), (44, 92, 62)),
    "Champagne": ((222, 194, 140), (212, 180, 120)),
    "Salmon": ((232, 164, 130),),
    "Red": ((134, 24, 34),),
    "Turquoise": ((96, 196, 196),),
    "Brown": ((88, 56, 38),),
}
_MATERIALS = {
    "steel": "Steel",
    "gold": "Yellow gold",
    "rose": "Rose gold",
    "black": "Ceramic",
    "titanium": "Titanium",
}
_LEATHERS: tuple[RGB, ...] = (
    (58, 34, 22), (32, 26, 24), (122, 74, 40), (26, 36, 62), (92, 60, 40), (70, 74, 60),
)  # fmt: skip
_TEXTILES: tuple[RGB, ...] = (
    (52, 62, 46), (34, 38, 48), (110, 104, 92), (26, 48, 90), (136, 36, 34),
)  # fmt: skip
_RUBBERS: tuple[RGB, ...] = ((26, 26, 28), (24, 42, 84), (214, 92, 30), (36, 70, 56))

_PLAINLY_APART = 0.15
"""In Oklab: black and blue, silver and champagne are farther apart."""


@dataclass(frozen=True)
class WatchKind:
    """A type of watch: what its makers choose from."""

    names: tuple[str, ...]
    dials: tuple[str, ...]
    bezels: tuple[Bezel, ...]
    indices: tuple[Indices, ...]
    hands: tuple[Hands, ...]
    straps: tuple[Strap, ...]
    diameters: tuple[int, ...]
    shapes: tuple[CaseShape, ...] = (CaseShape.ROUND,)
    metals: tuple[str, ...] = ("steel",)
    subdials: tuple[int, ...] = (0,)
    date: float = 0.5


KINDS = (
    WatchKind(
        names=("Tidemaster 300", "Abyssal", "Reef Date", "Pelagos-Nord 200", "Harbourmaster"),
        dials=("Black", "Blue", "Green", "Black", "Turquoise"),
        bezels=(Bezel.DIVER,),
        indices=(Indices.DOTS, Indices.DOTS, Indices.BATONS),
        hands=(Hands.SWORD, Hands.BATON),
        straps=(Strap.THREE_LINK, Strap.THREE_LINK, Strap.RUBBER, Strap.NATO),
        diameters=(40, 41, 42),
        metals=("steel", "steel", "titanium", "black", "gold"),
        date=0.7,
    ),
    WatchKind(
        names=("Perpetua Date", "Regent 36", "Chancellor", "Belle Heure", "Constante"),
        dials=("Champagne", "Silver", "Blue", "White", "Salmon", "Green"),
        bezels=(Bezel.FLUTED, Bezel.FLUTED, Bezel.PLAIN),
        indices=(Indices.BATONS, Indices.ROMAN),
        hands=(Hands.BATON, Hands.DAUPHINE),
        straps=(Strap.FIVE_LINK, Strap.FIVE_LINK, Strap.THREE_LINK),
        diameters=(34, 36, 41),
        metals=("steel", "steel", "gold", "rose"),
        date=0.9,
    ),
    WatchKind(
        names=("Chronos 7750", "Circuit Chronograph", "Tricompax", "Rallye 60", "Stopwatch & Co."),
        dials=("White", "Black", "Silver", "Blue", "Brown"),
        bezels=(Bezel.TACHYMETER, Bezel.TACHYMETER, Bezel.PLAIN),
        indices=(Indices.BATONS,),
        hands=(Hands.BATON,),
        straps=(Strap.THREE_LINK, Strap.LEATHER, Strap.RUBBER),
        diameters=(39, 40, 42),
        metals=("steel", "steel", "steel", "rose", "black"),
        subdials=(2, 3, 3),
        date=0.2,
    ),
    WatchKind(
        names=("Salon", "Fine Hour", "Élégance 38", "Minuit", "Heritage “1958”"),
        dials=("White", "Silver", "Champagne", "Black", "Grey"),
        bezels=(Bezel.PLAIN,),
        indices=(Indices.BATONS, Indices.ROMAN, Indices.BATONS),
        hands=(Hands.LEAF, Hands.DAUPHINE),
        straps=(Strap.LEATHER,),
        diameters=(36, 38, 39),
        metals=("gold", "rose", "steel"),
        subdials=(0, 0, 1),
        date=0.15,
    ),
    WatchKind(
        names=("Aviator Mk II", "Fieldmaster", "Pilot’s Hour", "Navigator GMT", "Bivouac"),
        dials=("Black", "Black", "White", "Green", "Brown"),
        bezels=(Bezel.PLAIN,),
        indices=(Indices.ARABIC,),
        hands=(Hands.SWORD,),
        straps=(Strap.LEATHER, Strap.NATO, Strap.THREE_LINK),
        diameters=(38, 40, 43),
        metals=("steel", "black", "titanium"),
        date=0.4,
    ),
    WatchKind(
        names=("Carré", "Réservoir", "Quadrant", "Mondrago", "Façade"),
        dials=("White", "Silver", "Black", "Blue"),
        bezels=(Bezel.PLAIN,),
        indices=(Indices.ROMAN, Indices.BATONS),
        hands=(Hands.DAUPHINE, Hands.LEAF),
        straps=(Strap.LEATHER,),
        diameters=(29, 31, 33),
        shapes=(CaseShape.TANK,),
        metals=("gold", "steel", "rose"),
        date=0.0,
    ),
    WatchKind(
        names=("Coussin 42", "Radium", "Palombaro", "Ocean & Land", "Lagune"),
        dials=("Black", "Green", "Blue", "Grey"),
        bezels=(Bezel.PLAIN,),
        indices=(Indices.ARABIC, Indices.BATONS),
        hands=(Hands.BATON,),
        straps=(Strap.LEATHER, Strap.RUBBER),
        diameters=(42, 44, 45),
        shapes=(CaseShape.CUSHION,),
        metals=("steel", "titanium", "black"),
        subdials=(0, 0, 1),
        date=0.3,
    ),
)


@dataclass(frozen=True)
class Reference:
    """One version of a model."""

    number: str
    look: WatchLook
    dial: str
    material: str
    bracelet: str


@dataclass(frozen=True)
class WatchModel:
    """A model and its versions, the most common first."""

    id: str
    name: str
    diameter_mm: int
    base_price: float
    """US dollars, for an ordinary reference in good condition."""
    references: tuple[Reference, ...]


@lru_cache(maxsize=512)
def models_of(seed: int, number: int, brand: Creator) -> tuple[WatchModel, ...]:
    """Three to five models of the brand number ``number``, the most common first."""
    rng = generator(seed, "line-up", number)
    kinds = rng.permutation(len(KINDS))[: int(rng.integers(3, 6))]
    level = float(np.exp(rng.normal(8.3, 0.8)))
    return tuple(
        _model(f"{number + 1}{place + 1}", brand, KINDS[kind], level, rng)
        for place, kind in enumerate(kinds)
    )


def _model(
    id_: str, brand: Creator, kind: WatchKind, level: float, rng: np.random.Generator
) -> WatchModel:
    dials = list(dict.fromkeys(kind.dials[i] for i in rng.permutation(len(kind.dials))))
    base = look_of(brand.name, kind, dials[0], rng)
    number = int(rng.integers(1000, 99999))
    references = []
    for place, dial in enumerate(dials[: int(rng.integers(1, 4))]):
        look = base if place == 0 else _variation(base, kind, dial, rng)
        references.append(
            Reference(
                number=f"{number}{dial[0]}{dial[-1].upper()}",
                look=look,
                dial=dial,
                material=_MATERIALS[look.metal],
                bracelet=_bracelet(look),
            )
        )
    return WatchModel(
        id=id_,
        name=pick(rng, kind.names),
        diameter_mm=pick(rng, kind.diameters),
        base_price=level * float(np.exp(rng.normal(0, 0.3))),
        references=tuple(references),
    )


def look_of(wordmark: str, kind: WatchKind, dial: str, rng: np.random.Generator) -> WatchLook:
    """A watch of that ``kind`` with a ``dial`` of that name."""
    colour = pick(rng, DIALS[dial])
    strap = pick(rng, kind.straps)
    return WatchLook(
        wordmark=wordmark.upper(),
        shape=pick(rng, kind.shapes),
        metal=pick(rng, kind.metals),
        bezel=pick(rng, kind.bezels),
        bezel_colour=_bezel_colour(colour, rng),
        dial_colour=colour,
        sunburst=rng.uniform(0.0, 1.0),
        fume=pick(rng, (0.0, 0.0, 0.25, 0.55)),
        indices=pick(rng, kind.indices),
        hands=pick(rng, kind.hands),
        subdials=pick(rng, kind.subdials),
        subdial_contrast=bool(rng.random() < 0.5),
        date=bool(rng.random() < kind.date),
        strap=strap,
        strap_colour=_strap_colour(strap, rng),
    )


def _variation(base: WatchLook, kind: WatchKind, dial: str, rng: np.random.Generator) -> WatchLook:
    """The same watch in another colour, perhaps in another metal or on another strap."""
    colour = pick(rng, DIALS[dial])
    look = replace(base, dial_colour=colour, bezel_colour=_bezel_colour(colour, rng))
    if rng.random() < 0.4:
        look = replace(look, metal=pick(rng, kind.metals))
    if rng.random() < 0.4:
        strap = pick(rng, kind.straps)
        look = replace(look, strap=strap, strap_colour=_strap_colour(strap, rng))
    return look


def recoloured(reference: Reference, taken: Sequence[RGB], rng: np.random.Generator) -> Reference:
    """The same watch with a dial plainly of another colour than its own and those ``taken``.

    Where no colour is left, the one farthest from all of them. The bezel goes with the dial.
    """
    look = reference.look
    known = to_oklab(np.array([look.dial_colour, *taken], float))
    dials = [(name, colour) for name, colours in DIALS.items() for colour in colours]
    colours = to_oklab(np.array([colour for _, colour in dials], float))
    apart = np.linalg.norm(colours[:, None] - known, axis=2).min(axis=1)
    others = [dials[place] for place in np.flatnonzero(apart > _PLAINLY_APART).tolist()]
    dial, colour = pick(rng, others or [dials[int(apart.argmax())]])
    look = replace(look, dial_colour=colour, bezel_colour=_bezel_colour(colour, rng))
    return replace(reference, look=look, dial=dial)


def _bezel_colour(dial: RGB, rng: np.random.Generator) -> RGB:
    """Of an inlaid ring: the dial's colour, black, or another strong one."""
    own = (dial[0] * 7 // 10, dial[1] * 7 // 10, dial[2] * 7 // 10)
    return pick(rng, (own, own, (18, 18, 20), (18, 18, 20), (20, 44, 100), (20, 76, 52)))


def _strap_colour(strap: Strap, rng: np.random.Generator) -> RGB:
    if strap is Strap.RUBBER:
        return pick(rng, _RUBBERS)
    return pick(rng, _TEXTILES if strap is Strap.NATO else _LEATHERS)


def _bracelet(look: WatchLook) -> str:
    """The material as the site names it."""
    named = {Strap.LEATHER: "Leather", Strap.RUBBER: "Rubber", Strap.NATO: "Textile"}
    return named.get(look.strap, _MATERIALS[look.metal])
