"""Whose each item is: creators own unequal shares of a collection, scattered over its order."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from scrapers.gallery.chance import Lazy, Shuffle, generator


class Shelf:
    """The items of a collection sorted by creator, without a table of them.

    Each creator owns one run of the shelf; a shuffle says at which place of the shelf an item
    stands, so that the listing of the site mixes all creators.
    """

    def __init__(self, size: int, creators: int, seed: int) -> None:
        self._order = Shuffle(size, seed, "shelf")
        self._ends = _ends(size, creators, generator(seed, "shares"))

    def creator(self, item: int) -> int:
        """The number of the creator whose ``item`` is."""
        return bisect_right(self._ends, self._order.place(item))

    def items(self, creator: int) -> Lazy[int]:
        """All items of one creator."""
        start = self._ends[creator - 1] if creator else 0
        return Lazy(self._ends[creator] - start, lambda n: self._order.at(start + n))

    def after(self, item: int) -> Lazy[int]:
        """The other items of the creator of ``item``, beginning with its neighbour."""
        items = self.items(self.creator(item))
        start = self._ends[self.creator(item)] - len(items)
        here = self._order.place(item) - start
        return Lazy(len(items) - 1, lambda n: items[(here + 1 + n) % len(items)])


def _ends(size: int, creators: int, rng: np.random.Generator) -> list[int]:
    """Where each creator's run ends: a few are prolific, each has one item if there are enough."""
    weights = np.exp(rng.normal(0.0, 0.6, creators))
    least = 1 if size >= creators else 0
    running = np.cumsum(weights) / weights.sum() * (size - least * creators)
    return [int(end) + least * (n + 1) for n, end in enumerate(np.floor(running + 0.5))]
