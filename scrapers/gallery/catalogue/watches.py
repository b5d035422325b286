"""The watches of the embedded gallery: what Chrono24's replica lists, and the bytes it serves."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from PIL import Image

from scrapers.gallery.catalogue.names import brands
from scrapers.gallery.catalogue.seeded_catalogue import SeededCatalogue
from scrapers.gallery.catalogue.watch_facts import Offer, WatchFacts, describe_watch
from scrapers.gallery.defects import damage
from scrapers.gallery.defects.copy_defects import COPIES, copied, copied_size
from scrapers.gallery.items import Defect, FileVersion, Picture, Watch
from scrapers.gallery.lazy import Lazy, without
from scrapers.gallery.painters.watch.look import RGB
from scrapers.gallery.painters.watch.photograph import ON_CLOTH, marked, photograph, shot_of
from scrapers.gallery.seeded import Code, generator
from scrapers.parsing.text import slug

COUNTS = {
    Defect.EXACT_COPY: 6,
    Defect.RE_ENCODED: 6,
    Defect.RESCALED: 6,
    Defect.LIGHT_CROP: 6,
    Defect.MIRRORED: 6,
    Defect.TALL_STRIP: 4,
    Defect.BLANK: 3,
    Defect.TRUNCATED: 3,
    Defect.HTML_PAGE: 3,
    Defect.TINY: 2,
    Defect.MISSING: 2,
    Defect.PLACEHOLDER: 4,
    Defect.THUMBNAIL: 2,
    Defect.BLURRED: 2,
    Defect.TONED: 2,
    Defect.QUARTER_TURNED: 2,
    Defect.MARKED_COPY: 2,
    Defect.TILTED: 2,
    Defect.BORDERED: 2,
    Defect.COLOURWAY: 2,
}
"""How many of each in 240 watches; all in the first picture of a listing."""

MARKED_SHARE = 0.6
"""Of the pictures that can carry the site's mark: about 55 % of all."""

LARGEST = "ExtraLarge"
"""The whole photograph."""
SQUARES = (70, 100, 140, 210, 220, 240, 280, 300, 330, 360, 390, 420, 440, 480)
"""Sides in pixels of the square derivatives that the site keeps."""

_FILES_OF_A_LISTING = 64
"""Numbers set aside for the files of one listing: eight exchanges of up to eight pictures."""
_PICTURES_OF_A_LISTING = 8
_FIRST_ID, _ID_STEP = 31_000_000, 7
_KEPT_FACTS = 4096
_KEPT_ORIGINALS = 12
_QUALITY = 88
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_SQUARE = re.compile(r"Square([0-9]+)")
_UNMARKED = frozenset(COUNTS) - {*COPIES, Defect.COLOURWAY}


