"""What a picture looks like at a glance, as it is and, where it has borders, without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curation.duplicates.borders import margins, without
from curation.duplicates.candidates import GRID, colour_grids
from curation.duplicates.lab import Lab
from curation.duplicates.neighbours import Hashes, Indices
from curation.images import hashes
from curation.images.overview import overview_of
from pipeline.core.shards import Pixels


@dataclass(frozen=True)
class Views:
    """Glances at m pictures, each of an image as it is or without its borders."""

    image: Indices
    """Row of the image (m,)."""
    is_trimmed: npt.NDArray[np.bool_]
    """Whether its borders were cut off (m,)."""
    grids: Lab
    """Of `colour_grids` (m, GRID, GRID, 3)."""
    hashes: Hashes
    """The pHash (m,)."""

    def __len__(self) -> int:
        return len(self.image)


def views_of(pictures: Pixels, rows: Indices, phashes: Hashes, *, also_trimmed: bool) -> Views:
    """The views of ``pictures``: all of them as they are, then those that have borders without.

    Args:
        pictures: small squares (n, side, side, 3).
        rows: the row of each image (n,).
        phashes: of each as it is (n,).
        also_trimmed: whether the second kind is wanted.
    """
    whole = Views(rows, np.zeros(len(rows), bool), colour_grids(pictures), phashes)
    return joined([whole, _trimmed_views(pictures, rows)]) if also_trimmed else whole


def joined(parts: Sequence[Views]) -> Views:
    """The views of all ``parts``: first the images as they are, then those without borders."""
    none = Views(
        np.empty(0, np.int64),
        np.empty(0, bool),
        np.empty((0, GRID, GRID, 3), np.float32),
        np.empty(0, np.uint64),
    )
    image, is_trimmed, grids, phashes = (
        np.concatenate([getattr(part, name) for part in (none, *parts)])
        for name in ("image", "is_trimmed", "grids", "hashes")
    )
    order = np.argsort(is_trimmed, kind="stable")
    return Views(image[order], is_trimmed[order], grids[order], phashes[order])


def _trimmed_views(pictures: Pixels, rows: Indices) -> Views:
    margin = margins(pictures)
    bordered = np.flatnonzero(margin.any(axis=1))
    if not len(bordered):
        return joined([])
    inside = np.stack([without(pictures[place], margin[place]) for place in bordered.tolist()])
    thumbnails = np.stack([hashes.thumbnail(overview_of(picture)) for picture in inside])
    return Views(
        rows[bordered],
        np.ones(len(bordered), bool),
        colour_grids(inside),
        hashes.phashes(hashes.low_frequencies(thumbnails))[:, 0],
    )
