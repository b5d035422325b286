"""Titles and dates as they stand in catalogues of abstract painting."""

from __future__ import annotations

import numpy as np

from scrapers.gallery.painters.painting.palettes import names
from scrapers.gallery.painters.painting.style import Design, Family
from scrapers.gallery.seeded import pick

HOSTILE = '<script>alert("Ochre & Blue")</script>'
"""A title that only a page which escapes what it shows survives."""

_PLAIN = (
    "Untitled", "Untitled ({one} and {two})", "Untitled ({one}, {two} & {three})", "No. {number}",
    "{one} over {two}", "{one} and {two}", "{one} & {two}", "{one} with {two}", "{two}, {one}",
    "Number {number}", "Composition {number}", "Study for “{place}”", "{place}", "{place} {roman}",
    "{one} {form}", "{form} in {one} and {two}", "{form} {roman}", "Homage to {place}",
    "{place}’s {form}", "'{form}' no. {number}", 'The "{one}" {form}', "{one} on {two} [{form}]",
    "{season} {form}", "{season}, {place}", "L’heure {hour}", "Été à {place}",
    "Blå {form} <{number}>", "{form} / {one}",
)  # fmt: skip
_PLACES = (
    "Ørnvik", "Port-Clair", "Alder Bay", "Saltholm", "Vézelle", "Monte Ferro", "Harrow’s End",
    "São Telmo", "Linden Street", "Kvarnsjö", "Mesa Alta", "Île Brune", "Tarn & Fell", "Corviglio",
)  # fmt: skip
_SEASONS = ("Spring", "Summer", "Autumn", "Winter", "Morning", "Evening", "Noon", "Night")
_HOURS = ("bleue", "dorée", "dernière", "d’été", "mauve")
_FORMS = {
    Family.FIELDS: ("Field", "Interior", "Ground", "Light", "Horizon"),
    Family.STRIPES: ("Stripes", "Measure", "Interval", "Bars"),
    Family.ZIP: ("Line", "Upright", "Passage", "Threshold"),
    Family.VEIL: ("Veil", "Curtain", "Fall", "Bloom"),
    Family.UNFURLED: ("Delta", "Rivulets", "Fan", "Slope"),
    Family.CHEVRONS: ("Chevron", "Descent", "Angle", "Pennant"),
    Family.CIRCLES: ("Target", "Disc", "Orbit", "Ring"),
    Family.SQUARES: ("Square", "Chamber", "Window", "Court"),
    Family.ATMOSPHERE: ("Haze", "Dusk", "Weather", "Air"),
    Family.MONOCHROME: ("Monochrome", "Silence", "Plane", "Surface"),
    Family.GRID: ("Grid", "Chequer", "Quilt", "Mosaic"),
}
PLACES = (
    "Ørnvik, Norholm", "Port-Clair", "Saltholm, Vesterland", "Vézelle, Île Brune", "Monte Ferro",
    "São Telmo, Lusenia", "Mesa Alta, U.S.A.", "Corviglio (Ticenza)",
)  # fmt: skip
"""Where works are painted, as pages write it behind the date."""
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "IX", "XII", "XIV")


def title_of(design: Design, rng: np.random.Generator) -> str:
    """A title that speaks of the colours and the shape that the work really has."""
    first, second, third = (list(dict.fromkeys(names(design.colours))) * 3)[:3]
    return pick(rng, _PLAIN).format(
        one=first,
        two=second,
        three=third,
        number=int(rng.integers(1, 130)),
        place=pick(rng, _PLACES),
        roman=pick(rng, _ROMAN),
        form=pick(rng, _FORMS[design.family]),
        season=pick(rng, _SEASONS),
        hour=pick(rng, _HOURS),
    )


def year_text_of(rng: np.random.Generator) -> str:
    """A date as the site gives it: mostly a year, else a span, a century, doubt or nothing."""
    year = int(rng.integers(1946, 1979))
    kind = rng.random()
    if kind < 0.76:
        return str(year)
    if kind < 0.84:
        return f"{year}-{year + int(rng.integers(1, 6))}"
    if kind < 0.92:
        return "XX cent."
    return "?" if kind < 0.95 else ""


def tags_of(design: Design) -> tuple[str, ...]:
    """What somebody who tags pictures would see."""
    return (design.family.value, *dict.fromkeys(word.lower() for word in names(design.colours[:3])))
