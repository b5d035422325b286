"""What sellers write about a watch: their own line, its year, its condition."""

from __future__ import annotations

import numpy as np

from scrapers.gallery.seeded import pick

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
