"""The endless order in which images are shown: a function of the seed and the position alone.

So a position says all there is to know, and a training that goes on needs nothing saved.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from pipeline.core.params.train import LoopParams
from train.data.variants import Indices, Variants

_CLASSES, _MEMBERS = range(2)
"""Purposes of random numbers in a balanced order."""


def sampler_for(params: LoopParams, variants: Variants, seed: int) -> Sampler:
    """The order in which ``params`` want ``variants`` shown."""
    if params.class_balanced:
        return BalancedSampler(seed, variants.of_class)
    return ShuffledSampler(seed, len(variants))


class Sampler(ABC):
    """Blocks of items, one after the other without end."""

    def __init__(self, seed: int, block: int) -> None:
        """Each of the blocks has ``block`` items."""
        self._seed = seed
        self._block_size = block
        self._latest: tuple[int, Indices] | None = None

    def take(self, position: int, length: int) -> Indices:
        """The items at ``position``, ``position + 1``, ... ``position + length - 1``."""
        parts: list[Indices] = []
        while length:
            number, start = divmod(position, self._block_size)
            part = self._held(number)[start : start + length]
            parts.append(part)
            position += len(part)
            length -= len(part)
        return np.concatenate(parts)

    def _held(self, number: int) -> Indices:
        if self._latest is None or self._latest[0] != number:
            self._latest = number, self._block(number)
        return self._latest[1]

    @abstractmethod
    def _block(self, number: int) -> Indices:
        """The items of one block."""


class ShuffledSampler(Sampler):
    """Each pass over ``count`` items shows every one of them once."""

    def __init__(self, seed: int, count: int) -> None:
        super().__init__(seed, count)

    def _block(self, number: int) -> Indices:
        return np.random.default_rng([self._seed, number]).permutation(self._block_size)


class BalancedSampler(Sampler):
    """Each round shows one item of every class; the items of a class take turns."""

    def __init__(self, seed: int, of_class: Indices) -> None:
        """``of_class`` has the class of each item; classes without any take no part."""
        _, place, sizes = np.unique(of_class, return_inverse=True, return_counts=True)
        super().__init__(seed, len(sizes))
        self._sizes = sizes
        self._starts = np.cumsum(sizes) - sizes
        self._members = np.argsort(place, kind="stable")
        self._shuffled = self._members.copy()
        self._passes = np.full(len(sizes), -1)

    def _block(self, number: int) -> Indices:
        passes, places = np.divmod(number, self._sizes)
        for which in np.flatnonzero((passes != self._passes) & (self._sizes > 1)).tolist():
            self._shuffle(which, int(passes[which]))
        self._passes = passes
        shown = self._shuffled[self._starts + places]
        return np.random.default_rng([self._seed, _CLASSES, number]).permutation(shown)

    def _shuffle(self, which: int, number: int) -> None:
        here = slice(self._starts[which], self._starts[which] + self._sizes[which])
        random = np.random.default_rng([self._seed, _MEMBERS, which, number])
        self._shuffled[here] = random.permutation(self._members[here])
