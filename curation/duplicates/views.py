"""What a picture looks like at a glance: its hash, and the layout of its colours in a few views.

A crop, a tilt or a border moves what is inside, and with it the bits of a hash; the layout of the
colours hardly changes, and in a view of the part that both show it does not change at all. So
each picture is looked at as it is, within its inner 95 and 90 %, and within its borders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from curation.duplicates.borders import margins
from curation.duplicates.lab import Lab, lab_of_levels
from curation.duplicates.neighbours import Indices
from curation.images.hashes import LongHashes, long_hashes
from pipeline.core.shards import Pixels

SIDE: Final = 64
INNER: Final = (1.0, 0.95, 0.9)
"""Sides of the views in every picture, as shares of its own; a crop or a border moves no edge by
more than half of what lies between two of them. With 1 alone, 86 of 100 crops of 5 % on each side
have their original among the eight nearest; with these, all among the three nearest."""
BORDERED: Final = len(INNER)
"""Number of the view within the borders."""
FREQUENCIES: Final = 8
"""Lowest of each axis in the layout of the lightness."""
COLOUR_FREQUENCIES: Final = 3
"""The same for a* and for b*."""
MEAN_LIGHT: Final = 0.3
"""What the mean lightness counts for: another exposure changes it first."""

Floats = npt.NDArray[np.float32]
Layouts = npt.NDArray[np.float16]
"""(m, 82): 8 x 8 frequencies of L*, 3 x 3 of a*, 3 x 3 of b*."""
Boxes = npt.NDArray[np.float32]
"""(n, 4): left, top, right and bottom, in pixels of the square."""


@dataclass(frozen=True)
class Glances:
    """Of n images: the hash of each square, and m views of them."""

    hashes: LongHashes
    """The long hash of the square (n, 4)."""
    inside: Boxes
    """What is left of each square within its borders (n, 4)."""
    image: Indices
    """Row of the image of each view (m,), among those of the glances."""
    view: npt.NDArray[np.uint8]
    """Index into `INNER`, or `BORDERED` (m,)."""
    layouts: Layouts
    """Of each view (m, 82)."""


def glances(pictures: Pixels) -> Glances:
    """Look at ``pictures`` (n, 64, 64, 3)."""
    colours = _lab(np.ascontiguousarray(pictures))
    inside = _inside(pictures)
    images, kinds, parts = [], [], []
    everything = np.arange(len(pictures))
    for kind, share in enumerate(INNER):
        edge = SIDE * (1 - share) / 2
        box = np.tile(np.array([edge, edge, SIDE - edge, SIDE - edge], np.float32), (1, 1))
        images.append(everything)
        kinds.append(np.full(len(pictures), kind, np.uint8))
        parts.append(layouts(colours, box))
    bordered = np.flatnonzero(inside[:, 2] - inside[:, 0] < SIDE)
    images.append(bordered)
    kinds.append(np.full(len(bordered), BORDERED, np.uint8))
    parts.append(layouts(colours[bordered], inside[bordered]))
    luminances = (pictures @ np.array([19595, 38470, 7471]) + (1 << 15)) >> 16
    return Glances(
        long_hashes(luminances.astype(np.uint8)),
        inside,
        np.concatenate(images),
        np.concatenate(kinds),
        np.concatenate(parts),
    )


def joined(parts: Sequence[Glances]) -> Glances:
    """The glances of all ``parts``, as if their images had been looked at together."""
    none = glances(np.empty((0, SIDE, SIDE, 3), np.uint8))
    counts = np.cumsum([0, *(len(part.hashes) for part in parts)])
    columns = {
        name: np.concatenate([getattr(none, name), *(getattr(part, name) for part in parts)])
        for name in ("hashes", "inside", "view", "layouts")
    }
    images = [part.image + start for part, start in zip(parts, counts, strict=False)]
    return Glances(image=np.concatenate([none.image, *images]), **columns)


def layouts(colours: Lab, boxes: Boxes) -> Layouts:
    """The lowest frequencies of ``colours`` (n, 64, 64, 3) in their ``boxes`` (n or 1, 4).

    The Euclidean distance of two is at most the root mean square CIE76 distance of the pictures.
    """
    across, down = _cosines(boxes[:, 0], boxes[:, 2]), _cosines(boxes[:, 1], boxes[:, 3])
    planes = colours.transpose(3, 0, 1, 2)
    light = down @ planes[0] @ across.swapaxes(1, 2)
    few = slice(0, COLOUR_FREQUENCIES)
    chroma = down[:, few] @ planes[1:] @ across[:, few].swapaxes(1, 2)
    light[:, 0, 0] *= MEAN_LIGHT
    parts = [
        plane.reshape(len(plane), plane.shape[1] * plane.shape[2]) for plane in (light, *chroma)
    ]
    return np.concatenate(parts, axis=1).astype(np.float16)


def _cosines(low: Floats, high: Floats) -> Floats:
    """What each pixel of a line adds to the frequencies of its part from ``low`` to ``high``."""
    edges = np.clip(np.arange(SIDE + 1), low[:, None], high[:, None])
    place = (edges - low[:, None]) / (high - low)[:, None]
    frequency = np.arange(1, FREQUENCIES)[None, :, None]
    waves = np.sin(np.pi * frequency * place[:, None, :]) / (np.pi * frequency) * np.sqrt(2)
    integrals = np.concatenate([place[:, None, :], waves], axis=1)
    return np.diff(integrals, axis=2).astype(np.float32)


def _inside(pictures: Pixels) -> Boxes:
    """The largest square in the middle of what the borders leave of each picture."""
    top, bottom, left, right = margins(np.ascontiguousarray(pictures)).T
    width, height = SIDE - left - right, SIDE - top - bottom
    short = np.minimum(width, height)
    x, y = left + (width - short) / 2, top + (height - short) / 2
    return np.stack([x, y, x + short, y + short], axis=1).astype(np.float32)


@numba.njit(cache=True)
def _lab(pictures: Pixels) -> Lab:
    made = np.empty(pictures.shape, np.float32)
    for n in range(len(pictures)):
        for y in range(SIDE):
            for x in range(SIDE):
                pixel = pictures[n, y, x]
                made[n, y, x, 0], made[n, y, x, 1], made[n, y, x, 2] = lab_of_levels(
                    pixel[0], pixel[1], pixel[2]
                )
    return made
