"""What became of a gallery since it opened: each revision changes one item in a hundred.

Half of those that change are taken down, and another item is hung in their place; the others keep
their address and are photographed anew.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from scrapers.gallery.chance import Shuffle

CHANGED_SHARE: Final = 0.01
_FEWEST: Final = 2
"""So that even the smallest gallery loses an item and has one photographed anew."""


class Standing(NamedTuple):
    """One place of a gallery as it is now."""

    edition: int
    """How many items hung there before."""
    take: int
    """How often the present one was photographed anew."""
    since: int
    """The revision that changed it last; 0 where none did."""


class History:
    """The revisions of a collection of ``size`` items, up to and with ``revision``."""

    def __init__(self, size: int, seed: int, revision: int) -> None:
        self._size = size
        self._changing = max(_FEWEST, round(size * CHANGED_SHARE))
        numbers = range(1, revision + 1)
        self._orders = [Shuffle(size, seed, f"revision {number}") for number in numbers]

    def standing(self, item: int) -> Standing:
        """What happened at the place ``item``, in one step a revision."""
        edition = take = since = 0
        for revision, order in enumerate(self._orders, start=1):
            place = order.place(item)
            if place >= self._changing:
                continue
            since = revision
            edition, take = (edition + 1, 0) if place % 2 else (edition, take + 1)
        return Standing(edition, take, since)

    def number(self, item: int) -> int:
        """What names and pixels at the place ``item`` are drawn from; never used twice."""
        return item + self._size * self.standing(item).edition

    def item(self, number: int) -> int | None:
        """The place at which the item of that number hangs; None where it does not (any more)."""
        edition, item = divmod(number, self._size)
        return item if edition == self.standing(item).edition else None
