"""Listings of the replica of Chrono24: which watches stand on which of their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scrapers.gallery.items import Watch

PAGE_SIZE: Final = 60
PROMOTED_ON_A_PAGE: Final = 2
PROMOTED_IN_TURN: Final = 5


@dataclass(frozen=True)
class Card:
    """One place of a listing page."""

    watch: Watch
    promoted: bool


@dataclass(frozen=True)
class Listing:
    """A listing and its addresses: ``<base>.htm``, ``<base>-2.htm``, ..."""

    base: str
    heading: str
    watches: Sequence[Watch]
    promoted: Sequence[Watch] = ()

    @property
    def organic(self) -> int:
        """Cards of a page that nobody paid for."""
        return PAGE_SIZE - min(PROMOTED_ON_A_PAGE, len(self.promoted))

    @property
    def pages(self) -> int:
        """Number of the last page."""
        return max(1, -(-len(self.watches) // self.organic))

    def path(self, number: int) -> str:
        """Path of page ``number``, from 1."""
        return f"{self.base}.htm" if number == 1 else f"{self.base}-{number}.htm"

    def cards(self, number: int) -> list[Card]:
        """The cards of page ``number``: promoted watches, in turn, before the others."""
        start = (number - 1) * self.organic
        turns = range(number - 1, number - 1 + PAGE_SIZE - self.organic)
        promoted = [Card(self.promoted[t % len(self.promoted)], promoted=True) for t in turns]
        others = self.watches[start : start + self.organic]
        return promoted + [Card(watch, promoted=False) for watch in others]
