"""What is known of a listing without drawing it: the watch, and its seller's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from scrapers.gallery.items import Creator, Defect
from scrapers.gallery.painters.watch.look import RGB
from scrapers.gallery.painters.watch.models import Model, Reference, models_of, recoloured
from scrapers.gallery.painters.watch.texts import (
    COUNTRIES,
    condition_of,
    seller_line,
    year_text_of,
)
from scrapers.gallery.seeded import generator, pick

T = TypeVar("T")

MOST_PICTURES = 5
_ON_REQUEST_SHARE = 0.04
_PRIVATE_SHARE = 0.25
_PROMOTED_SHARE = 0.06


@dataclass(frozen=True)
class WatchFacts:
    """What is known of a listing without drawing it."""

    model: Model
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


def describe(offer: Offer) -> WatchFacts:
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


def _watch(offer: Offer, rng: np.random.Generator) -> tuple[Model, Reference]:
    if offer.original is None:
        model = _common(rng, models_of(offer.seed, *offer.brand))
        return model, _common(rng, model.references)
    model, reference = offer.original.model, offer.original.reference
    if offer.defect is Defect.COLOURWAY:
        return model, recoloured(reference, offer.taken_dials, rng)
    return model, reference


def _common(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of ``choices``, each about half as likely as the one before it."""
    return choices[min(int(rng.geometric(0.5)), len(choices)) - 1]
