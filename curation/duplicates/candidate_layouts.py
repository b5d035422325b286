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

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

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
    parts = list(_near_layouts(seen, featureless))
    first, second, symmetry, placement, distance, unmoved = (
        np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Matches)
    )
    is_new = ~np.isin(first * count + second, settled.first * count + settled.second)
    pairs = Candidates(first[is_new], second[is_new], symmetry[is_new], placement[is_new])
    return pairs.only(_nearest(pairs, distance[is_new], unmoved[is_new], count))


def _nearest(pairs: Candidates, distance: Floats, unmoved: Floats, count: int) -> Indices:
    """Of each two images the views that lie nearest, and of those the few nearest pairs of each."""
    order = np.lexsort((pairs.placement, pairs.symmetry, unmoved, pairs.second, pairs.first))
    pair = pairs.first[order] * count + pairs.second[order]
    starts = np.flatnonzero(np.diff(pair, prepend=-1) != 0)
    if len(starts):
        distance = distance.copy()
        distance[order[starts]] = np.minimum.reduceat(distance[order], starts)
    order = order[starts]
    few = nearest_few(pairs.first[order], pairs.second[order], distance[order], PAIRS_OF_AN_IMAGE)
    return np.sort(order[few])


def _near_layouts(seen: Descriptors, featureless: npt.NDArray[np.bool_]) -> Iterator[Matches]:
    upright = seen.layouts[:, 0]
    tree = cKDTree(_low(upright))
    for start in range(0, len(upright), _IMAGES_AT_ONCE):
        images = np.arange(start, min(start + _IMAGES_AT_ONCE, len(upright)))
        for queries in _queries(seen, images, images[featureless[images]]):
            yield _pairs(queries, *_ranked(tree, queries, upright))


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
