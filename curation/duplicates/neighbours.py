"""All pairs of 64-bit hashes within a Hamming radius, exactly, without comparing all pairs.

Two hashes that differ in at most r bits differ in few bits of at least one of four 16-bit bands
(the pigeonhole of multi-index hashing: Norouzi, Punjani and Fleet, CVPR 2012). So hashes are
sorted by a band, and each bucket is held against the buckets whose key differs in few bits.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]

BANDS: Final = 4
BAND_BITS: Final = 16
CHUNK: Final = 1 << 20
"""Candidates compared at a time; it bounds the memory (about 40 bytes each)."""

_BUCKETS: Final = 1 << BAND_BITS


@dataclass(frozen=True)
class Pairs:
    """Index pairs: ``left`` of the first collection, ``right`` of the second, ``bits`` apart."""

    left: Indices
    right: Indices
    bits: npt.NDArray[np.uint8]


def near_hashes(left: Hashes, right: Hashes, radius: int) -> Iterator[Pairs]:
    """Every pair of equal or near hashes, in chunks, each pair once.

    Args:
        left: hashes (n,); an element may occur several times.
        right: hashes (m,).
        radius: bits of 64 by which a pair may differ.
    """
    left_keys, right_keys = _bands(left), _bands(right)
    budgets = _budgets(radius)
    for band, budget in enumerate(budgets):
        if budget < 0:
            continue
        buckets = Buckets(right_keys[band], _BUCKETS)
        hashes = right[buckets.order]
        order = np.argsort(left_keys[band], kind="stable")
        keys, sorted_left = left_keys[band][order], left[order]
        for mask in _masks(budget):
            for place, found in buckets.candidates(keys ^ np.uint16(mask)):
                bits = np.bitwise_count(sorted_left[place] ^ hashes[found])
                near = np.flatnonzero(bits <= radius)
                i, j = order[place[near]], buckets.order[found[near]]
                first = _is_first(left_keys, right_keys, i, j, band, budgets)
                yield Pairs(i[first], j[first], bits[near][first])


class Buckets:
    """Items sorted by a small whole-number key, so that those of one key lie side by side."""

    def __init__(
        self, keys: npt.NDArray[np.integer], count: int, *, limit: int | None = None
    ) -> None:
        """Sort items with ``keys`` (n,) below ``count``; only ``limit`` of each will be found."""
        self.order: Indices = np.argsort(keys, kind="stable")
        sizes = np.bincount(keys, minlength=count)
        self._starts = np.cumsum(sizes) - sizes
        self._sizes = sizes if limit is None else np.minimum(sizes, limit)

    def candidates(
        self, keys: npt.NDArray[np.integer], chunk: int = CHUNK
    ) -> Iterator[tuple[Indices, Indices]]:
        """For each of ``keys``, all items of that bucket: places in ``keys``, places in `order`.

        In chunks of about ``chunk`` pairs.
        """
        sizes = self._sizes[keys]
        ends = np.cumsum(sizes)
        if not len(ends):
            return
        cuts = np.searchsorted(ends, np.arange(chunk, ends[-1] + chunk, chunk), side="left") + 1
        for begin, end in itertools.pairwise([0, *np.unique(cuts.clip(max=len(keys))).tolist()]):
            counts = sizes[begin:end]
            before = np.cumsum(counts) - counts
            total = int(counts.sum())
            if not total:
                continue
            place = np.repeat(np.arange(begin, end), counts)
            shift = self._starts[keys[begin:end]] - before
            yield place, np.repeat(shift, counts) + np.arange(total)


def _bands(hashes: Hashes) -> list[npt.NDArray[np.uint16]]:
    return [(hashes >> np.uint64(BAND_BITS * band)).astype(np.uint16) for band in range(BANDS)]


def _budgets(radius: int) -> list[int]:
    """Bits that each band may differ in so that no pair within ``radius`` escapes all bands.

    With radius = 4 a + b, a pair that exceeds a in the first b + 1 bands and a - 1 in the others
    differs in at least (b + 1)(a + 1) + (3 - b) a = radius + 1 bits.
    """
    each, rest = divmod(radius, BANDS)
    return [each if band <= rest else each - 1 for band in range(BANDS)]


def _masks(bits: int) -> list[int]:
    """All 16-bit numbers with at most ``bits`` ones."""
    return [
        sum(1 << bit for bit in chosen)
        for ones in range(bits + 1)
        for chosen in itertools.combinations(range(BAND_BITS), ones)
    ]


def _is_first(
    left: list[npt.NDArray[np.uint16]],
    right: list[npt.NDArray[np.uint16]],
    i: Indices,
    j: Indices,
    band: int,
    budgets: list[int],
) -> npt.NDArray[np.bool_]:
    """Which of the pairs (i, j) no earlier band has caught."""
    first = np.ones(len(i), bool)
    for earlier in range(band):
        differing = np.bitwise_count(left[earlier][i] ^ right[earlier][j])
        first &= differing > budgets[earlier]
    return first
