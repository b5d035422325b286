"""All pairs of hashes within a Hamming radius, exactly, without comparing all pairs.

Hashes have one word of 64 bits or several. The first words of a pair must be near, too: two
words that differ in at most r bits differ in few bits of at least one of four 16-bit bands
(the pigeonhole of multi-index hashing: Norouzi, Punjani and Fleet, CVPR 2012). So hashes are
sorted by a band, and each bucket is held against the buckets whose key differs in few bits. Two
words 12 bits apart, for example, differ in at most 3 bits of the first band or 2 of another.
The few lines that touch every candidate are compiled: a million hashes have six billion of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
"""(n, words); the first word is the one that is sorted by its bands."""
Indices = npt.NDArray[np.int64]
Place = tuple[int, int, int]
"""Where a join goes on: bucket, mask, row of the bucket."""

BANDS: Final = 4
BAND_BITS: Final = 16
CHUNK: Final = 1 << 20
"""Pairs yielded at a time; it bounds the memory (about 40 bytes each)."""

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
    left: Hashes,
    right: Hashes,
    key_radius: int,
    radius: int,
    *,
    limits: Indices | None = None,
    chunk: int = CHUNK,
) -> Iterator[Pairs]:
    """Every pair of equal or near hashes, in chunks, each pair once.

    Args:
        left: hashes (n, words); an element may occur several times.
        right: hashes (m, words).
        key_radius: bits of the first word by which a pair may differ.
        radius: bits of all words by which it may differ.
        limits: for each of ``left``, how many of ``right``, from the first on, it is held against
            (n,), from few to many; all of them if not given.
        chunk: pairs yielded at a time; more only where one hash alone has more.
    """
    if limits is None:
        limits = np.full(len(left), len(right))
    budgets = _budgets(key_radius)
    size = max(chunk, len(right))
    room = _Room(np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.uint8))
    for band, budget in enumerate(budgets):
        if budget < 0:
            continue
        ours, theirs = Banded.by(left, band), Banded.by(right, band)
        held = _Left(ours.hashes, ours.starts, limits[ours.order])
        words = theirs.hashes[:, 0].copy()
        against = _Right(theirs.hashes, words, theirs.starts, theirs.order)
        masks, earlier = np.array(_masks(budget)), np.array(budgets[:band], np.int64)
        place = (0, 0, 0)
        while place[0] < _BUCKETS:
            place, count = _join(held, against, masks, earlier, key_radius, radius, place, room)
            yield Pairs(
                ours.order[room.left_rows[:count]],
                theirs.order[room.right_rows[:count]],
                room.bits[:count].copy(),
            )


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


class Buckets:
    """Items sorted by a small whole-number key, so that those of one key lie side by side."""

    def __init__(
        self, keys: npt.NDArray[np.integer], count: int, *, limit: int | None = None
    ) -> None:
        """Sort items with ``keys`` (n,) below ``count``; only ``limit`` of each are given."""
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


@numba.njit(cache=True, inline="always")
def _bits(word: np.uint64) -> np.uint64:
    """How many bits of ``word`` are set; the compiler knows this sum as one instruction."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@numba.njit(cache=True)
def _is_first(difference: np.uint64, budgets: npt.NDArray[np.int64]) -> bool:
    """Whether no band before this one, each with its budget of bits, has caught the pair."""
    for band in range(len(budgets)):
        if _bits((difference >> np.uint64(16 * band)) & np.uint64(0xFFFF)) <= budgets[band]:
            return False
    return True


@numba.njit(cache=True, inline="always")
def _all_bits(first: np.uint64, left: Hashes, right: Hashes, key_radius: int, radius: int) -> int:
    """Bits between hashes whose first words differ in ``first``; if too far, over ``radius``."""
    bits = int(_bits(first))
    if bits > key_radius:
        return radius + 1
    for word in range(1, len(left)):
        bits += int(_bits(left[word] ^ right[word]))
    return bits


@numba.njit(cache=True)
def _any_near(
    word: np.uint64, words: npt.NDArray[np.uint64], start: int, end: int, radius: np.uint64
) -> bool:
    """Whether any of ``words[start:end]`` is within ``radius`` bits; mostly none is.

    Without a way out in the middle it is compiled to a few words at a time.
    """
    near = 0
    for place in range(start, end):
        near += int(_bits(word ^ words[place]) <= radius)
    return near > 0


class _Left(NamedTuple):
    """Hashes sorted by a band, each held against the first few of the others."""

    hashes: Hashes
    starts: Indices
    """The first row of each bucket, and the end (buckets + 1,)."""
    limits: Indices
    """For each row, the first number of `_Right.order` that is not for it; it does not fall within
    a bucket."""


class _Right(NamedTuple):
    """Hashes sorted by a band, to hold others against."""

    hashes: Hashes
    words: npt.NDArray[np.uint64]
    """Their first words, side by side: most pairs end there."""
    starts: Indices
    order: Indices
    """The number of each row; it rises within a bucket."""


class _Room(NamedTuple):
    """Where pairs are written: at least as long as all rows on the right."""

    left_rows: Indices
    right_rows: Indices
    bits: npt.NDArray[np.uint8]


@numba.njit(cache=True)
def _join(
    left: _Left,
    right: _Right,
    masks: npt.NDArray[np.int64],
    earlier: npt.NDArray[np.int64],
    key_radius: int,
    radius: int,
    place: Place,
    room: _Room,
) -> tuple[Place, int]:
    """Write pairs within ``radius`` bits until that is all or there may be no room for more.

    Args:
        left: hashes that are held, bucket by bucket, against the others.
        right: the others.
        masks: what to change in a bucket's number for a bucket to hold it against.
        earlier: bits in which a pair may differ in each earlier band, where it is met already.
        key_radius: bits of the first word by which a pair may differ.
        radius: bits of all words by which it may differ.
        place: where to go on; (0, 0, 0) at first.
        room: where the rows of each pair are written, and the bits between them.

    Returns:
        Where to go on, the last bucket + 1 when all is done, and the number of pairs written.
    """
    count = 0
    first_bucket, first_mask, first_row = place
    for bucket in range(first_bucket, len(left.starts) - 1):
        begin, end = left.starts[bucket], left.starts[bucket + 1]
        if begin == end:
            continue
        for mask in range(first_mask if bucket == first_bucket else 0, len(masks)):
            other = bucket ^ masks[mask]
            start, stop = right.starts[other], right.starts[other + 1]
            resumed = bucket == first_bucket and mask == first_mask
            last = start
            for row in range(begin + (first_row if resumed else 0), end):
                while last < stop and right.order[last] < left.limits[row]:
                    last += 1
                word = left.hashes[row, 0]
                if not _any_near(word, right.words, start, last, np.uint64(key_radius)):
                    continue
                if count + last - start > len(room.bits):
                    return (bucket, mask, row - begin), count
                for column in range(start, last):
                    first = word ^ right.words[column]
                    bits = _all_bits(
                        first, left.hashes[row], right.hashes[column], key_radius, radius
                    )
                    if bits <= radius and _is_first(first, earlier):
                        room.left_rows[count] = row
                        room.right_rows[count] = column
                        room.bits[count] = bits
                        count += 1
    return (len(left.starts) - 1, 0, 0), count
