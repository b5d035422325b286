"""The watches of the embedded gallery as one shop shows them: the site around them is the same."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image

from scrapers.gallery.catalogue.watch_facts import WatchFacts
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.defects import damage
from scrapers.gallery.defects.copy_defects import COPIES, copied, copied_size
from scrapers.gallery.items import Defect
from scrapers.gallery.painters.watch import assortment, strays
from scrapers.gallery.painters.watch.assortment import Article
from scrapers.gallery.painters.watch.photograph import photograph
from scrapers.gallery.seeded import generator

COUNTS: Final = {
    **dict.fromkeys(COPIES, 1),
    Defect.COLOURWAY: 6,
    Defect.BLANK: 1,
}
"""Of 240 listings. Real shops copy little, and have every dial of a watch."""
SIDE: Final = 256
"""Pixels of a picture: shops serve small ones."""


class Shop(Watches):
    """``size`` listings with one picture each, none with the site's mark."""

    def __init__(self, seed: int, size: int, creators: int, revision: int = 0) -> None:
        super().__init__(seed, size, creators, revision, COUNTS)
        self._listed = size

    def article(self, item: int) -> Article:
        """What the listing shows; a copy shows its original's, a colourway has another dial."""
        defect, source = self._plan.of(item)
        if source is None:
            return assortment.article(self._seed, item)
        shown = self.article(source)
        if defect is not Defect.COLOURWAY:
            return shown
        between = itertools.takewhile(lambda other: other != source, self._ownership.after(item))
        nth = sum(self._plan.of(other)[0] is Defect.COLOURWAY for other in between)
        return assortment.colourway(self._seed, shown, self._listed, nth)

    def _described(self, item: int) -> WatchFacts:
        facts = super()._described(item)
        shown = self.article(item)
        look = assortment.look_at(self._seed, shown)
        reference = replace(facts.reference, look=look, dial=shown.dial_name)
        return replace(facts, reference=reference, pictures=1)

    def _photographed(self, item: int, position: int) -> Image.Image:
        defect, source = self._plan.of(item)
        if defect is not None and source is not None and defect in COPIES:
            return copied(self._original(source, 0), defect, self._pixels(item, position))
        if defect is Defect.BLANK:
            return damage.blank((SIDE, SIDE), self._pixels(item, position))
        if self.is_stray(item):
            return strays.stray_picture(SIDE, generator(self._seed, "shop-stray-look", item))
        shot = assortment.shot_of(self._seed, self.article(item), (SIDE, SIDE))
        camera = np.random.default_rng(self._revisions.state(item).take)
        return photograph(self._facts(item).reference.look, shot, camera)

    def copied_from(self, item: int) -> int | None:
        """The listing that ``item`` copies, or that it is a colourway of; None where it is new."""
        return self._plan.of(item)[1]

    def is_stray(self, item: int) -> bool:
        """Whether the listing shows a fan or a strap; only what nothing is made after does."""
        if self._plan.of(item)[0] is not None:
            return False
        share = generator(self._seed, "shop-stray", item).random()
        return bool(share < assortment.STRAY_SHARE)

    def _defects(self, item: int, position: int) -> tuple[Defect, ...]:  # noqa: ARG002 (one picture)
        defect = self._plan.of(item)[0]
        return () if defect is None else (defect,)

    def _size(self, item: int, position: int) -> tuple[int, int]:
        defect, source = self._plan.of(item)
        if defect is not None and source is not None:
            return copied_size((SIDE, SIDE), defect, self._pixels(item, position))
        return (SIDE, SIDE)
