"""Pieces of a small site that a file describes: badges of cars, garments; and their bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from scrapers.gallery.catalogue.seeded_catalogue import SeededCatalogue
from scrapers.gallery.defects import damage
from scrapers.gallery.items import Creator, Defect, FileVersion, Picture
from scrapers.gallery.lazy import Lazy, without
from scrapers.gallery.painters.badge import SHAPES, badge
from scrapers.gallery.painters.garment import KINDS, garment
from scrapers.gallery.seeded import generator, pick
from scrapers.parsing.text import slug

COUNTS = {Defect.EXACT_COPY: 6, Defect.BLANK: 3, Defect.TRUNCATED: 2, Defect.MISSING: 2}
"""How many of each in 240 pieces, all in a piece's first picture."""
COLOURS = ("black", "crimson", "sand", "moss", "slate", "ivory", "tobacco", "rose", "amber")
COUNTRIES = ("Brazil", "Czechia", "France", "Italy", "Japan", "Spain", "Sweden", "United Kingdom")
_MODELS = ("Avenida", "Borealis", "Corsair", "Delmar", "Estrella", "Fjord", "Grisaille", "Halcyon")
_FIRST_ID, _ID_STEP = 40_000, 3
_QUALITY = 88
_KEPT = 12
_KEY = re.compile(r"(?:[a-z0-9-]+-)?([0-9]{5,9})-([0-9])")


@dataclass(frozen=True)
class Piece:
    """A badge or a garment as its site lists it."""

    id: str
    name: str
    slug: str
    maker: Creator
    kind: str
    """The shape of a badge, the category of a garment."""
    year: int
    country: str
    colour: str
    price: int
    opted_out: bool
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Assortment:
    """What pieces of one site are like."""

    kinds: tuple[str, ...]
    most_pictures: int
    size: tuple[int, int]
    """Of the largest file of a picture."""
    paint: Callable[[Piece, int, np.random.Generator], Image.Image]
    """Takes a piece, the number of its picture, and what its design follows from."""


class Pieces(SeededCatalogue):
    """``size`` pieces of ``creators`` makers; every one is made when it is asked for."""

    def __init__(
        self,
        assortment: Assortment,
        makers: Sequence[Creator],
        seed: int,
        size: int,
        revision: int = 0,
        counts: Mapping[Defect, int] = COUNTS,
    ) -> None:
        super().__init__(size, tuple(makers), seed, revision, counts)
        self.assortment = assortment
        self.pieces: Sequence[Piece] = without(Lazy(size, self._piece), self._revisions.withdrawn)
        """In the order of the site; the items are not kept."""
        self._painted = lru_cache(maxsize=_KEPT)(self._painted_anew)

    def piece(self, piece_id: str) -> Piece | None:
        """The piece with that id."""
        item = self._item(piece_id)
        return None if item is None else self._piece(item)

    def picture(self, key: str) -> Picture | None:
        """The picture with that key."""
        named = _KEY.fullmatch(key)
        piece = self.piece(named[1]) if named else None
        return next((p for p in piece.pictures if p.key == key), None) if piece else None

    def version(self, picture: Picture, width: int) -> FileVersion:
        """What tells the bytes of `image` from those of any other time or size."""
        item, position = self._place(picture)
        shown = self._shown(item, position)
        state = self._revisions.state(shown)
        number = self._revisions.number(shown)
        since = max(state.since, self._revisions.state(item).since)
        return FileVersion.of(since, self._seed, number, state.take, position, width)

    def image(self, picture: Picture, width: int) -> bytes | None:
        """The bytes of the picture, so many pixels wide; None where the site has no such file."""
        item, position = self._place(picture)
        defect = self._plan.of(item)[0] if position == 0 else None
        if defect is Defect.MISSING:
            return None
        whole = self._painted(self._shown(item, position), position)
        height = round(whole.height * width / whole.width)
        shown = whole if width >= whole.width else whole.resize((width, height))
        return self._jpeg(item, shown, defect, _QUALITY)

    def _painted_anew(self, item: int, position: int) -> Image.Image:
        number, take = self._revisions.number(item), self._revisions.state(item).take
        rng = generator(self._seed, "piece-pixels", number, take)
        if position == 0 and self._plan.of(item)[0] is Defect.BLANK:
            return damage.blank(self.assortment.size, rng)
        return self.assortment.paint(self._piece(item), position, rng)

    def _shown(self, item: int, position: int) -> int:
        """The piece whose picture is shown: of a copy, its original's."""
        defect, source = self._plan.of(item)
        is_copy = position == 0 and defect is Defect.EXACT_COPY and source is not None
        return source if is_copy and source is not None else item

    def _piece(self, item: int) -> Piece:
        number = self._revisions.number(item)
        rng = generator(self._seed, "piece", number)
        maker = self.creators[self._ownership.creator(item)]
        kind, colour = pick(rng, self.assortment.kinds), pick(rng, COLOURS)
        name = f"{pick(rng, _MODELS)} {int(rng.integers(1, 99))}"
        id_ = str(_FIRST_ID + _ID_STEP * number)
        pictures = int(rng.integers(1, self.assortment.most_pictures + 1))
        return Piece(
            id=id_,
            name=name,
            slug=slug(f"{maker.name} {name}"),
            maker=maker,
            kind=kind,
            year=int(rng.integers(1902, 2025)),
            country=pick(rng, COUNTRIES),
            colour=colour,
            price=int(rng.integers(3, 160)) * 10,
            opted_out=self._revisions.state(item).opted_out,
            pictures=tuple(self._picture(item, slug(name), id_, n) for n in range(pictures)),
        )

    def _picture(self, item: int, words: str, id_: str, position: int) -> Picture:
        defect, source = self._plan.of(item) if position == 0 else (None, None)
        width, height = self.assortment.size
        copied = source if defect is Defect.EXACT_COPY else None
        original = None if copied is None else self._piece(copied).pictures[0].key
        defects = () if defect is None else (defect,)
        return Picture(f"{words}-{id_}-{position}", width, height, defects, original)

    def _item(self, piece_id: str) -> int | None:
        if not re.fullmatch(r"[0-9]{5,9}", piece_id):
            return None
        number, rest = divmod(int(piece_id) - _FIRST_ID, _ID_STEP)
        return None if rest or number < 0 else self._revisions.item(number)

    def _place(self, picture: Picture) -> tuple[int, int]:
        named = _KEY.fullmatch(picture.key)
        item = self._item(named[1]) if named else None
        if named is None or item is None:
            raise KeyError(picture.key)
        return item, int(named[2])


def _badge(piece: Piece, position: int, rng: np.random.Generator) -> Image.Image:
    del position
    initials = "".join(word[0] for word in piece.maker.name.split() if word[0].isalnum())
    return badge(initials[:2].upper(), piece.kind, BADGES.size, rng)


def _garment(piece: Piece, position: int, rng: np.random.Generator) -> Image.Image:
    return garment(piece.kind, position > 0, GARMENTS.size, rng)


BADGES = Assortment(SHAPES, 1, (640, 480), _badge)
GARMENTS = Assortment(KINDS, 2, (600, 800), _garment)
