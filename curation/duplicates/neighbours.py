"""All pairs of hashes within a Hamming radius, exactly, without comparing all pairs.

Hashes have one word of 64 bits or several. The first words of a pair must be near, too: two
words that differ in at most r bits differ in few bits of at least one of four 16-bit bands
(the pigeonhole of multi-index hashing: Norouzi, Punjani and Fleet, CVPR 2012). So hashes are
sorted by a band, and each bucket is held against the buckets whose key differs in few bits. The
few lines that touch every candidate are compiled: a million hashes have six billion of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
"""(n, words)."""
Indices = npt.NDArray[np.int64]

BANDS: Final = 4
BAND_BITS: Final = 16
CHUNK: Final = 1 << 20
"""Pairs yielded at a time; it bounds the memory."""

_BUCKETS: Final = 1 << BAND_BITS


@dataclass(frozen=True)
class Pairs:
    """Index pairs: ``left`` of the first collection, ``right`` of the second, ``bits`` apart."""

    left: Indices
    right: Indices
    bits: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Banded:
    """Hashes sorted by one of their bands: those of bucket k at ``starts[k]:starts[k + 1]``."""

    order: Indices
    hashes: Hashes
    starts: Indices

    @classmethod
    def by(cls, hashes: Hashes, band: int) -> Banded:
        """``hashes`` (n, words) sorted by the band number ``band`` of their first word."""
        keys = (hashes[:, 0] >> np.uint64(BAND_BITS * band)).astype(np.uint16)
        order = np.argsort(keys, kind="stable")
        starts = np.zeros(_BUCKETS + 1, np.int64)
        np.cumsum(np.bincount(keys, minlength=_BUCKETS), out=starts[1:])
        return cls(order, hashes[order], starts)


def near_hashes(
    left: Hashes, right: Hashes, key_radius: int, radius: int, chunk: int = CHUNK
) -> Iterator[Pairs]:
    """Every pair of equal or near hashes, in chunks, each pair once.

    Args:
        left: hashes (n, words); an element may occur several times.
        right: hashes (m, words).
        key_radius: bits of the first word by which a pair may differ.
        radius: bits of all words by which it may differ.
        chunk: pairs yielded at a time; more only where one hash alone has more.
    """
    # Imported here: the compiler takes half a second, which no other stage should pay.
    from curation.duplicates.bucket_join import join

    budgets = _budgets(key_radius)
    room = max(chunk, len(right))
    i, j, bits = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.uint8)
    for band, budget in enumerate(budgets):
        if budget < 0:
            continue
        ours, theirs = Banded.by(left, band), Banded.by(right, band)
        masks, earlier = np.array(_masks(budget)), np.array(budgets[:band], np.int64)
        sides = ours.hashes, ours.starts, theirs.hashes, theirs.starts
        place = (0, 0, 0)
        while place[0] < _BUCKETS:
            place, count = join(*sides, masks, earlier, key_radius, radius, place, i, j, bits)
            yield Pairs(ours.order[i[:count]], theirs.order[j[:count]], bits[:count].copy())


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
