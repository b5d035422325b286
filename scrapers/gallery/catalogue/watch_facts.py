"""What is known of a listing without drawing it: the watch, and its seller's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from scrapers.gallery.items import Creator, Defect
from scrapers.gallery.painters.watch.look import RGB
from scrapers.gallery.painters.watch.models import Reference, WatchModel, models_of, recoloured
from scrapers.gallery.seeded import generator, pick

COUNTRIES = (
    "Germany", "Germany", "Japan", "United States of America", "United Kingdom", "Italy", "France",
    "Switzerland", "Spain", "Austria", "Hong Kong", "Türkiye", "Côte d’Ivoire",
)  # fmt: skip
_LINES = (
    "{ref}", "{ref}", "{ref}", "{ref} | Box & Papers", "{ref} - full set {year}", "“NOS” {ref}",
    "{ref} unpolished, serviced {year}", "Ref. {ref} <collector's piece>", "{ref} *SOLD OUT MODEL*",
    'The "Fjord" dial', "Très bel état, révisée", "Ungetragen & verklebt", "Discontinued {year}",
    "LNIB, stickers on", "{ref} | tropical dial", "From first owner's family",
)  # fmt: skip
_CONDITIONS = (
    ("New", 1.15), ("Unworn", 1.1), ("Used (Very good)", 1.0), ("Used (Very good)", 1.0),
    ("Used (Very good)", 1.0), ("Used (Good)", 0.88), ("Used (Good)", 0.88), ("Used (Fair)", 0.7),
)  # fmt: skip


def seller_line(reference: str, rng: np.random.Generator) -> str:
    """The free text under brand and model."""
    return pick(rng, _LINES).format(ref=reference, year=int(rng.integers(2012, 2026)))


def condition_of(rng: np.random.Generator) -> tuple[str, float]:
    """The condition as the site grades it, and the factor by which it changes the price."""
    return pick(rng, _CONDITIONS)


def year_text_of(rng: np.random.Generator) -> str:
    """The year of production: mostly known, sometimes guessed, sometimes not."""
    year = int(rng.integers(1962, 2026))
    kind = rng.random()
    if kind < 0.75:
        return str(year)
    return f"{year} (Approximation)" if kind < 0.88 else "Unknown"


T = TypeVar("T")

MOST_PICTURES = 5
_ON_REQUEST_SHARE = 0.04
_PRIVATE_SHARE = 0.25
_PROMOTED_SHARE = 0.06


@dataclass(frozen=True)
class WatchFacts:
    """What is known of a listing without drawing it."""

    model: WatchModel
    reference: Reference
    title: str
    year_text: str
    price_usd: int | None
    condition: str
    country: str
    private_seller: bool
    promoted: bool
    pictures: int


@dataclass(frozen=True)
class Offer:
    """The listing that is to be described."""

    seed: int
    number: int
    """Of the listing; what is told of it follows from this and the seed."""
    brand: tuple[int, Creator]
    """With the number of the brand."""
    defect: Defect | None = None
    original: WatchFacts | None = None
    """Of the listing it is a copy or a colourway of."""
    taken_dials: Sequence[RGB] = ()
    """Dials of other colourways of the same watch."""


def describe_watch(offer: Offer) -> WatchFacts:
    """All facts; a copy offers its original's watch."""
    rng = generator(offer.seed, "watch", offer.number)
    model, reference = _watch(offer, rng)
    condition, worth = condition_of(rng)
    price = int(model.base_price * worth * np.exp(rng.normal(0, 0.12))) // 5 * 5
    return WatchFacts(
        model=model,
        reference=reference,
        title=seller_line(reference.number, rng),
        year_text=year_text_of(rng),
        price_usd=price if rng.random() > _ON_REQUEST_SHARE else None,
        condition=condition,
        country=pick(rng, COUNTRIES),
        private_seller=bool(rng.random() < _PRIVATE_SHARE),
        promoted=bool(rng.random() < _PROMOTED_SHARE),
        pictures=int(rng.integers(1, MOST_PICTURES + 1)),
    )


def _watch(offer: Offer, rng: np.random.Generator) -> tuple[WatchModel, Reference]:
    if offer.original is None:
        model = _common_choice(rng, models_of(offer.seed, *offer.brand))
        return model, _common_choice(rng, model.references)
    model, reference = offer.original.model, offer.original.reference
    if offer.defect is Defect.COLOURWAY:
        return model, recoloured(reference, offer.taken_dials, rng)
    return model, reference


def _common_choice(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of ``choices``, each about half as likely as the one before it."""
    return choices[min(int(rng.geometric(0.5)), len(choices)) - 1]
