"""The watches of the embedded gallery: what Chrono24's replica lists, and the bytes it serves."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from PIL import Image

from scrapers.gallery import defects
from scrapers.gallery.catalogue import Creator, Defect, Picture, Version, Watch
from scrapers.gallery.chance import Code, Lazy, generator, pick
from scrapers.gallery.copies import COPIES, copied, copied_size
from scrapers.gallery.history import History
from scrapers.gallery.names import brands, slug
from scrapers.gallery.shelf import Shelf
from scrapers.gallery.watch.lineup import Model, Reference, line_up, recoloured
from scrapers.gallery.watch.look import RGB
from scrapers.gallery.watch.mark import marked
from scrapers.gallery.watch.photograph import photograph
from scrapers.gallery.watch.shots import ON_CLOTH, shot_of
from scrapers.gallery.watch.texts import COUNTRIES, condition_of, seller_line, year_text_of

T = TypeVar("T")

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

SQUARES = (70, 100, 140, 210, 220, 240, 280, 300, 330, 360, 390, 420, 440, 480)
"""Sides in pixels of the square derivatives that the site keeps."""

_MOST_PICTURES = 5
_ROOM = 8
"""Numbers set aside for the pictures of one listing."""
_FIRST_ID, _ID_STEP = 31_000_000, 7
_KEPT_FACTS = 4096
_KEPT_ORIGINALS = 12
_QUALITY = 88
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_SQUARE = re.compile(r"Square(\d+)$")
_UNMARKED = frozenset(COUNTS) - {*COPIES, Defect.COLOURWAY}


@dataclass(frozen=True)
class Facts:
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


class Watches:
    """``size`` listings of ``creators`` brands; every item is made when it is asked for."""

    def __init__(
        self,
        seed: int,
        size: int,
        creators: int,
        revision: int = 0,
        counts: Mapping[Defect, int] = COUNTS,
        on_cloth: float = ON_CLOTH,
    ) -> None:
        """``counts`` of each defect are those of 240 watches; others follow in proportion.

        ``on_cloth`` is the share of photographs on a ground with a texture of its own.
        """
        self._seed = seed
        self._history = History(size, seed, revision)
        self._on_cloth = on_cloth
        self._shelf = Shelf(size, creators, seed)
        self._plan = defects.Plan(self._shelf, size, seed, counts)
        self._tokens = Code(seed, "sellers", _ALPHABET, 12, 5)
        self._files = Code(seed, "files", _ALPHABET, 24, 6)
        self.creators: tuple[Creator, ...] = brands(seed, creators)
        self.watches: Sequence[Watch] = Lazy(size, self._watch)
        self._facts = lru_cache(maxsize=_KEPT_FACTS)(self._described)
        self._original = lru_cache(maxsize=_KEPT_ORIGINALS)(self._drawn)

    def watches_of(self, brand: str) -> Sequence[Watch]:
        """The watches of the brand whose slug is ``brand``; empty for an unknown one."""
        for number, creator in enumerate(self.creators):
            if creator.slug == brand:
                return self._shelf.items(number).map(self._watch)
        return ()

    def watch(self, watch_id: str) -> Watch | None:
        """The watch with that id."""
        if not re.fullmatch(r"[0-9]{8}", watch_id):
            return None
        number, rest = divmod(int(watch_id) - _FIRST_ID, _ID_STEP)
        item = None if rest or number < 0 else self._history.item(number)
        return None if item is None else self._watch(item)

    def picture(self, key: str) -> Picture | None:
        """The picture with that key."""
        place = self._place(key)
        if place is None or place[1] >= self._facts(place[0]).pictures:
            return None
        picture = self._picture(*place)
        return picture if picture.key == key else None

    def version(self, picture: Picture, variant: str) -> Version:
        """What tells the bytes of `image` from those of any other time or size."""
        place = self._place(picture.key)
        if place is None:
            raise KeyError(picture.key)
        item, position = place
        source = self._plan.of(item)[1] if position == 0 else None
        shown = item if source is None else source
        own, other = self._history.standing(item), self._history.standing(shown)
        numbers = (self._history.number(item), self._history.number(shown), other.take, position)
        return Version.of(max(own.since, other.since), self._seed, *numbers, variant)

    def image(self, picture: Picture, variant: str) -> bytes | None:
        """The bytes served for ``picture`` as ``ExtraLarge`` or as a square such as ``Square280``.

        None where the site has no such file.
        """
        place = self._place(picture.key)
        if place is None:
            raise KeyError(picture.key)
        square = _SQUARE.match(variant)
        known = variant == "ExtraLarge" or (square is not None and int(square[1]) in SQUARES)
        if not known or Defect.MISSING in picture.defects:
            return None
        if Defect.HTML_PAGE in picture.defects:
            return defects.html_page(picture.key)
        return self._encoded(*place, picture, square and int(square[1]))

    def _place(self, key: str) -> tuple[int, int] | None:
        """The listing and the position of the picture whose key that may be."""
        code = self._files.decode(key.rpartition("-")[2])
        if code is None:
            return None
        item = self._history.item(code // _ROOM)
        return None if item is None else (item, code % _ROOM)

    def _encoded(self, item: int, position: int, picture: Picture, side: int | None) -> bytes:
        defect, source = self._plan.of(item) if position == 0 else (None, None)
        if defect is Defect.EXACT_COPY and source is not None:
            return self._encoded(source, 0, self._picture(source, 0), side)
        shown = self._original(item, position)
        if Defect.WATERMARK in picture.defects:
            shown = marked(shown)
        if side is not None:
            shown = _squared(shown, side)
        quality = _QUALITY
        if defect is Defect.RE_ENCODED:
            quality = defects.re_encoding_quality(generator(self._seed, "quality", item))
        data = defects.encoded(shown, quality)
        return defects.truncated(data) if defect is Defect.TRUNCATED else data

    def _drawn(self, item: int, position: int) -> Image.Image:
        """The photograph as its seller sent it, without the site's mark."""
        defect, source = self._plan.of(item) if position == 0 else (None, None)
        if defect is not None and source is not None and defect in COPIES:
            return copied(self._original(source, 0), defect, self._pixels(item, position))
        size = self._size(item, position)
        rng = self._camera(item if source is None else source, position)
        if defect is Defect.BLANK:
            return defects.blank(size, rng)
        if defect is Defect.PLACEHOLDER:
            return defects.stand_in(size)
        shot = shot_of(rng, size, position, self._on_cloth)
        return photograph(self._facts(item).reference.look, shot, rng)

    def _camera(self, item: int, position: int) -> np.random.Generator:
        """What decides how ``item`` was photographed last."""
        take = self._history.standing(item).take
        return self._pixels(item, position, take) if take else self._pixels(item, position)

    def _pixels(self, item: int, *path: int) -> np.random.Generator:
        """``path``: the position, and the take where it is not the first."""
        return generator(self._seed, "pixels", self._history.number(item), *path)

    def _watch(self, item: int) -> Watch:
        facts = self._facts(item)
        brand = self.creators[self._shelf.creator(item)]
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
            pictures=tuple(self._picture(item, n) for n in range(facts.pictures)),
        )

    def _picture(self, item: int, position: int) -> Picture:
        defect, source = self._plan.of(item) if position == 0 else (None, None)
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
        defect, source = self._plan.of(item) if position == 0 else (None, None)
        own = () if defect is None else (defect,)
        if defect in _UNMARKED:
            return own
        if defect is Defect.EXACT_COPY and source is not None:
            return own + self._defects(source, 0)
        rng = generator(self._seed, "mark", self._history.number(item), position)
        drawn = rng.random() < MARKED_SHARE
        return (*own, Defect.WATERMARK) if drawn else own

    def _size(self, item: int, position: int) -> tuple[int, int]:
        """(width, height) of the largest file of a picture, in pixels."""
        defect, source = self._plan.of(item) if position == 0 else (None, None)
        if defect is not None and source is not None:
            pixels = self._pixels(item, position)
            return copied_size(self._size(source, 0), defect, pixels)
        if defect is Defect.PLACEHOLDER:
            return (640, 640)
        rng = generator(self._seed, "size", self._history.number(item), position)
        if defect is Defect.TALL_STRIP:
            return round(800 / rng.uniform(2.6, 4.5)), 800
        if defect is Defect.TINY:
            return int(rng.integers(60, 97)), int(rng.integers(60, 130))
        return (640, 640) if rng.random() < 0.6 else (640, 800)

    def _key(self, item: int, position: int) -> str:
        """Private sellers' files do not tell the listing's id."""
        number = self._history.number(item)
        head = self._tokens.encode(number) if self._facts(item).private_seller else self._id(item)
        return f"{head}-{self._files.encode(number * _ROOM + position)}"

    def _id(self, item: int) -> str:
        return str(_FIRST_ID + _ID_STEP * self._history.number(item))

    def _described(self, item: int) -> Facts:
        """Draw everything about ``item`` but its pixels; a copy offers its original's watch."""
        defect, source = self._plan.of(item)
        rng = generator(self._seed, "watch", self._history.number(item))
        number = self._shelf.creator(item)
        if source is None:
            model = _common(rng, line_up(self._seed, number, self.creators[number]))
            reference = _common(rng, model.references)
        else:
            model, reference = self._facts(source).model, self._facts(source).reference
            if defect is Defect.COLOURWAY:
                reference = recoloured(reference, self._sibling_dials(item, source), rng)
        condition, worth = condition_of(rng)
        price = int(model.base_price * worth * np.exp(rng.normal(0, 0.12))) // 5 * 5
        return Facts(
            model=model,
            reference=reference,
            title=seller_line(reference.number, rng),
            year_text=year_text_of(rng),
            price_usd=price if rng.random() > 0.04 else None,
            condition=condition,
            country=pick(rng, COUNTRIES),
            private_seller=bool(rng.random() < 0.25),
            promoted=bool(rng.random() < 0.06),
            pictures=int(rng.integers(1, _MOST_PICTURES + 1)),
        )

    def _sibling_dials(self, item: int, source: int) -> list[RGB]:
        """Dials of other colourways of ``source``: of those between ``item`` and it."""
        between = itertools.takewhile(lambda other: other != source, self._shelf.after(item))
        return [
            self._facts(other).reference.look.dial_colour
            for other in between
            if self._plan.of(other)[0] is Defect.COLOURWAY
        ]


def _common(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of ``choices``, each about half as likely as the one before it."""
    return choices[min(int(rng.geometric(0.5)), len(choices)) - 1]


def _squared(picture: Image.Image, side: int) -> Image.Image:
    """The middle of ``picture`` as a square of ``side`` pixels."""
    width, height = picture.size
    short = min(width, height)
    left, top = (width - short) // 2, (height - short) // 2
    middle = picture.crop((left, top, left + short, top + short))
    return middle.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
