from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.duplicates.candidates import (
    GRID_SLACK,
    LINKS,
    Candidates,
    by_colour,
    by_hash,
    colour_grids,
    crowded,
    grid_distance,
    may_be_alike,
    merged,
    under_symmetries,
)
from curation.duplicates.lab import distance, to_lab
from curation.images.squares import resized
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.symmetries import SYMMETRIES
from tests.curation.pictures import composition


def triples(found: Candidates) -> list[tuple[int, int, int]]:
    return list(
        zip(found.first.tolist(), found.second.tolist(), found.symmetry.tolist(), strict=True)
    )


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), max_size=12), st.lists(st.integers(0, 30), max_size=12))
def test_equal_hashes_are_expanded_to_all_their_images(left: list[int], right: list[int]) -> None:
    size = min(len(left), len(right))
    variants, upright = (np.array(h[:size], np.uint64) for h in (left, right))
    expected = [
        (i, j, 3)
        for i in range(size)
        for j in range(i + 1, size)
        if (int(variants[i]) ^ int(upright[j])).bit_count() <= 1
    ]
    assert triples(merged(by_hash(variants, upright, 1, 3))) == expected


def test_a_crowd_of_one_hash_is_held_against_its_first_members_only() -> None:
    hashes = np.zeros(LINKS + 40, np.uint64)
    found = merged(by_hash(hashes, hashes, 6, 0))
    assert len(found) == LINKS * (LINKS - 1) // 2 + LINKS * 40
    assert found.first.max() == LINKS - 1
    assert set(found.second.tolist()) == set(range(1, LINKS + 40)), "each image is compared"
    assert crowded(hashes) == LINKS + 40
    assert crowded(hashes[:LINKS]) == 0


@pytest.mark.parametrize("index", range(len(SYMMETRIES)))
def test_flat_pictures_meet_by_their_colours(index: int) -> None:
    rng = np.random.default_rng(index)
    first = np.repeat(np.repeat(rng.integers(0, 256, (1, 4, 4, 3), np.uint8), 16, 1), 16, 2)
    turned = under_symmetries(first, np.array([index], np.uint8))
    other = rng.integers(0, 256, first.shape, np.uint8)
    grids = colour_grids(np.concatenate([first, other, turned]))
    aspects = np.array([0.8, 0.8, 1.25 if SYMMETRIES[index] in _TURNING else 0.8])

    def search(aspects: np.ndarray, featureless: list[bool]) -> list[tuple[int, int, int]]:
        flags = np.array(featureless)
        return triples(merged(by_colour(grids, aspects, flags, range(len(SYMMETRIES)))))

    assert search(aspects, [True, True, True]) == [(0, 2, index)]
    assert search(aspects, [False, True, True]) == [(0, 2, index)]
    assert search(aspects, [False, True, False]) == [], "nobody featureless asks"
    assert search(aspects * [1, 1, 1.3], [True] * 3) == [], "another shape"


_TURNING = {"rot90", "rot270", "transpose", "transverse"}


def test_grids_never_rule_out_what_the_pixels_would_accept() -> None:
    pictures = [composition(seed) for seed in range(20)]
    pictures += [composition(seed, hue=1.0) for seed in range(20)]
    pixels = np.stack([resized(np.asarray(one), "crop", (64,))[64] for one in pictures])
    grids, lab = colour_grids(pixels), to_lab(pixels)
    whole = distance(lab[:20], lab[20:]).mean(axis=(1, 2))
    assert (grid_distance(grids[:20], grids[20:]) <= whole + GRID_SLACK).all()
    pairs = Candidates(np.arange(20), np.arange(20, 40), np.zeros(20, np.uint8))
    lenient = Dedupe(max_lab_distance=float(whole.max()))
    strict = Dedupe(max_lab_distance=0.0, max_chroma_distance=0.0, doubtful_chroma_distance=0.0)
    assert may_be_alike(pairs, grids, lenient).all()
    assert not may_be_alike(pairs, grids, strict).any()


def test_no_images_no_candidates() -> None:
    none = np.empty(0, np.uint64)
    assert len(merged(by_hash(none, none, 10, 0))) == 0
    assert len(merged([])) == 0
