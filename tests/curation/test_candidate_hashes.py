from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.duplicates.candidate_hashes import Buckets, Hashes, near_hashes

HASH = st.integers(0, 2**64 - 1)


@st.composite
def relatives(draw: st.DrawFn) -> Hashes:
    """A few hashes and a few that differ from them in some bits, so that there is much to find."""
    founders = draw(st.lists(HASH, min_size=1, max_size=6))
    flips = st.lists(st.integers(0, 63), max_size=16)
    children = draw(st.lists(st.tuples(st.sampled_from(founders), flips), max_size=20))
    for parent, bits in children:
        for bit in bits:
            parent ^= 1 << bit
        founders.append(parent)
    return np.array(founders, np.uint64)


def found_pairs(left: Hashes, right: Hashes, radius: int) -> list[tuple[int, int, int]]:
    return sorted(
        (int(i), int(j), int(bits))
        for pairs in near_hashes(left[:, None], right[:, None], radius, radius)
        for i, j, bits in zip(pairs.left, pairs.right, pairs.bits, strict=True)
    )


@settings(max_examples=60)
@given(relatives(), relatives(), st.integers(0, 12))
def test_the_band_join_finds_what_comparing_all_pairs_finds(
    left: Hashes, right: Hashes, radius: int
) -> None:
    brute = [
        (i, j, bits)
        for (i, a), (j, b) in itertools.product(enumerate(left), enumerate(right))
        if (bits := (int(a) ^ int(b)).bit_count()) <= radius
    ]
    assert found_pairs(left, right, radius) == brute


@pytest.mark.parametrize("radius", range(11))
def test_every_way_to_spread_the_differing_bits_over_the_bands_is_found(radius: int) -> None:
    """Pigeonhole at its worst: exactly ``radius`` bits, in every split over the four bands."""
    splits = [s for s in itertools.product(range(radius + 1), repeat=4) if sum(s) == radius]
    left = np.array([0x0123456789ABCDEF], np.uint64)
    masks = [sum(((1 << ones) - 1) << 16 * band for band, ones in enumerate(s)) for s in splits]
    right = left ^ np.array(masks, np.uint64)
    assert [(j, bits) for _, j, bits in found_pairs(left, right, radius)] == [
        (j, radius) for j in range(len(splits))
    ]


def test_chunks_are_bounded_and_lose_nothing() -> None:
    keys = np.random.default_rng(5).integers(0, 4, 100)
    buckets = Buckets(keys, 4)
    chunks = list(buckets.candidates(keys, chunk=64))
    assert max(len(place) for place, _ in chunks) <= 64 + 100
    pairs = {
        (int(i), int(buckets.order[j])) for place, result in chunks
        for i, j in zip(place, result, strict=True)
    }  # fmt: skip
    assert pairs == {(i, j) for i in range(100) for j in range(100) if keys[i] == keys[j]}


def test_a_limit_keeps_the_first_of_each_bucket() -> None:
    buckets = Buckets(np.array([1, 0, 1, 1]), 2, limit=2)
    result = [buckets.order[j].tolist() for _, j in buckets.candidates(np.array([1]))]
    assert result == [[0, 2]]


@pytest.mark.parametrize("chunk", [1, 50, 10_000])
def test_pairs_come_in_bounded_chunks_and_none_is_lost_between_them(chunk: int) -> None:
    """Crowds around a few hashes, as blank pictures make them, break off within a bucket."""
    rng = np.random.default_rng(3)
    crowd = rng.integers(0, 2**64, 3, np.uint64)[rng.integers(0, 3, 90)]
    crowd ^= np.uint64(1) << rng.integers(0, 64, 90, np.uint64)
    chunks = list(near_hashes(crowd[:, None], crowd[:, None], 4, 4, chunk=chunk))
    assert max(len(pairs.left) for pairs in chunks) <= max(chunk, len(crowd))
    result = {(i, j) for pairs in chunks for i, j in zip(pairs.left, pairs.right, strict=True)}
    bits = np.bitwise_count(crowd[:, None] ^ crowd[None, :])
    assert result == set(zip(*np.nonzero(bits <= 4), strict=True))
    assert sum(len(pairs.left) for pairs in chunks) == len(result), "each pair once"


def test_no_hashes_no_pairs() -> None:
    none = np.empty(0, np.uint64)
    assert found_pairs(none, none, 10) == []
    assert found_pairs(none, np.array([1], np.uint64), 10) == []


@settings(max_examples=30)
@given(relatives(), st.integers(0, 8), st.integers(0, 24))
def test_of_long_hashes_the_first_words_and_all_together_must_be_near(
    words: Hashes, key_radius: int, radius: int
) -> None:
    rng = np.random.default_rng(len(words))
    hashes = np.stack([words, words[::-1], rng.permutation(words)], axis=1)
    apart = np.bitwise_count(hashes[:, None] ^ hashes[None])
    expected = np.argwhere((apart[..., 0] <= key_radius) & (apart.sum(axis=2) <= radius))
    result = [
        (int(i), int(j))
        for pairs in near_hashes(hashes, hashes, key_radius, radius)
        for i, j in zip(pairs.left, pairs.right, strict=True)
    ]
    assert sorted(result) == [tuple(pair) for pair in expected.tolist()]
