"""What all catalogues share: whose each item is, which are spoilt and how, told by its number."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping

import numpy as np
from PIL import Image

from scrapers.gallery.catalogue.revisions import Revisions
from scrapers.gallery.defects import damage
from scrapers.gallery.defects.copy_defects import COPIES
from scrapers.gallery.items import Creator, Defect
from scrapers.gallery.lazy import Lazy, without
from scrapers.gallery.seeded import Shuffle, generator


class Ownership:
    """The items of a collection sorted by creator, without a table of them.

    Each creator owns one run of a sorted order; a shuffle says at which place of it an item
    stands, so that the listing of the site mixes all creators.
    """

    def __init__(self, size: int, creators: int, seed: int) -> None:
        self._order = Shuffle(size, seed, "shelf")  # a name is part of what the seed decides
        self._ends = _ends(size, creators, generator(seed, "shares"))

    def creator(self, item: int) -> int:
        """The number of the creator whose ``item`` is."""
        return bisect_right(self._ends, self._order.place(item))

    def items(self, creator: int) -> Lazy[int]:
        """All items of one creator."""
        start = self._start(creator)
        return Lazy(self._ends[creator] - start, lambda n: self._order.at(start + n))

    def listed(self, creator: int, withdrawn: Iterable[int]) -> Lazy[int]:
        """The items of one creator but for those ``withdrawn``, which may be of any creator."""
        gone = (item for item in withdrawn if self.creator(item) == creator)
        return without(self.items(creator), map(self.rank, gone))

    def rank(self, item: int) -> int:
        """The place of ``item`` among the items of its creator."""
        return self._order.place(item) - self._start(self.creator(item))

    def after(self, item: int) -> Lazy[int]:
        """The other items of the creator of ``item``, beginning with its neighbour."""
        items, rank = self.items(self.creator(item)), self.rank(item)
        return Lazy(len(items) - 1, lambda n: items[(rank + 1 + n) % len(items)])

    def _start(self, creator: int) -> int:
        return self._ends[creator - 1] if creator else 0


def _ends(size: int, creators: int, rng: np.random.Generator) -> list[int]:
    """Where each creator's run ends: a few are prolific, each has one item if there are enough."""
    weights = np.exp(rng.normal(0.0, 0.6, creators))
    least = 1 if size >= creators else 0
    running = np.cumsum(weights) / weights.sum() * (size - least * creators)
    return [int(end) + least * (n + 1) for n, end in enumerate(np.floor(running + 0.5))]


REFERENCE_SIZE = 240
"""The size of collection for which rates are written down as counts."""


class DefectPlan:
    """The defects of a collection, each item having one at most.

    Items are shuffled and the first places go to the defects, kind by kind. The original of a copy
    is the next faultless item of the same creator; two copies may share one.
    """

    def __init__(
        self, ownership: Ownership, size: int, seed: int, counts: Mapping[Defect, int]
    ) -> None:
        """``counts`` are those of a collection of `REFERENCE_SIZE`; others follow in proportion."""
        self._ownership = ownership
        self._order = Shuffle(size, seed, "defects")
        self._ends: list[tuple[int, Defect]] = []
        end = 0
        for defect, count in counts.items():
            end += int(count * size / REFERENCE_SIZE + 0.5)
            self._ends.append((end, defect))

    def of(self, item: int) -> tuple[Defect | None, int | None]:
        """The defect of ``item`` and, for a copy or a colourway, the item it is made after."""
        defect = self._planted(item)
        if defect not in COPIES and defect is not Defect.COLOURWAY:
            return defect, None
        others = self._ownership.after(item)
        original = next((i for i in others if self._planted(i) is None), None)
        return (None, None) if original is None else (defect, original)

    def _planted(self, item: int) -> Defect | None:
        place = self._order.place(item)
        return next((defect for end, defect in self._ends if place < end), None)


class SeededCatalogue:
    """``size`` items of some creators; subclasses say what an item is."""

    def __init__(
        self,
        size: int,
        creators: tuple[Creator, ...],
        seed: int,
        revision: int,
        counts: Mapping[Defect, int],
    ) -> None:
        """``counts`` of each defect are those of 240 items; others follow in proportion.

        ``revision`` says how often the gallery has changed since it opened.
        """
        self.creators = creators
        self._seed = seed
        self._revisions = Revisions(size, seed, revision)
        self._ownership = Ownership(size, len(creators), seed)
        self._plan = DefectPlan(self._ownership, size, seed, counts)

    def _items_of(self, creator: str) -> Lazy[int]:
        """The items of the creator whose slug that is; none of an unknown one."""
        for number, each in enumerate(self.creators):
            if each.slug == creator:
                return self._ownership.listed(number, self._revisions.withdrawn)
        return Lazy(0, int)

    def _pixels(self, item: int, *path: int) -> np.random.Generator:
        """``path``: the position of the picture where there are several, then how it was taken."""
        return generator(self._seed, "pixels", self._revisions.number(item), *path)

    def _newest_pixels(self, item: int, *position: int) -> np.random.Generator:
        """What decides how a picture of ``item`` was painted or photographed last."""
        take = self._revisions.state(item).take
        return self._pixels(item, *position, take) if take else self._pixels(item, *position)

    def _jpeg(self, item: int, picture: Image.Image, defect: Defect | None, quality: int) -> bytes:
        """``picture`` as the file that is served for ``item``."""
        if defect is Defect.RE_ENCODED:
            quality = damage.re_encoding_quality(generator(self._seed, "quality", item))
        data = damage.encoded(picture, quality)
        return damage.truncated(data) if defect is Defect.TRUNCATED else data
