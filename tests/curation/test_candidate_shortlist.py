from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageOps

from curation.duplicates import candidate_shortlist
from curation.duplicates.candidate_shortlist import (
    MAX_DISTANCE,
    PAIRS_OF_AN_IMAGE,
    SURE_DISTANCE,
    Shortlist,
    layout_distances,
    nearest_few,
    shortlisted,
    together,
)
from curation.duplicates.candidates import Candidates
from curation.duplicates.descriptors import Layouts, describe
from curation.images.squares import resized
from pipeline.core.transforms import SYMMETRIES, Symmetry
from tests.curation.pictures import composition, watch

SEEDS = range(4)


def layouts_of(images: list[Image.Image]) -> Layouts:
    squares = [resized(np.asarray(image), "crop", (64,))[64] for image in images]
    return describe(np.stack(squares)).layouts[:, 0]


def candidates(first: list[int], second: list[int], symmetry: int = 0) -> Candidates:
    count = len(first)
    return Candidates(
        np.array(first, np.int64), np.array(second, np.int64),
        np.full(count, symmetry, np.uint8), np.zeros(count, np.uint8),
    )  # fmt: skip


def kept(pairs: Candidates, layouts: Layouts) -> list[tuple[int, int]]:
    chosen = shortlisted([pairs], layouts).pairs
    return list(zip(chosen.first.tolist(), chosen.second.tolist(), strict=True))


def distances(pairs: list[tuple[Image.Image, Image.Image]], symmetry: int = 0) -> list[float]:
    layouts = layouts_of([image for pair in pairs for image in pair])
    places = list(range(0, 2 * len(pairs), 2))
    candidate = candidates(places, [place + 1 for place in places], symmetry)
    return [float(distance) for distance in layout_distances(candidate, layouts)]


@pytest.mark.parametrize(
    "change",
    [
        lambda image: ImageEnhance.Brightness(image).enhance(1.2),
        lambda image: ImageEnhance.Contrast(image).enhance(0.7),
        lambda image: ImageOps.grayscale(image).convert("RGB"),
    ],
    ids=["brighter", "paler", "grey"],
)
def test_a_copy_in_another_tone_is_compared(change: object) -> None:
    assert callable(change)
    works = [composition(seed, (300, 300)) for seed in SEEDS] + [watch(seed) for seed in SEEDS]
    assert max(distances([(image, change(image)) for image in works])) <= MAX_DISTANCE


def test_a_mirrored_copy_is_compared_under_its_symmetry() -> None:
    works = [composition(seed, (300, 300)) for seed in SEEDS]
    mirrored = [(work, ImageOps.mirror(work)) for work in works]
    flip = SYMMETRIES.index(Symmetry.FLIP_LEFT_RIGHT)
    assert max(distances(mirrored, flip)) < 0.5 < min(distances(mirrored))


def test_another_work_is_not_compared() -> None:
    others = [(composition(seed, (300, 300)), composition(seed + 50, (300, 300))) for seed in SEEDS]
    assert min(distances(others)) > MAX_DISTANCE


def test_all_copies_of_one_picture_are_compared_with_each_other() -> None:
    layouts = layouts_of([composition(1, (300, 300))] * 6)
    first, second = np.triu_indices(6, 1)
    assert len(kept(candidates(first.tolist(), second.tolist()), layouts)) == 15


def test_of_what_is_only_alike_each_image_keeps_its_nearest() -> None:
    """A picture among twelve that differ from it, and hardly from one another, ever more."""
    work, other = composition(2, (300, 300)), composition(3, (300, 300))
    row = [Image.blend(work, other, share) for share in np.linspace(0.06, 0.08, 12)]
    layouts = layouts_of([work, *row])
    pairs = candidates([0] * 12, list(range(1, 13)))
    distance = layout_distances(pairs, layouts)
    assert SURE_DISTANCE < distance.min() < distance.max() < MAX_DISTANCE
    crowd = Candidates(pairs.first, np.ones(12, np.int64), pairs.symmetry, pairs.placement)
    assert len(kept(crowd, layouts)) == PAIRS_OF_AN_IMAGE


def test_what_a_hash_takes_for_few_others_is_compared_whatever_its_colours() -> None:
    """A reproduction by another camera; in a crowd, the same pair is left out."""
    works = [composition(seed, (300, 300), hue=hue) for seed, hue in ((1, 0.0), (1, 2.0), (2, 0.0))]
    layouts = layouts_of(works)
    pair = candidates([0], [1])
    assert layout_distances(pair, layouts) > MAX_DISTANCE
    assert kept(pair, layouts) == [(0, 1)]
    crowd = candidates([0] * (PAIRS_OF_AN_IMAGE + 1), [1] * (PAIRS_OF_AN_IMAGE + 1))
    assert kept(crowd, layouts) == []


def test_the_nearest_few_of_either_image_are_kept() -> None:
    first, second = np.array([0, 0, 0, 0, 5]), np.array([1, 2, 3, 4, 6])
    distance = np.array([4.0, 3, 2, 1, 9], np.float32)
    assert nearest_few(first, second, distance, 2).tolist() == [0, 1, 2, 3, 4]
    crowd = np.zeros(4, np.int64), np.array([1, 1, 1, 1])
    assert nearest_few(*crowd, distance[:4], 2).tolist() == [2, 3]


IMAGES = 8
DISTANCES = (SURE_DISTANCE, 2.0, MAX_DISTANCE, MAX_DISTANCE + 1)
"""Few, so that many pairs are equally far apart."""


@given(
    st.dictionaries(
        st.sampled_from(list(combinations(range(IMAGES), 2))), st.sampled_from(DISTANCES)
    ),
    st.lists(st.integers(0, 28), max_size=6),
    st.sampled_from([1, 5, 100]),
)
def test_in_whatever_parts_the_pairs_come_the_same_are_kept(
    distance: dict[tuple[int, int], float], cuts: list[int], room: int
) -> None:
    rows = list(distance.items())
    parts = []
    for start, end in pairwise([0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]):
        first = [pair[0] for pair, _ in rows[start:end]]
        second = [pair[1] for pair, _ in rows[start:end]]
        apart = np.array([far for _, far in rows[start:end]], np.float32)
        ends = np.array([*first, *second], np.int64)
        degrees = np.bincount(ends, minlength=IMAGES)
        parts.append(Shortlist(candidates(first, second), apart, degrees))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidate_shortlist, "_AT_ONCE", room)
        chosen = together(parts, IMAGES)
    assert list(zip(chosen.pairs.first, chosen.pairs.second, strict=True)) == worth_it(distance)
    assert chosen.degrees.sum() == 2 * len(distance)


def worth_it(distance: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """By the words of the rule, on all pairs at once."""
    degree = Counter(image for pair in distance for image in pair)
    near = {
        pair
        for side in (0, 1)
        for image in range(IMAGES)
        for pair in sorted(
            (pair for pair in distance if pair[side] == image),
            key=lambda pair: (distance[pair], pair),
        )[:PAIRS_OF_AN_IMAGE]
        if distance[pair] <= MAX_DISTANCE
    }
    return [
        pair
        for pair in sorted(distance)
        if pair in near
        or distance[pair] <= SURE_DISTANCE
        or min(degree[image] for image in pair) <= PAIRS_OF_AN_IMAGE
    ]
