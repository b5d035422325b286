"""Whose each item is: creators own unequal shares of a collection, scattered over its order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import numpy as np

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
