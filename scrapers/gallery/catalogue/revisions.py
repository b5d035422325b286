"""What became of a gallery since it opened: each revision changes two items in a hundred.

Of one hundredth, half are taken down for good and other items are listed in their place; the
others keep their address and are photographed anew. Of the second hundredth, a quarter each shows
another picture under another address, says that it must not be used for training (or no longer
says so), changes its rights label, and is gone until the next revision.
"""

from __future__ import annotations

from enum import Enum, auto
from functools import cached_property
from typing import Final, NamedTuple

from scrapers.gallery.seeded import Shuffle

CHANGED_SHARE: Final = 0.01
NEWS_SHARE: Final = 0.0025
"""Of the items, for each kind of news."""
_FEWEST: Final = 2
"""So that even the smallest gallery loses an item and has one photographed anew."""


class News(Enum):
    """What a revision changes besides items and their photographs."""

    OTHER_PICTURE = auto()
    OPT_OUT = auto()
    RIGHTS = auto()
    WITHDRAWAL = auto()


class ItemState(NamedTuple):
    """One place of a gallery as it is now."""

    edition: int = 0
    """How many items were listed there before."""
    take: int = 0
    """How often the present one was photographed anew."""
    since: int = 0
    """The revision that changed its picture last; 0 where none did."""
    exchanges: int = 0
    """How often its picture was exchanged for one under another address."""
    opted_out: bool = False
    """Whether it says that it must not be used for training."""
    relabelled: bool = False
    """Whether its rights label is the opposite of the first one."""
    withdrawn: bool = False
    """Whether it is gone in this revision, to be back in the next."""


_UNTOUCHED: Final = ItemState()


class Revisions:
    """The revisions of a collection of ``size`` items, up to and with ``revision``."""

    def __init__(self, size: int, seed: int, revision: int) -> None:
        self._size = size
        self._changing = max(_FEWEST, round(size * CHANGED_SHARE))
        self._told = len(News) * max(1, round(size * NEWS_SHARE))
        numbers = range(1, revision + 1)
        self._orders = [Shuffle(size, seed, f"revision {number}") for number in numbers]

    def state(self, item: int) -> ItemState:
        """What happened at the place ``item``, in one step a revision."""
        state = _UNTOUCHED
        for revision, order in enumerate(self._orders, start=1):
            place = order.place(item)
            if place < self._changing:
                state = _replaced(state, revision) if place % 2 else _photographed(state, revision)
            else:
                state = _informed(state, self._news(place), revision)
        return state._replace(withdrawn=True) if item in self.withdrawn else state

    def number(self, item: int) -> int:
        """What names and pixels at the place ``item`` are made from; never used twice."""
        return item + self._size * self.state(item).edition

    def item(self, number: int) -> int | None:
        """The place at which the item of that number is listed; None where it is not (any more)."""
        edition, item = divmod(number, self._size)
        state = self.state(item)
        return item if edition == state.edition and not state.withdrawn else None

    @cached_property
    def withdrawn(self) -> frozenset[int]:
        """The items that are gone in the last revision and will be back in the next."""
        if not self._orders:
            return frozenset()
        places = range(self._changing, min(self._size, self._changing + self._told))
        gone = (place for place in places if self._news(place) is News.WITHDRAWAL)
        return frozenset(map(self._orders[-1].at, gone))

    def _news(self, place: int) -> News | None:
        turn = place - self._changing
        return tuple(News)[turn % len(News)] if 0 <= turn < self._told else None


def _replaced(state: ItemState, revision: int) -> ItemState:
    return ItemState(edition=state.edition + 1, since=revision)


def _photographed(state: ItemState, revision: int) -> ItemState:
    return state._replace(take=state.take + 1, since=revision)


def _informed(state: ItemState, news: News | None, revision: int) -> ItemState:
    """Withdrawals are no part of it: the last revision alone decides about them."""
    match news:
        case News.OTHER_PICTURE:
            return _photographed(state, revision)._replace(exchanges=state.exchanges + 1)
        case News.OPT_OUT:
            return state._replace(opted_out=not state.opted_out)
        case News.RIGHTS:
            return state._replace(relabelled=not state.relabelled)
        case _:
            return state