class Watches(SeededCatalogue):
    """``watches`` listings of ``creators`` brands; every item is made when it is asked for.

    Items and bytes are looked up in O(1), at a million watches as at sixty.
    """

    def __init__(
        self,
        seed: int,
        watches: int,
        creators: int,
        revision: int = 0,
        counts: Mapping[Defect, int] = COUNTS,
        on_cloth: float = ON_CLOTH,
    ) -> None:
        """``on_cloth`` is the share of photographs on a ground with a texture of its own."""
        super().__init__(watches, brands(seed, creators), seed, revision, counts)
        self._on_cloth = on_cloth
        self._tokens = Code(seed, "sellers", _ALPHABET, 12, 5)
        self._files = Code(seed, "files", _ALPHABET, 24, 6)
        gone = self._revisions.withdrawn
        self.watches: Sequence[Watch] = without(Lazy(watches, self._watch), gone)
        """In the order of the site; the items are not kept."""
        self._facts = lru_cache(maxsize=_KEPT_FACTS)(self._described)
        self._original = lru_cache(maxsize=_KEPT_ORIGINALS)(self._photographed)

    def watches_of(self, brand: str) -> Sequence[Watch]:
        """The watches of the brand whose slug is ``brand``; empty for an unknown one."""
        return self._items_of(brand).map(self._watch)

    def watch(self, watch_id: str) -> Watch | None:
        """The watch with that id."""
        if not re.fullmatch(r"[0-9]{8}", watch_id):
            return None
        number, rest = divmod(int(watch_id) - _FIRST_ID, _ID_STEP)
        item = None if rest or number < 0 else self._revisions.item(number)
        return None if item is None else self._watch(item)

    def watch_showing(self, key: str) -> Watch | None:
        """The watch one of whose pictures has that key."""
        place = self._place(key)
        watch = None if place is None else self._watch(place[0])
        return watch if watch and any(p.key == key for p in watch.pictures) else None

    def picture(self, key: str) -> Picture | None:
        """The picture with that key."""
        place = self._place(key)
        if place is None or place[1] >= self._facts(place[0]).pictures:
            return None
        picture = self._picture(*place)
        return picture if picture.key == key else None

    def version(self, picture: Picture, variant: str) -> FileVersion:
        """What tells the bytes of `image` from those of any other time or size.

        Nothing is drawn for it.
        """
        item, position = self._known_place(picture)
        source = self._plan.of(item)[1] if position == 0 else None
        shown = item if source is None else source
        own, other = self._revisions.state(item), self._revisions.state(shown)
        numbers = (self._revisions.number(item), self._revisions.number(shown))
        return FileVersion.of(
            max(own.since, other.since), self._seed, *numbers, other.take, position, variant
        )

    def image(self, picture: Picture, variant: str) -> bytes | None:
        """The bytes served for ``picture`` as ``ExtraLarge`` or as a square such as ``Square280``.

        None where the site has no such file.
        """
        place = self._known_place(picture)
        square = _SQUARE.fullmatch(variant)
        known = variant == LARGEST or (square is not None and int(square[1]) in SQUARES)
        if not known or Defect.MISSING in picture.defects:
            return None
        if Defect.HTML_PAGE in picture.defects:
            return damage.html_page(picture.key)
        return self._encoded(*place, picture, square and int(square[1]))

    def _place(self, key: str) -> tuple[int, int] | None:
        """The listing and the position of the picture whose key that may be."""
        code = self._files.decode(key.rpartition("-")[2])
        if code is None:
            return None
        number, file = divmod(code, _FILES_OF_A_LISTING)
        item = self._revisions.item(number)
        return None if item is None else (item, file % _PICTURES_OF_A_LISTING)

    def _known_place(self, picture: Picture) -> tuple[int, int]:
        place = self._place(picture.key)
        if place is None:
            raise KeyError(picture.key)
        return place

    def _encoded(self, item: int, position: int, picture: Picture, side: int | None) -> bytes:
        defect, source = self._planted(item, position)
        if defect is Defect.EXACT_COPY and source is not None:
            return self._encoded(source, 0, self._picture(source, 0), side)
        shown = self._original(item, position)
        if Defect.WATERMARK in picture.defects:
            shown = marked(shown)
        if side is not None:
            shown = _squared(shown, side)
        return self._jpeg(item, shown, defect, _QUALITY)

    def _photographed(self, item: int, position: int) -> Image.Image:
        """The photograph as its seller sent it, without the site's mark."""
        defect, source = self._planted(item, position)
        if defect is not None and source is not None and defect in COPIES:
            return copied(self._original(source, 0), defect, self._pixels(item, position))
        size = self._size(item, position)
        rng = self._newest_pixels(item if source is None else source, position)
        if defect is Defect.BLANK:
            return damage.blank(size, rng)
        if defect is Defect.PLACEHOLDER:
            return damage.stand_in(size)
        shot = shot_of(rng, size, position, self._on_cloth)
        return photograph(self._facts(item).reference.look, shot, rng)

    def _planted(self, item: int, position: int) -> tuple[Defect | None, int | None]:
        """The defect of a picture and the listing whose first picture it is made after."""
        return self._plan.of(item) if position == 0 else (None, None)

    def _watch(self, item: int) -> Watch:
        facts = self._facts(item)
        brand = self.creators[self._ownership.creator(item)]
        return Watch(
            id=self._id(item),
            slug=slug(f"{brand.name} {facts.model.name}"),
            title=facts.title,
            brand=brand,
            model=facts.model.name,
            model_id=facts.model.id,
            reference=facts.reference.number,
            year_text=facts.year_text,
            price_usd=facts.price_usd,
            condition=facts.condition,
            case_material=facts.reference.material,
            bracelet=facts.reference.bracelet,
            dial=facts.reference.dial,
            diameter_mm=facts.model.diameter_mm,
            country=facts.country,
            private_seller=facts.private_seller,
            promoted=facts.promoted,
            opted_out=self._revisions.state(item).opted_out,
            pictures=tuple(self._picture(item, n) for n in range(facts.pictures)),
        )

    def _picture(self, item: int, position: int) -> Picture:
        defect, source = self._planted(item, position)
        width, height = self._size(item, position)
        return Picture(
            key=self._key(item, position),
            width=width,
            height=height,
            defects=self._defects(item, position),
            original=self._key(source, 0) if source is not None and defect in COPIES else None,
        )

    def _defects(self, item: int, position: int) -> tuple[Defect, ...]:
        """What was planted; the site marks what it can, copies like originals."""
        defect, source = self._planted(item, position)
        own = () if defect is None else (defect,)
        if defect in _UNMARKED:
            return own
        if defect is Defect.EXACT_COPY and source is not None:
            return own + self._defects(source, 0)
        rng = generator(self._seed, "mark", self._revisions.number(item), position)
        return (*own, Defect.WATERMARK) if rng.random() < MARKED_SHARE else own

    def _size(self, item: int, position: int) -> tuple[int, int]:
        """(width, height) of the largest file of a picture, in pixels."""
        defect, source = self._planted(item, position)
        if defect is not None and source is not None:
            pixels = self._pixels(item, position)
            return copied_size(self._size(source, 0), defect, pixels)
        if defect is Defect.PLACEHOLDER:
            return (640, 640)
        rng = generator(self._seed, "size", self._revisions.number(item), position)
        if defect is Defect.TALL_STRIP:
            return round(800 / rng.uniform(2.6, 4.5)), 800
        if defect is Defect.TINY:
            return int(rng.integers(60, 97)), int(rng.integers(60, 130))
        return (640, 640) if rng.random() < 0.6 else (640, 800)

    def _key(self, item: int, position: int) -> str:
        """Private sellers' files do not tell the listing's id."""
        number = self._revisions.number(item)
        exchanges = self._revisions.state(item).exchanges if position == 0 else 0
        file = position + exchanges * _PICTURES_OF_A_LISTING
        head = self._tokens.encode(number) if self._facts(item).private_seller else self._id(item)
        code = number * _FILES_OF_A_LISTING + file % _FILES_OF_A_LISTING
        return f"{head}-{self._files.encode(code)}"

    def _id(self, item: int) -> str:
        return str(_FIRST_ID + _ID_STEP * self._revisions.number(item))

    def _described(self, item: int) -> WatchFacts:
        defect, source = self._plan.of(item)
        brand = self._ownership.creator(item)
        colourway = source is not None and defect is Defect.COLOURWAY
        offer = Offer(
            seed=self._seed,
            number=self._revisions.number(item),
            brand=(brand, self.creators[brand]),
            defect=defect,
            original=None if source is None else self._facts(source),
            taken_dials=self._sibling_dials(item, source) if colourway else (),
        )
        return describe_watch(offer)

    def _sibling_dials(self, item: int, source: int | None) -> list[RGB]:
        """Dials of other colourways of ``source``: of those between ``item`` and it."""
        between = itertools.takewhile(lambda other: other != source, self._ownership.after(item))
        return [
            self._facts(other).reference.look.dial_colour
            for other in between
            if self._plan.of(other)[0] is Defect.COLOURWAY
        ]


def _squared(picture: Image.Image, side: int) -> Image.Image:
    """The middle of ``picture`` as a square of ``side`` pixels."""
    width, height = picture.size
    short = min(width, height)
    left, top = (width - short) // 2, (height - short) // 2
    middle = picture.crop((left, top, left + short, top + short))
    return middle.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
