"""Which items are spoilt, and how: planted by rate, told by number, never by search."""

from __future__ import annotations

from collections.abc import Mapping

from scrapers.gallery.catalogue.ownership import Ownership
from scrapers.gallery.defects.copies import COPIES
from scrapers.gallery.items import Defect
from scrapers.gallery.seeded import Shuffle

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
