"""What is known of a painting without painting it: its design, its words, and its file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scrapers.gallery.catalogue.work_files import JPG, PNG, FilePlace, place_of
from scrapers.gallery.defects.copy_defects import copied_size
from scrapers.gallery.items import Creator, Defect
from scrapers.gallery.painters.painting.style import (
    HARD_EDGED,
    LYRICAL,
    Design,
    design_of,
    recoloured,
    style_of,
)
from scrapers.gallery.painters.painting.titles import PLACES, title_of, year_text_of
from scrapers.gallery.seeded import generator, pick
from scrapers.parsing.text import slug

STYLE, GENRE = "Color Field Painting", "abstract"
"""Of all works."""
PUBLIC_DOMAIN, FAIR_USE = "Public domain", "Fair Use"
_HARD_EDGE, _LYRICAL_STYLE = "Hard Edge Painting", "Lyrical Abstraction"
_PLACE_SHARE = 0.19
"""Of the works whose page tells where they were painted."""


@dataclass(frozen=True)
class PaintingFacts:
    """What is known of a work without painting it."""

    design: Design
    size: tuple[int, int]
    title: str
    year_text: str
    place: str | None
    key: str
    file: FilePlace
    styles: tuple[str, ...]
    medium: str
    rights: str


@dataclass(frozen=True)
class Original:
    """The work that another one copies."""

    facts: PaintingFacts
    rng: np.random.Generator
    """Decides how the copy was made."""


@dataclass(frozen=True)
class DescribedWork:
    """The work that is to be described."""

    seed: int
    number: int
    """Of the work; what is told of it follows from this and the seed."""
    artist: tuple[int, Creator]
    """With the number of the artist."""
    exchanges: int = 0
    """How often its picture was exchanged for one in another file."""
    defect: Defect | None = None
    original: Original | None = None
    """What it is a copy or a colourway of."""
    title: str | None = None
    """In place of one that speaks of the design."""


def describe_painting(subject: DescribedWork) -> PaintingFacts:
    """All facts; a copy shows its original's design."""
    seed, number, defect = subject.seed, subject.number, subject.defect
    rng = generator(seed, "work", number)
    if subject.original is None or defect is None:
        design = design_of(seed, number, style_of(seed, subject.artist[0]))
        year_text, size = year_text_of(rng), _size(defect, design, rng)
    else:
        original = subject.original.facts
        design, year_text = original.design, original.year_text
        size = copied_size(original.size, defect, subject.original.rng)
        if defect is Defect.COLOURWAY:
            design = recoloured(design, generator(seed, "colourway", number))
    title = subject.title or title_of(design, rng)
    habit = rng.random()
    styles = _styles(design, rng)
    of_file = generator(seed, "file", number)
    file = _file(subject, styles, of_file)
    return PaintingFacts(
        design=design,
        size=size,
        title=title,
        year_text=year_text,
        place=_place(year_text, of_file),
        key=_file_name(f"{title} {year_text}", number, habit, subject.exchanges),
        file=file,
        styles=styles,
        medium=pick(rng, ("oil", "acrylic", "acrylic", "magna", "tempera")),
        rights=PUBLIC_DOMAIN if rng.random() < 0.85 else FAIR_USE,
    )


def _file_name(text: str, number: int, habit: float, exchanges: int) -> str:
    """Name of the file: most are plain, a few keep their accents or say "(1)"."""
    words = slug(text)
    if habit < 0.1:
        words = "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
    uploads = exchanges + (habit > 0.95)
    return f"{words}-{number}{f'({uploads})' if uploads else ''}"


def _file(subject: DescribedWork, styles: tuple[str, ...], rng: np.random.Generator) -> FilePlace:
    """Only faultless pictures are PNG, and the copies that have all their bytes."""
    file = place_of(subject.artist[1].slug, rng, in_root=_LYRICAL_STYLE in styles)
    if subject.defect is Defect.EXACT_COPY and subject.original is not None:
        return file._replace(suffix=subject.original.facts.file.suffix)
    if subject.defect is not None and file.suffix == PNG:
        return file._replace(suffix=JPG)
    return file


def _place(year_text: str, rng: np.random.Generator) -> str | None:
    """It stands behind the date, so that a work without one has none."""
    return pick(rng, PLACES) if rng.random() < _PLACE_SHARE and year_text else None


def _size(defect: Defect | None, design: Design, rng: np.random.Generator) -> tuple[int, int]:
    """(width, height) of an original in pixels."""
    if defect is Defect.TALL_STRIP:
        return _strip(rng)
    if defect is Defect.TINY:
        return int(rng.integers(60, 97)), int(rng.integers(60, 130))
    return _photograph(rng, design.style.aspect)


def _photograph(rng: np.random.Generator, habit: float) -> tuple[int, int]:
    """Size of an ordinary original: 500 to 1300 px on the longer side, one in 25 much more."""
    aspect = float(np.clip(habit * np.exp(rng.normal(0.0, 0.14)), 0.6, 1.7))
    longer = float(np.clip(np.exp(rng.normal(6.62, 0.24)), 500, 1300))
    if rng.random() < 0.04:
        longer = rng.uniform(1300, 2200)
    if aspect > 1:
        return round(longer), round(longer / aspect)
    return round(longer * aspect), round(longer)


def _strip(rng: np.random.Generator) -> tuple[int, int]:
    """Size of a scroll, upright or lying, that is too narrow for a square dataset."""
    longer, aspect = rng.uniform(800, 1300), rng.uniform(2.6, 4.2)
    shorter = longer / aspect
    upright = rng.random() < 0.7
    return (round(shorter), round(longer)) if upright else (round(longer), round(shorter))


def _styles(design: Design, rng: np.random.Generator) -> tuple[str, ...]:
    """Styles as the site names them; all works have the first."""
    second = rng.random() < 0.6
    if design.family in HARD_EDGED and second:
        return (STYLE, _HARD_EDGE)
    if design.family in LYRICAL and second:
        return (STYLE, _LYRICAL_STYLE)
    return (STYLE,)
