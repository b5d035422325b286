"""The paintings of the embedded gallery: what WikiArt's replica lists, and the bytes it serves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from PIL import Image

from scrapers.gallery.catalogue.names import artists
from scrapers.gallery.catalogue.painting_facts import (
    FAIR_USE,
    GENRE,
    PUBLIC_DOMAIN,
    STYLE,
    DescribedWork,
    Original,
    PaintingFacts,
    describe_painting,
)
from scrapers.gallery.catalogue.seeded_catalogue import SeededCatalogue
from scrapers.gallery.catalogue.work_files import PNG, derived_size, exists
from scrapers.gallery.defects import damage
from scrapers.gallery.defects.copy_defects import COPIES, copied
from scrapers.gallery.items import Defect, FileVersion, Picture, Work
from scrapers.gallery.lazy import Lazy, without
from scrapers.gallery.painters.painting.compose import paint
from scrapers.gallery.painters.painting.titles import HOSTILE, tags_of
from scrapers.gallery.seeded import Code
from scrapers.parsing.text import slug

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

_KEPT_FACTS = 4096
_KEPT_ORIGINALS = 12
_HOSTILE_PLACE = 5
_QUALITY = 90
_NUMBER = re.compile(r"-([0-9]+)(?:\([0-9]+\))?$")
_OTHER_LABEL = {PUBLIC_DOMAIN: FAIR_USE, FAIR_USE: PUBLIC_DOMAIN}


class Paintings(SeededCatalogue):
    """``works`` paintings by ``creators`` artists; every item is made when it is asked for.

    Items and bytes are looked up in O(1), at a million works as at sixty.
    """

    def __init__(
        self,
        seed: int,
        works: int,
        creators: int,
        revision: int = 0,
        counts: Mapping[Defect, int] = COUNTS,
    ) -> None:
        super().__init__(works, artists(seed, creators), seed, revision, counts)
        self._ids = Code(seed, "works", "0123456789abcdef", 24, 8)
        self.shared: Mapping[str, str] = {"style": STYLE, "genre": GENRE}
        """What all works have."""
        self.works: Sequence[Work] = without(Lazy(works, self._work), self._revisions.withdrawn)
        """In the order of the site; the items are not kept."""
        self._facts = lru_cache(maxsize=_KEPT_FACTS)(self._described)
        self._original = lru_cache(maxsize=_KEPT_ORIGINALS)(self._painted)

    def works_of(self, artist: str) -> Sequence[Work]:
        """The works of the artist whose slug is ``artist``; empty for an unknown one."""
        return self._items_of(artist).map(self._work)

    def work(self, artist: str, name: str) -> Work | None:
        """The work that the site shows under ``/en/{artist}/{name}``."""
        item = self._item(name)
        work = None if item is None else self._work(item)
        return work if work and (work.artist.slug, work.slug) == (artist, name) else None

    def work_by_id(self, work_id: str) -> Work | None:
        """The work with that id."""
        number = self._ids.decode(work_id)
        item = None if number is None else self._revisions.item(number)
        return None if item is None else self._work(item)

    def work_showing(self, key: str) -> Work | None:
        """The work whose picture has that key."""
        item = self._item(key)
        work = None if item is None else self._work(item)
        return work if work and work.picture.key == key else None

    def picture(self, key: str) -> Picture | None:
        """The picture with that key."""
        work = self.work_showing(key)
        return None if work is None else work.picture

    def version(self, picture: Picture, variant: str | None) -> FileVersion:
        """What tells the bytes of `image` from those of any other time or size.

        Nothing is painted for it.
        """
        item = self._known_item(picture)
        source = self._plan.of(item)[1]
        shown = item if source is None else source
        own, other = self._revisions.state(item), self._revisions.state(shown)
        numbers = (self._revisions.number(item), self._revisions.number(shown), other.take)
        return FileVersion.of(max(own.since, other.since), self._seed, *numbers, variant)

    def image(self, picture: Picture, variant: str | None) -> bytes | None:
        """The bytes served for ``picture``: a derivative, or the original where None is asked.

        None where the site has no such file.
        """
        item = self._known_item(picture)
        defect, source = self._plan.of(item)
        if defect in (Defect.MISSING, Defect.PLACEHOLDER):
            return None
        if variant is not None and not exists((picture.width, picture.height), variant):
            return None
        if defect is Defect.HTML_PAGE:
            return damage.html_page(picture.key)
        if defect is Defect.EXACT_COPY and source is not None:
            return self._encoded(source, None, variant)
        return self._encoded(item, defect, variant)

    def _encoded(self, item: int, defect: Defect | None, variant: str | None) -> bytes:
        picture = self._original(item)
        if variant is not None:
            size = derived_size(picture.size, variant)
            picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        if self._facts(item).file.suffix == PNG:
            return damage.encoded_png(picture)
        return self._jpeg(item, picture, defect, _QUALITY)

    def _painted(self, item: int) -> Image.Image:
        """The original of ``item`` before it is encoded."""
        defect, source = self._plan.of(item)
        facts = self._facts(item)
        if defect is Defect.COLOURWAY and source is not None:
            painting = paint(facts.design, facts.size, self._newest_pixels(source))
            return self._shown(item, painting)
        if defect is not None and source is not None:
            return copied(self._original(source), defect, self._pixels(item))
        rng = self._newest_pixels(item)
        if defect is Defect.BLANK:
            return damage.blank(facts.size, rng)
        return self._shown(item, paint(facts.design, facts.size, rng))

    def _shown(self, item: int, painting: Image.Image) -> Image.Image:
        """What the gallery shows of the ``painting`` of ``item``: itself."""
        del item
        return painting

    def _work(self, item: int) -> Work:
        facts, number = self._facts(item), self._revisions.number(item)
        state = self._revisions.state(item)
        return Work(
            id=self._ids.encode(number),
            slug=f"{slug(f'{facts.title} {facts.year_text}')}-{number}",
            title=facts.title,
            artist=self.creators[self._ownership.creator(item)],
            year_text=facts.year_text,
            place=facts.place,
            styles=facts.styles,
            genre=GENRE,
            media=(facts.medium, "canvas"),
            tags=tags_of(facts.design),
            rights=_OTHER_LABEL[facts.rights] if state.relabelled else facts.rights,
            folder=facts.file.folder,
            suffix=facts.file.suffix,
            opted_out=state.opted_out,
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

    def _described(self, item: int) -> PaintingFacts:
        defect, source = self._plan.of(item)
        artist = self._ownership.creator(item)
        subject = DescribedWork(
            seed=self._seed,
            number=self._revisions.number(item),
            artist=(artist, self.creators[artist]),
            exchanges=self._revisions.state(item).exchanges,
            defect=defect,
            original=None if source is None else Original(self._facts(source), self._pixels(item)),
            title=HOSTILE if item == _HOSTILE_PLACE else None,
        )
        return describe_painting(subject)

    def _item(self, name: str) -> int | None:
        """Where the work is listed whose number a slug or a key ends with."""
        number = _NUMBER.search(name)
        return self._revisions.item(int(number[1])) if number else None

    def _known_item(self, picture: Picture) -> int:
        item = self._item(picture.key)
        if item is None:
            raise KeyError(picture.key)
        return item
