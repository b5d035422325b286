"""Pairs that hashes miss because one picture is cropped, tilted or has a border.

The layout of colours survives all three. So each picture, in each of its views, is held against
the few that are nearest to it in layout; of all its views a picture keeps the nearest few pairs,
however many all look alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from curation.duplicates.candidates import AS_THEY_LIE, Candidates, lying_of
from curation.duplicates.neighbours import Indices
from curation.duplicates.views import COLOUR_FREQUENCIES, FREQUENCIES, Glances, Layouts
from pipeline.core.symmetries import SYMMETRIES, steps

NEIGHBOURS: Final = 4
"""Pairs that each image keeps, of all its views. It bounds the work. Of crops, tilts and borders
of 150 among 3,200 real watches the original is among the three nearest of 99 in 100."""
LOOKED_AT: Final = 32
"""Nearest in the tree that are held against each other in their whole layout. The same copies are
found as by comparing all."""
LOW: Final = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0))
"""Frequencies of L* by which the tree is sought, besides the first three of a* and of b*."""
SLACK: Final = 1.0
"""By what share a neighbour that is found may be farther away than one that is passed over."""
FAR: Final = 12.0
"""Distance of two layouts (RMS CIE76) beyond which no two pictures are held against each other."""

_ASKED_AT_ONCE: Final = 1 << 13

Floats = npt.NDArray[np.float32]


def overlooked(
    seen: Glances, featureless: npt.NDArray[np.bool_], settled: Candidates
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
    lots = list(_near_layouts(seen, featureless))
    first, second, symmetry, lying = (
        np.concatenate([lot[place] for lot in lots]) for place in range(4)
    )
    far = np.concatenate([lot[4] for lot in lots])
    new = ~np.isin(first * count + second, settled.first * count + settled.second)
    found = Candidates(first[new], second[new], symmetry[new], lying[new])
    return found.only(_nearest(found, far[new], count))


def _nearest(found: Candidates, far: Floats, count: int) -> Indices:
    """Of each two images the nearest views, and of those the nearest few pairs of each image."""
    order = np.lexsort((found.lying, found.symmetry, far, found.second, found.first))
    pair = found.first[order] * count + found.second[order]
    order = order[np.diff(pair, prepend=-1) != 0]
    chosen = []
    for side in (found.first, found.second):
        ranked = order[np.lexsort((far[order], side[order]))]
        starts = np.flatnonzero(np.diff(side[ranked], prepend=-1) != 0)
        sizes = np.diff(starts, append=len(ranked))
        rank = np.arange(len(ranked)) - np.repeat(starts, sizes)
        chosen.append(ranked[rank < NEIGHBOURS])
    return np.unique(np.concatenate(chosen))


def _near_layouts(
    seen: Glances, featureless: npt.NDArray[np.bool_]
) -> Iterator[tuple[Indices, Indices, npt.NDArray[np.uint8], npt.NDArray[np.uint8], Floats]]:
    """First, second, symmetry, lying and distance of pairs; some come twice."""
    upright = np.flatnonzero(seen.view == 0)
    tree = cKDTree(_low(seen.layouts[upright]))
    everybody = np.arange(len(seen.image))
    flat = upright[featureless[seen.image[upright]]]
    asks = [(everybody, 0), *((flat, symmetry) for symmetry in range(1, len(SYMMETRIES)))]
    for asking, symmetry in asks:
        for start in range(0, len(asking), _ASKED_AT_ONCE):
            views = asking[start : start + _ASKED_AT_ONCE]
            layouts = layouts_under(seen.layouts[views], symmetry)
            near, far = _ranked(tree, layouts, seen.layouts[upright])
            place = np.repeat(np.arange(len(views)), near.shape[1])
            yield from _pairs(seen, views[place], upright[near.ravel()], far.ravel(), symmetry)


def _pairs(
    seen: Glances, asking: Indices, answer: Indices, far: Floats, symmetry: int
) -> Iterator[tuple[Indices, Indices, npt.NDArray[np.uint8], npt.NDArray[np.uint8], Floats]]:
    one, other = seen.image[asking], seen.image[answer]
    # Under a symmetry only the first of two is seen, so the second must not be the one that asks.
    is_pair = (far <= FAR) & ((one != other) if symmetry == 0 else (one < other))
    asking, one, other, far = asking[is_pair], one[is_pair], other[is_pair], far[is_pair]
    view = seen.view[asking]
    lying = np.where(view == 0, AS_THEY_LIE, lying_of(view, one > other)).astype(np.uint8)
    which = np.full(len(one), symmetry, np.uint8)
    yield np.minimum(one, other), np.maximum(one, other), which, lying, far


def _ranked(tree: cKDTree, asking: Layouts, upright: Layouts) -> tuple[Indices, Floats]:
    """For each of ``asking``, the nearest few of ``upright``, and how far they are."""
    count = min(LOOKED_AT, len(upright))
    _, near = tree.query(_low(asking), k=count, eps=SLACK)
    near = near.reshape(len(asking), count)
    difference = upright[near].astype(np.float32) - asking[:, None].astype(np.float32)
    far = np.sqrt(np.einsum("nkd,nkd->nk", difference, difference))
    best = np.argsort(far, axis=1, kind="stable")[:, : NEIGHBOURS + 1]  # it finds itself, too
    return np.take_along_axis(near, best, 1), np.take_along_axis(far, best, 1)


def _low(layouts: Layouts) -> Floats:
    light = [row * FREQUENCIES + column for row, column in LOW]
    start = FREQUENCIES**2
    colours = [
        start + part * COLOUR_FREQUENCIES**2 + row * COLOUR_FREQUENCIES + column
        for part in range(2)
        for row, column in LOW[:3]
    ]
    return layouts[:, light + colours].astype(np.float32)


def layouts_under(layouts: Layouts, symmetry: int) -> Layouts:
    """The layouts (m, 82) of the same pictures under one of `SYMMETRIES`."""
    transposes, rows, columns = steps(SYMMETRIES[symmetry])
    parts, start = [], 0
    for side in (FREQUENCIES, COLOUR_FREQUENCIES, COLOUR_FREQUENCIES):
        plane = layouts[:, start : start + side**2].reshape(-1, side, side)
        start += side**2
        signs = np.where(np.arange(side) % 2, -1, 1)
        plane = plane.swapaxes(1, 2) if transposes else plane
        plane = plane * np.where(rows, signs, 1)[:, None] * np.where(columns, signs, 1)
        parts.append(plane.reshape(-1, side**2))
    return np.concatenate(parts, axis=1).astype(np.float16)
