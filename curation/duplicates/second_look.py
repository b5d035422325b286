"""Pairs that hashes miss because one picture is cropped, tilted or has a border.

The layout of colours survives all three. So each picture, and what is left of it within its
borders, is held against the few that are nearest to it in layout. What comes of that is for a
person to look at: two photographs of one thing may agree in layout just as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.spatial import cKDTree

from curation.duplicates.candidates import GRID, Candidates, grid_distance
from curation.duplicates.lab import Lab
from curation.duplicates.neighbours import Indices
from curation.duplicates.views import Views

NEIGHBOURS: Final = 8
"""Views that each is held against at most. It bounds the work, however much all look alike."""
MAX_GRID_DISTANCE: Final = 3.0
"""Mean CIE76 distance of two grids. Crops, tilts and what borders leave lie up to 4 apart."""
MAX_BITS: Final = 20
"""Between the pHashes of two views; of unrelated pictures one pair in five hundred is as near."""
FREQUENCIES: Final = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0))
"""Of a grid's discrete cosine transform by which it is sought: these of L*, and the first three of
a* and of b*. Among twelve numbers the nearest are found in microseconds."""
SLACK: Final = 3.0
"""By what share a neighbour that is found may be farther away than one that is passed over. The
search is twenty times as fast for it, and loses one pair in a hundred."""

_ASKED_AT_ONCE: Final = 1 << 15

Floats = npt.NDArray[np.float32]


def overlooked(
    views: Views, featureless: npt.NDArray[np.bool_], settled: Candidates
) -> tuple[Candidates, npt.NDArray[np.bool_]]:
    """Pairs of images that are near in layout, as they lie, beside those that are ``settled``.

    A pair of images may come several times, in several of its views.

    Args:
        views: of all images.
        featureless: by row of the image.
        settled: pairs of images of which enough is known.

    Returns:
        The pairs, and of which of the two the borders are to be cut off (pairs, 2).
    """
    lots = [np.empty((2, 0), np.int64), *near_layouts(views, featureless)]
    first, second = np.concatenate(lots, axis=1)
    first, second = np.divmod(np.unique(first * len(views) + second), max(len(views), 1))
    known = settled.first * len(views) + settled.second
    new = ~np.isin(views.image[first] * len(views) + views.image[second], known)
    first, second = first[new], second[new]
    upright = np.zeros(len(first), np.uint8)
    found = Candidates(views.image[first], views.image[second], upright)
    return found, np.stack([views.is_trimmed[first], views.is_trimmed[second]], axis=1)


def near_layouts(views: Views, featureless: npt.NDArray[np.bool_]) -> Iterator[Indices]:
    """Pairs of views (2, pairs), that of the lower image first; some come twice.

    Their hashes must not be too far apart either, unless that of one image is noise.
    """
    if not len(views):
        return
    points = layout(views.grids)
    tree = cKDTree(points)
    for start in range(0, len(points), _ASKED_AT_ONCE):
        asking = np.arange(start, min(start + _ASKED_AT_ONCE, len(points)))
        _, found = tree.query(
            points[asking],
            k=NEIGHBOURS + 2,  # it finds itself, and the other view of the same image
            eps=SLACK,
            distance_upper_bound=2 * MAX_GRID_DISTANCE,
        )
        pairs = np.stack([np.repeat(asking, found.shape[1]), found.ravel()])
        pairs = pairs[:, pairs[1] < len(points)]
        pairs = pairs[:, views.image[pairs[0]] != views.image[pairs[1]]]
        swap = views.image[pairs[0]] > views.image[pairs[1]]
        first, second = np.where(swap, pairs[::-1], pairs)
        near = grid_distance(views.grids[first], views.grids[second]) <= MAX_GRID_DISTANCE
        noise = featureless[views.image[first]] | featureless[views.image[second]]
        bits = np.bitwise_count(views.hashes[first] ^ views.hashes[second])
        near &= noise | (bits <= MAX_BITS)
        yield np.stack([first[near], second[near]])


def layout(grids: Lab) -> Floats:
    """The lowest frequencies of each of ``grids`` (n, GRID, GRID, 3): (n, 12).

    The Euclidean distance of two is at most the root mean square CIE76 distance of the grids.
    """
    spectra = fft.dctn(grids, axes=(1, 2), norm="ortho") / GRID
    chosen = [
        spectra[:, row, column, channel]
        for channel, count in enumerate((len(FREQUENCIES), 3, 3))
        for row, column in FREQUENCIES[:count]
    ]
    return np.stack(chosen, axis=1).astype(np.float32)
