"""The paintings of the embedded gallery: what WikiArt's replica lists, and the bytes it serves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from scrapers.gallery import defects
from scrapers.gallery.catalogue import Creator, Defect, Picture, Version, Work
from scrapers.gallery.chance import Code, Lazy, generator, pick
from scrapers.gallery.copies import COPIES, copied, copied_size
from scrapers.gallery.derivatives import derived_size, exists
from scrapers.gallery.history import History
from scrapers.gallery.names import artists, slug
from scrapers.gallery.painting.easel import paint
from scrapers.gallery.painting.style import (
    HARD_EDGED,
    LYRICAL,
    Design,
    design_of,
    recoloured,
    style_of,
)
from scrapers.gallery.painting.titles import HOSTILE, tags_of, title_of, year_text_of
from scrapers.gallery.shelf import Shelf

COUNTS = {
    Defect.EXACT_COPY: 8,
    Defect.RE_ENCODED: 8,
    Defect.RESCALED: 8,
    Defect.LIGHT_CROP: 8,
    Defect.MIRRORED: 8,
    Defect.TALL_STRIP: 6,
    Defect.BLANK: 5,
    Defect.TRUNCATED: 4,
    Defect.HTML_PAGE: 4,
    Defect.TINY: 3,
    Defect.MISSING: 3,
    Defect.PLACEHOLDER: 2,
    Defect.THUMBNAIL: 2,
    Defect.BLURRED: 2,
    Defect.TONED: 2,
    Defect.QUARTER_TURNED: 2,
    Defect.MARKED_COPY: 2,
    Defect.TILTED: 2,
    Defect.BORDERED: 2,
    Defect.COLOURWAY: 2,
}
"""How many of each in 240 works."""

_STYLE, _GENRE = "Color Field Painting", "abstract"
_KEPT_FACTS = 4096
_KEPT_ORIGINALS = 12
_HOSTILE_PLACE = 5
_QUALITY = 90
_NUMBER = re.compile(r"-(\d+)(?:\(1\))?$")


@dataclass(frozen=True)
class _Facts:
    """What is known of a work without painting it."""

    design: Design
    size: tuple[int, int]
    title: str
    year_text: str
    key: str
    styles: tuple[str, ...]
    paint: str
    rights: str


class Paintings:
    """``works`` paintings by ``creators`` artists; every item is made when it is asked for."""

    def __init__(
        self,
        seed: int,
        works: int,
        creators: int,
        revision: int = 0,
        counts: Mapping[Defect, int] = COUNTS,
    ) -> None:
        """``counts`` of each defect are those of 240 works; others follow in proportion."""
        self._seed = seed
        self._history = History(works, seed, revision)
        self._shelf = Shelf(works, creators, seed)
        self._plan = defects.Plan(self._shelf, works, seed, counts)
        self._ids = Code(seed, "works", "0123456789abcdef", 24, 8)
        self.creators: tuple[Creator, ...] = artists(seed, creators)
        self.shared: Mapping[str, str] = {"style": _STYLE, "genre": _GENRE}
        self.works: Sequence[Work] = Lazy(works, self._work)
        self._facts = lru_cache(maxsize=_KEPT_FACTS)(self._described)
        self._original = lru_cache(maxsize=_KEPT_ORIGINALS)(self._painted)

    def works_of(self, artist: str) -> Sequence[Work]:
        """The works of the artist whose slug is ``artist``; empty for an unknown one."""
        for number, creator in enumerate(self.creators):
            if creator.slug == artist:
                return self._shelf.items(number).map(self._work)
        return ()

    def work(self, artist: str, name: str) -> Work | None:
        """The work that the site shows under ``/en/{artist}/{name}``."""
        item = self._item(name)
        work = None if item is None else self._work(item)
        return work if work and (work.artist.slug, work.slug) == (artist, name) else None

    def work_by_id(self, work_id: str) -> Work | None:
        """The work with that id."""
        number = self._ids.decode(work_id)
        item = None if number is None else self._history.item(number)
        return None if item is None else self._work(item)

    def picture(self, key: str) -> Picture | None:
        """The picture with that key."""
        item = self._item(key)
        picture = None if item is None else self._picture(item)
        return picture if picture and picture.key == key else None

    def version(self, picture: Picture, variant: str | None) -> Version:
        """What tells the bytes of `image` from those of any other time or size."""
        item = self._item(picture.key)
        if item is None:
            raise KeyError(picture.key)
        source = self._plan.of(item)[1]
        shown = item if source is None else source
        own, other = self._history.standing(item), self._history.standing(shown)
        numbers = (self._history.number(item), self._history.number(shown), other.take)
        return Version.of(max(own.since, other.since), self._seed, *numbers, variant)

    def image(self, picture: Picture, variant: str | None) -> bytes | None:
        """The bytes served for ``picture``: a derivative, or the original where None is asked.

        None where the site has no such file.
        """
        item = self._item(picture.key)
        if item is None:
            raise KeyError(picture.key)
        defect, source = self._plan.of(item)
        if defect in (Defect.MISSING, Defect.PLACEHOLDER):
            return None
        if variant is not None and not exists((picture.width, picture.height), variant):
            return None
        if defect is Defect.HTML_PAGE:
            return defects.html_page(picture.key)
        if defect is Defect.EXACT_COPY and source is not None:
            return self.image(self._picture(source), variant)
        return self._encoded(item, defect, variant)

    def _encoded(self, item: int, defect: Defect | None, variant: str | None) -> bytes:
        picture = self._original(item)
        if variant is not None:
            size = derived_size(picture.size, variant)
            picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        quality = _QUALITY
        if defect is Defect.RE_ENCODED:
            quality = defects.re_encoding_quality(generator(self._seed, "quality", item))
        data = defects.encoded(picture, quality)
        return defects.truncated(data) if defect is Defect.TRUNCATED else data

    def _painted(self, item: int) -> Image.Image:
        """The original of ``item`` before it is encoded."""
        defect, source = self._plan.of(item)
        facts = self._facts(item)
        if defect is Defect.COLOURWAY and source is not None:
            return paint(facts.design, facts.size, self._brush(source))
        if defect is not None and source is not None:
            return copied(self._original(source), defect, self._pixels(item))
        rng = self._brush(item)
        if defect is Defect.BLANK:
            return defects.blank(facts.size, rng)
        return paint(facts.design, facts.size, rng)

    def _brush(self, item: int) -> np.random.Generator:
        """What decides every stroke of ``item`` as it hangs now."""
        take = self._history.standing(item).take
        return self._pixels(item, take) if take else self._pixels(item)

    def _pixels(self, item: int, *take: int) -> np.random.Generator:
        return generator(self._seed, "pixels", self._history.number(item), *take)

    def _work(self, item: int) -> Work:
        facts, number = self._facts(item), self._history.number(item)
        return Work(
            id=self._ids.encode(number),
            slug=f"{slug(f'{facts.title} {facts.year_text}')}-{number}",
            title=facts.title,
            artist=self.creators[self._shelf.creator(item)],
            year_text=facts.year_text,
            styles=facts.styles,
            genre=_GENRE,
            media=(facts.paint, "canvas"),
            tags=tags_of(facts.design),
            rights=facts.rights,
            picture=self._picture(item),
        )

    def _picture(self, item: int) -> Picture:
        defect, source = self._plan.of(item)
        facts = self._facts(item)
        return Picture(
            key=facts.key,
            width=facts.size[0],
            height=facts.size[1],
            defects=() if defect is None else (defect,),
            original=self._facts(source).key if source is not None and defect in COPIES else None,
        )

    def _described(self, item: int) -> _Facts:
        """Draw everything about ``item`` but its pixels; a copy shows its original's design."""
        defect, source = self._plan.of(item)
        number = self._history.number(item)
        rng = generator(self._seed, "work", number)
        if source is None or defect is None:
            design = design_of(self._seed, number, style_of(self._seed, self._shelf.creator(item)))
            year_text, size = year_text_of(rng), _size(defect, design, rng)
        else:
            original = self._facts(source)
            design, year_text = original.design, original.year_text
            size = copied_size(original.size, defect, self._pixels(item))
            if defect is Defect.COLOURWAY:
                design = recoloured(design, generator(self._seed, "colourway", number))
        title = HOSTILE if item == _HOSTILE_PLACE else title_of(design, rng)
        return _Facts(
            design=design,
            size=size,
            title=title,
            year_text=year_text,
            key=_file_name(f"{title} {year_text}", number, rng.random()),
            styles=_styles(design, rng),
            paint=pick(rng, ("oil", "acrylic", "acrylic", "magna", "tempera")),
            rights="Public domain" if rng.random() < 0.85 else "Fair Use",
        )

    def _item(self, name: str) -> int | None:
        """Where the work hangs whose number a slug or a key ends with."""
        found = _NUMBER.search(name)
        return self._history.item(int(found[1])) if found else None


def _file_name(text: str, number: int, habit: float) -> str:
    """Name of the file: most are plain, a few keep their accents or say "(1)"."""
    if habit < 0.1:
        words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
        return f"{'-'.join(words)}-{number}"
    return f"{slug(text)}-{number}{'(1)' if habit > 0.95 else ''}"


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
        return (_STYLE, "Hard Edge Painting")
    if design.family in LYRICAL and second:
        return (_STYLE, "Lyrical Abstraction")
    return (_STYLE,)
