"""The compiled part of `neighbours`: two lots of hashes, sorted by one band, held together."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
"""(n, words); the first word is the one that is sorted by its bands."""
Indices = npt.NDArray[np.int64]
Place = tuple[int, int, int]
"""Where a join goes on: bucket, mask, row of the bucket."""


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
def _all_bits(one: Hashes, other: Hashes, key_radius: int, radius: int) -> int:
    """Bits between two hashes; more than ``radius`` where they are too far apart."""
    bits = int(_bits(one[0] ^ other[0]))
    if bits > key_radius:
        return radius + 1
    for word in range(1, len(one)):
        bits += int(_bits(one[word] ^ other[word]))
    return bits


@numba.njit(cache=True)
def join(
    left: Hashes,
    left_starts: Indices,
    right: Hashes,
    right_starts: Indices,
    masks: npt.NDArray[np.int64],
    earlier: npt.NDArray[np.int64],
    key_radius: int,
    radius: int,
    place: Place,
    left_found: Indices,
    right_found: Indices,
    bits_found: npt.NDArray[np.uint8],
) -> tuple[Place, int]:
    """Write pairs within ``radius`` bits until all are found or there may be no room for more.

    Args:
        left: hashes sorted by a band; those of bucket k lie at ``left_starts[k]`` and after.
        left_starts: first row of each bucket, and the end (buckets + 1,).
        right: as ``left``.
        right_starts: as ``left_starts``.
        masks: what to change in a bucket's number for a bucket to hold it against.
        earlier: bits in which a pair may differ in each earlier band, which then has found it.
        key_radius: bits of the first word by which a pair may differ.
        radius: bits of all words by which it may differ.
        place: where to go on; (0, 0, 0) at first.
        left_found: room for the row in ``left`` of each pair; at least as long as ``right``.
        right_found: the same for the row in ``right``.
        bits_found: the same for the bits between them.

    Returns:
        Where to go on, the last bucket + 1 when all is done, and the number of pairs written.
    """
    count = 0
    first_bucket, first_mask, first_row = place
    for bucket in range(first_bucket, len(left_starts) - 1):
        begin, end = left_starts[bucket], left_starts[bucket + 1]
        if begin == end:
            continue
        for mask in range(first_mask if bucket == first_bucket else 0, len(masks)):
            other = bucket ^ masks[mask]
            start, stop = right_starts[other], right_starts[other + 1]
            resumed = bucket == first_bucket and mask == first_mask
            for row in range(begin + (first_row if resumed else 0), end):
                hits = 0
                for column in range(start, stop):
                    hits += int(_all_bits(left[row], right[column], key_radius, radius) <= radius)
                if not hits:
                    continue
                if count + hits > len(left_found):
                    return (bucket, mask, row - begin), count
                for column in range(start, stop):
                    bits = _all_bits(left[row], right[column], key_radius, radius)
                    if bits <= radius and _is_first(left[row, 0] ^ right[column, 0], earlier):
                        left_found[count] = row
                        right_found[count] = column
                        bits_found[count] = bits
                        count += 1
    return (len(left_starts) - 1, 0, 0), count
