"""Pairs that hashes miss because one picture is cropped, tilted or has a border.

The layout of colours survives all three. So each picture, in each of its views, is held against
the few that are nearest to it in layout. What a small shift or another scale of the view may
explain does not count (the tangent distance of Simard, LeCun and Denker, NIPS 1992), or else a
picture cropped on one side alone would be further from its original than another watch. Each
picture keeps the nearest few pairs of all its views, however many all look alike.

`python -m tests.benches.duplicate_bounds FOLDER --vary candidate_layouts.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from curation.duplicates.candidate_hashes import Indices
from curation.duplicates.candidate_shortlist import layouts_under, nearest_few
from curation.duplicates.candidates import SQUARES, Candidates, placement_of
from curation.duplicates.descriptors import (
    BORDERED,
    COLOUR_FREQUENCIES,
    FREQUENCIES,
    SHIFTED,
    Descriptors,
    Layouts,
)
from pipeline.core.transforms import SYMMETRIES

PAIRS_OF_AN_IMAGE: Final = 2
"""Pairs that each image keeps, of all its views. It bounds the work. Of crops, tilts and borders
of real pictures 99 in 100 have their original as the nearest."""
TREE_NEIGHBOURS: Final = 16
"""Nearest in the tree that are held against each other in their whole layout."""
TREE_FREQUENCIES: Final = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0))
"""Frequencies of L* by which the tree is sought, besides the first three of a* and of b*."""
TREE_SLACK: Final = 1.0
"""By what share a neighbour that is found may be farther away than one that is passed over."""
SHIFT: Final = 1.6
"""Pixels by which the view `SHIFTED` is moved either way: to the corners of the picture."""
MAX_DISTANCE: Final = 4.0
"""Distance of two layouts (RMS CIE76, less what a shift explains) beyond which no two pictures are
held against each other: copies tilted by 2 degrees have up to 3.4."""

_IMAGES_AT_ONCE: Final = 1 << 10

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Queries:
    """Views of images, each of which is sought among all images as they are."""

    image: Indices
    view: Rows
    symmetry: int
    layouts: Floats
    """(m, 82)."""
    tangents: Floats
    """Orthonormal directions in which a small move changes each layout (m, 3, 82)."""


@dataclass(frozen=True)
class Matches:
    """Pairs of images near in layout, some of them several times: the ``first`` is the earlier."""

    first: Indices
    second: Indices
    symmetry: Rows
    placement: Rows
    distance: Floats
    """Less what a small move explains."""
    unmoved: Floats
    """Without that."""

    def only(self, chosen: npt.NDArray[Any]) -> Matches:
        """Those that a mask or an index array chooses."""
        return Matches(*(getattr(self, field.name)[chosen] for field in fields(self)))


def near_in_layout(
    seen: Descriptors, featureless: npt.NDArray[np.bool_], settled: Candidates
) -> Candidates:
    """Pairs of images that are near in layout, beside those that are ``settled``.

    Args:
        seen: of all images.
        featureless: whose hash is noise, so that they are sought in all symmetries (n,).
        settled: pairs of images of which enough is known.
    """
    count = len(seen.hashes)
    if count < 2:
        return settled.only(np.zeros(len(settled), bool))
    known = np.unique(settled.first * count + settled.second)
    parts = (
        _nearest_views(part.only(~_are_in(part.first * count + part.second, known)))
        for part in _near_layouts(seen, featureless)
    )
    matches = _nearest_views(_joined(parts))
    few = nearest_few(matches.first, matches.second, matches.distance, PAIRS_OF_AN_IMAGE)
    pairs = Candidates(matches.first, matches.second, matches.symmetry, matches.placement)
    return pairs.only(np.sort(few))


def _nearest_views(matches: Matches) -> Matches:
    """Of each two images the view that lies nearest, and how near any comes but for a small move.

    Of all parts of the matches, and then of what is left of them, it is what it is of all at once.
    """
    order = np.lexsort(
        (matches.placement, matches.symmetry, matches.unmoved, matches.second, matches.first)
    )
    matches = matches.only(order)
    is_new = np.diff(matches.first, prepend=-1) != 0
    is_new |= np.diff(matches.second, prepend=-1) != 0
    starts = np.flatnonzero(is_new)
    if not len(starts):
        return matches
    return replace(matches.only(starts), distance=np.minimum.reduceat(matches.distance, starts))


def _joined(parts: Iterable[Matches]) -> Matches:
    lists = list(parts)
    return Matches(
        *(
            np.concatenate([getattr(part, field.name) for part in lists])
            for field in fields(Matches)
        )
    )


def _are_in(numbers: Indices, known: Indices) -> npt.NDArray[np.bool_]:
    """Which of ``numbers`` are among the ``known`` ones, which are sorted."""
    if not len(known):
        return np.zeros(len(numbers), bool)
    place = np.searchsorted(known, numbers).clip(max=len(known) - 1)
    is_known: npt.NDArray[np.bool_] = known[place] == numbers
    return is_known


def _near_layouts(seen: Descriptors, featureless: npt.NDArray[np.bool_]) -> Iterator[Matches]:
    """All matches, those that some images have asked for at a time."""
    upright = seen.layouts[:, 0]
    tree = cKDTree(_low(upright))
    for start in range(0, len(upright), _IMAGES_AT_ONCE):
        images = np.arange(start, min(start + _IMAGES_AT_ONCE, len(upright)))
        yield _joined(
            _pairs(queries, *_ranked(tree, queries, upright))
            for queries in _queries(seen, images, images[featureless[images]])
        )


def _queries(seen: Descriptors, images: Indices, flat: Indices) -> Iterator[Queries]:
    """All views of ``images``, and the ``flat`` ones of them in the other symmetries."""
    tangents = _tangents(seen, images)
    bordered = seen.has_border[images]
    for view in range(seen.layouts.shape[1]):
        chosen = bordered if view == BORDERED else np.ones(len(images), bool)
        for shift in _shifts(view):
            layouts = seen.layouts[images[chosen], view].astype(np.float32)
            if view == SHIFTED:
                slopes = seen.slopes[images[chosen]].astype(np.float32)
                layouts += np.einsum("s,nsd->nd", shift, slopes)
            views = np.full(len(layouts), view, np.uint8)
            yield Queries(images[chosen], views, 0, layouts, tangents[chosen])
    if len(flat):
        tangents = _tangents(seen, flat)
        for symmetry in range(1, len(SYMMETRIES)):
            turned = [
                layouts_under(rows, symmetry).astype(np.float32)
                for rows in (seen.layouts[flat, 0], tangents.reshape(-1, tangents.shape[2]))
            ]
            views = np.zeros(len(flat), np.uint8)
            yield Queries(flat, views, symmetry, turned[0], turned[1].reshape(tangents.shape))


def _shifts(view: int) -> Floats:
    """By how many pixels a view is moved before it is sought."""
    if view != SHIFTED:
        return np.zeros((1, 2), np.float32)
    return np.array([(x, y) for x in (-SHIFT, SHIFT) for y in (-SHIFT, SHIFT)], np.float32)


def _tangents(seen: Descriptors, images: Indices) -> Floats:
    """Directions in which a shift or another scale changes the layouts, made orthonormal."""
    scale = seen.layouts[images, SHIFTED].astype(np.float32) - seen.layouts[images, 0]
    slopes = seen.slopes[images].astype(np.float32)
    made = np.concatenate([slopes, scale[:, None]], axis=1)
    for place in range(made.shape[1]):
        for before in range(place):
            along = np.einsum("nd,nd->n", made[:, place], made[:, before])
            made[:, place] -= along[:, None] * made[:, before]
        length = np.sqrt(np.einsum("nd,nd->n", made[:, place], made[:, place]))
        made[:, place] /= np.maximum(length, 1e-3)[:, None]
    return made


def _ranked(tree: cKDTree, queries: Queries, upright: Layouts) -> tuple[Indices, Floats, Floats]:
    """For each query the nearest few of ``upright``, and how far they are, also unmoved."""
    count = min(TREE_NEIGHBOURS, len(upright))
    _, near = tree.query(_low(queries.layouts), k=count, eps=TREE_SLACK)
    near = near.reshape(len(queries.image), count)
    difference = upright[near].astype(np.float32) - queries.layouts[:, None]
    along = difference @ queries.tangents.swapaxes(1, 2)
    squares = np.einsum("nkd,nkd->nk", difference, difference)
    unmoved = np.sqrt(squares)
    squares -= np.einsum("nkt,nkt->nk", along, along)
    distance = np.sqrt(np.maximum(squares, 0))
    best = np.argsort(distance, axis=1, kind="stable")[
        :, : PAIRS_OF_AN_IMAGE + 1
    ]  # itself is there, too
    near, distance, unmoved = (
        np.take_along_axis(part, best, 1) for part in (near, distance, unmoved)
    )
    return near, distance, unmoved


def _pairs(queries: Queries, near: Indices, distance: Floats, unmoved: Floats) -> Matches:
    asking, answer = np.repeat(queries.image, near.shape[1]), near.ravel()
    # Under a symmetry only the first of two is seen, so the second must not be the query.
    is_order = asking != answer if queries.symmetry == 0 else asking < answer
    is_pair = is_order & (distance.ravel() <= MAX_DISTANCE)
    view = np.repeat(queries.view, near.shape[1])[is_pair]
    asking, answer = asking[is_pair], answer[is_pair]
    placement = np.where(view == 0, SQUARES, placement_of(view, asking > answer)).astype(np.uint8)
    symmetry = np.full(len(asking), queries.symmetry, np.uint8)
    ends = np.minimum(asking, answer), np.maximum(asking, answer)
    return Matches(*ends, symmetry, placement, distance.ravel()[is_pair], unmoved.ravel()[is_pair])


def _low(layouts: npt.NDArray[np.floating]) -> Floats:
    light = [row * FREQUENCIES + column for row, column in TREE_FREQUENCIES]
    start = FREQUENCIES**2
    colours = [
        start + part * COLOUR_FREQUENCIES**2 + row * COLOUR_FREQUENCIES + column
        for part in range(2)
        for row, column in TREE_FREQUENCIES[:3]
    ]
    return layouts[:, light + colours].astype(np.float32)
