"""Invented artists and brands; any likeness to a real one is chance."""

from __future__ import annotations

from scrapers.gallery.items import Creator
from scrapers.gallery.seeded import Shuffle, generator
from scrapers.parsing.text import slug

_GIVEN = (
    "Ada", "Alma", "Anselm", "Aurelio", "Beatriz", "Bram", "Carmen", "Cosima", "Dagny", "Edda",
    "Eero", "Elias", "Emre", "Fenna", "Florian", "Greta", "Hanne", "Ilse", "Inès", "Isolde",
    "Ivo", "Jórunn", "Joaquim", "Kasimir", "Katrin", "Lázaro", "Leonie", "Lior", "Lucía",
    "Maarten", "Mateus", "Merete", "Mirela", "Nadja", "Noémie", "Odile", "Oskar", "Paloma",
    "Piotr", "Quentin", "Rasmus", "Renata", "Saskia", "Søren", "Tamsin", "Thora", "Ulrike",
    "Valdis", "Wendel", "Xenia", "Yoshi", "Zoë",
)  # fmt: skip
_FAMILY = (
    "Abendroth", "Almgren", "Bellweather", "Bjørnstad", "Brisco", "Cavendale", "Corvalán",
    "Dahlquist", "Delacourt-Finn", "Dunmarrow", "Eikrem", "Ellerby", "Escovar", "Farrowgate",
    "Fjeldsø", "Galloway-Reyes", "Grunwaldt", "Hartvigsen", "Hollinrake", "Ibáñez-Lund",
    "Jankova", "Kestrel", "Kowalczewska", "Lachance-Ito", "Lindqvarn", "Marchetta",
    "Merriweather-Osei", "Montrose-Vale", "Nakamori", "Norrgård", "Oakhanger", "O’Carrow",
    "Ostrander", "Pellegrand", "Penhallow", "Quillfeather", "Rautavaara-Hill",
    "Rosenthal-Mbeki", "Sandoval-Pike", "Sørlie", "Stavrakis", "Tessier-Wood", "Thornquist",
    "Umbría", "Vandermeir", "Vasquelle", "Winterbourne-Sato", "Wolcott-Nair", "Ysbrandt",
    "Zielonka",
)  # fmt: skip
_BRANDS = (
    "Halvorn", "Meridane", "Vauquier", "Castelroe", "Ardmoor", "Tessaly & Fils", "Kestrane",
    "Lunarque", "Bellweth", "Orsine", "Dufrâne", "Pallister",
)  # fmt: skip
_HOUSES = (
    "Aldebrand", "Belcourse", "Cendrille", "Dovrefell", "Estival", "Faubourgeois", "Granvère",
    "Hallaton", "Isenhart", "Jurançelle", "Kirkhaven", "Lorvane", "Montclère", "Nordhavn",
    "Oriflame-Tor", "Perrinault", "Quintelle", "Rochemar", "Sablière", "Thalvorn", "Uhlenbach",
    "Valbruyère", "Westerling", "Yverlac", "Zollingen",
)  # fmt: skip
_SUFFIXES = (
    "Genève", "Watch Co.", "& Söhne", "Frères", "Chronométrie", "London", "Horlogerie", "1884",
    "Instruments", "& Daughters", "Manufaktur", "Uhrenwerke", "Marine", "Observatoire", "Atelier",
    "Brothers", "Precision", "Montres", "Est. 1907", "Timepieces",
)  # fmt: skip
_LIVING_SHARE = 0.4
"""Of the artists born after 1910, which are half of them."""


def artists(seed: int, count: int) -> tuple[Creator, ...]:
    """``count`` artists, no two alike."""
    order = Shuffle(len(_GIVEN) * len(_FAMILY), seed, "artists")
    pairs = (divmod(order.at(i), len(_FAMILY)) for i in range(count))
    names = [f"{_GIVEN[given]} {_FAMILY[family]}" for given, family in pairs]
    return tuple(Creator(slug(name), name, *_life(seed, name)) for name in names)


def _life(seed: int, name: str) -> tuple[int, int | None]:
    """Years of birth and death; one artist in five is alive."""
    rng = generator(seed, "life", name)
    born = int(rng.integers(1886, 1936))
    died = int(rng.integers(1984, 2016))
    return born, None if born > 1910 and rng.random() < _LIVING_SHARE else died


def brands(seed: int, count: int) -> tuple[Creator, ...]:
    """``count`` brands, no two alike; addresses write them without a hyphen."""
    order = Shuffle(len(_HOUSES) * len(_SUFFIXES), seed, "brands")
    known = list(_BRANDS[:count])
    for i in range(count - len(known)):
        house, suffix = divmod(order.at(i), len(_SUFFIXES))
        known.append(f"{_HOUSES[house]} {_SUFFIXES[suffix]}")
    return tuple(Creator(slug(name, ""), name) for name in known)
