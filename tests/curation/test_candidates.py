from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.duplicates.candidate_hashes import Hashes
from curation.duplicates.candidates import (
    MAX_SHARING,
    SQUARES,
    WHOLES,
    Candidates,
    Shapes,
    Side,
    boxes_under,
    by_hash,
    by_whole_hash,
    crowded,
    differ_in_shape,
    merged,
    placement_of,
    warps,
)
from curation.duplicates.descriptors import BORDERED, INNER
from pipeline.core.transforms import SYMMETRIES, Symmetry, apply


def triples(candidates: Candidates) -> list[tuple[int, int, int]]:
    return list(
        zip(
            candidates.first.tolist(),
            candidates.second.tolist(),
            candidates.symmetry.tolist(),
            strict=True,
        )
    )


def all_of(hashes: Hashes) -> Side:
    return Side(np.arange(len(hashes)), hashes)


def one_pair(placement: int, symmetry: int = 0) -> Candidates:
    return Candidates(
        np.array([0]),
        np.array([1]),
        np.array([symmetry], np.uint8),
        np.array([placement], np.uint8),
    )


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), max_size=12), st.lists(st.integers(0, 30), max_size=12))
def test_equal_hashes_are_expanded_to_all_their_images(left: list[int], right: list[int]) -> None:
    size = min(len(left), len(right))
    variants, upright = (np.array(h[:size], np.uint64)[:, None] for h in (left, right))
    expected = [
        (i, j, 3)
        for i in range(size)
        for j in range(i + 1, size)
        if (left[i] ^ right[j]).bit_count() <= 1
    ]
    assert triples(merged(by_hash(all_of(variants), all_of(upright), 1, 3))) == expected


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0.5, 1.0, 1.01, 2.0])), max_size=14))
def test_wholes_are_sought_among_all_that_differ_in_shape(rows: list[tuple[int, float]]) -> None:
    hashes = np.array([word for word, _ in rows], np.uint64)[:, None]
    aspects = np.array([aspect for _, aspect in rows])
    nowhere = np.zeros((len(rows), 4), np.float32)
    shapes = Shapes(nowhere, nowhere, aspects)
    for symmetry in (0, SYMMETRIES.index(Symmetry.ROT90)):
        pairs = merged(by_hash(all_of(hashes), all_of(hashes), 1, symmetry, WHOLES))
        expected = pairs.only(differ_in_shape(pairs, shapes))
        sought = merged(by_whole_hash(hashes, hashes, 1, symmetry, shapes))
        assert triples(sought) == triples(expected)
        assert set(sought.placement.tolist()) <= {WHOLES}


def test_a_crowd_of_one_hash_is_held_against_its_first_members_only() -> None:
    hashes = np.zeros((MAX_SHARING + 40, 4), np.uint64)
    candidates = merged(by_hash(all_of(hashes), all_of(hashes), 6, 0))
    assert len(candidates) == MAX_SHARING * (MAX_SHARING - 1) // 2 + MAX_SHARING * 40
    assert candidates.first.max() == MAX_SHARING - 1
    assert set(candidates.second.tolist()) == set(range(1, MAX_SHARING + 40)), (
        "each image is compared"
    )
    assert crowded(hashes) == MAX_SHARING + 40
    assert crowded(hashes[:MAX_SHARING]) == 0


@pytest.mark.parametrize("symmetry", SYMMETRIES)
def test_a_box_lies_where_the_symmetry_puts_its_pixels(symmetry: Symmetry) -> None:
    picture = np.zeros((10, 10), int)
    picture[1:4, 2:9] = 1
    rows, columns = np.nonzero(apply(symmetry, picture))
    expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    index = np.array([SYMMETRIES.index(symmetry)], np.uint8)
    box = np.array([[2, 1, 9, 4]], np.float32)
    assert boxes_under(box, index, 10).tolist() == [expected]


SQUARE = [0.0, 0.0, 1.0, 1.0]
SHAPES = Shapes(
    np.array([[0.25, 0, 0.75, 1], SQUARE], np.float32),  # 2 to 1, cropped, and squashed
    np.array([[0, 0, 64, 64], [8, 8, 56, 56]], np.float32),
    np.array([2.0, 1.0]),
)


def test_wholes_are_laid_over_each_other_by_what_their_squares_show() -> None:
    """The middle half of the squashed picture is all that the first one's square shows."""
    warp = warps(one_pair(WHOLES), SHAPES, INNER)[0]
    assert warp.tolist() == pytest.approx([0, 2, 0, 0, 0, 1], abs=1e-4)
    assert differ_in_shape(one_pair(WHOLES), SHAPES).tolist() == [True]
    as_it_lies = warps(one_pair(SQUARES), SHAPES, INNER)[0]
    assert as_it_lies.tolist() == [0, 1, 0, 0, 0, 1]


@pytest.mark.parametrize(("view", "scale"), [(1, 0.95), (BORDERED, 0.75)])
def test_a_view_of_the_second_is_as_large_as_the_first(view: int, scale: float) -> None:
    placement = int(placement_of(np.array([view]), np.array([True]))[0])
    warp = warps(one_pair(placement), SHAPES, INNER)[0]
    assert warp.tolist() == pytest.approx([0, 1 / scale, 0, 0, 0, 1 / scale], abs=1e-4)


def test_no_images_no_candidates() -> None:
    none = np.empty((0, 4), np.uint64)
    assert len(merged(by_hash(all_of(none), all_of(none), 10, 0))) == 0
    assert len(merged([])) == 0
