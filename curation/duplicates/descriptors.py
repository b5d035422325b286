"""What candidates are found by: hashes, and the layout of the colours in a few views of a picture.

A crop, a tilt or a border moves what is inside, and with it the bits of a hash; the layout of the
colours hardly changes, and in a view of the part that both show it does not change at all. So
each picture is looked at as it is, within its inner 95 and 90 %, and within its borders. How its
layout changes when the view is shifted a little is known as well: a crop on one side is found so.

`python -m tests.benches.duplicate_bounds FOLDER --vary descriptors.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from curation.duplicates.borders import margins
from curation.duplicates.cielab import Lab, lab_of_pixel
from curation.images.hashes import LongHashes, long_hashes
from pipeline.core.shards import Pixels

SIDE: Final = 64
INNER: Final = (1.0, 0.95, 0.9)
"""Sides of the views in every picture, as shares of its own; a crop or a border moves no edge by
more than half of what lies between two of them. With 1 alone, 86 of 100 crops of 5 % on each side
have their original among the eight nearest."""
BORDERED: Final = len(INNER)
"""Number of the view within the borders."""
VIEWS: Final = BORDERED + 1
SHIFTED: Final = 1
"""The view of which it is known how a shift changes it."""
FREQUENCIES: Final = 8
"""Lowest of each axis in the layout of the lightness."""
COLOUR_FREQUENCIES: Final = 3
"""The same for a* and for b*."""
LENGTH: Final = FREQUENCIES**2 + 2 * COLOUR_FREQUENCIES**2
NO_COLOURS: Final = 0.05
"""Length of the colours in the layout of a picture that has none: 6 and 8 of 100 watches on white
have less, works never."""
MEAN_LIGHT: Final = 0.3
"""What the mean lightness counts for: another exposure changes it first."""

Floats = npt.NDArray[np.float32]
Layouts = npt.NDArray[np.float16]
"""(..., 82): 8 x 8 frequencies of L*, 3 x 3 of a*, 3 x 3 of b*."""
Boxes = npt.NDArray[np.float32]
"""(n, 4): left, top, right and bottom, in pixels of the square."""


@dataclass(frozen=True)
class Descriptors:
    """Of n images: the hash of each square, and its views."""

    hashes: LongHashes
    """The long hash of the square (n, 4)."""
    inside: Boxes
    """What is left of each square within its borders (n, 4)."""
    layouts: Layouts
    """Of each view (n, `VIEWS`, 82); where there is no border, that view is the whole again."""
    slopes: Layouts
    """How the layout of the view `SHIFTED` changes with each pixel to the right, and down
    (n, 2, 82)."""

    @property
    def has_border(self) -> npt.NDArray[np.bool_]:
        """Which images have one (n,)."""
        is_smaller: npt.NDArray[np.bool_] = self.inside[:, 2] - self.inside[:, 0] < SIDE
        return is_smaller

    @property
    def colourless(self) -> npt.NDArray[np.bool_]:
        """Which images are in grey (n,)."""
        colours = self.layouts[:, 0, FREQUENCIES**2 :].astype(np.float32)
        is_grey: npt.NDArray[np.bool_] = np.linalg.norm(colours, axis=1) <= NO_COLOURS
        return is_grey


def describe(pictures: Pixels) -> Descriptors:
    """Look at ``pictures`` (n, 64, 64, 3)."""
    pictures = np.ascontiguousarray(pictures)
    planes = _lab(pictures)
    inside = _inside(pictures)
    made = np.empty((len(pictures), VIEWS, LENGTH), np.float16)
    slopes = np.empty((len(pictures), 2, LENGTH), np.float16)
    spectra = (_WAVES @ planes @ _WAVES.T).astype(np.float32, copy=False)
    for view in range(BORDERED):
        made[:, view] = _layouts(_block(spectra, view, view))
    slopes[:, 0] = _layouts(_block(spectra, SHIFTED, _SLOPE))
    slopes[:, 1] = _layouts(_block(spectra, _SLOPE, SHIFTED))
    made[:, BORDERED] = made[:, 0]
    bordered = np.flatnonzero(inside[:, 2] - inside[:, 0] < SIDE)
    made[bordered, BORDERED] = layouts(planes[bordered], inside[bordered])
    red, green, blue = (pictures[..., channel].astype(np.int32) for channel in range(3))
    luminances = (19595 * red + 38470 * green + 7471 * blue + (1 << 15)) >> 16
    return Descriptors(long_hashes(luminances.astype(np.uint8)), inside, made, slopes)


def concatenated(parts: Iterable[Descriptors], count: int) -> Descriptors:
    """The descriptors of all ``parts``, ``count`` images in all."""
    none = describe(np.empty((0, SIDE, SIDE, 3), np.uint8))
    columns = {}
    for field in fields(Descriptors):
        column = getattr(none, field.name)
        columns[field.name] = np.empty((count, *column.shape[1:]), column.dtype)
    start = 0
    for part in parts:
        for name, column in columns.items():
            column[start : start + len(part.hashes)] = getattr(part, name)
        start += len(part.hashes)
    return Descriptors(**columns)


def layouts(planes: Floats, boxes: Boxes) -> Layouts:
    """The lowest frequencies of ``planes`` (n, 3, 64, 64) of L*, a* and b* in their ``boxes``.

    The Euclidean distance of two is at most the root mean square CIE76 distance of the pictures.
    """
    across, down = _cosines(boxes[:, 0], boxes[:, 2]), _cosines(boxes[:, 1], boxes[:, 3])
    spectra = down[:, None] @ planes @ across.swapaxes(1, 2)[:, None]
    return _layouts(spectra.astype(np.float32, copy=False))


def _layouts(spectra: Floats) -> Layouts:
    """Of the lowest frequencies of each plane (n, 3, 8, 8) those that make a layout."""
    few = slice(0, COLOUR_FREQUENCIES)
    light = spectra[:, 0].reshape(len(spectra), FREQUENCIES**2)
    chroma = spectra[:, 1:, few, few].reshape(len(spectra), 2 * COLOUR_FREQUENCIES**2)
    made = np.concatenate([light, chroma], axis=1)
    made[:, 0] *= MEAN_LIGHT
    return made.astype(np.float16)


def _cosines(low: Floats, high: Floats) -> Floats:
    """What each pixel of a line adds to the frequencies of its part from ``low`` to ``high``."""
    edges = np.clip(np.arange(SIDE + 1), low[:, None], high[:, None])
    place = (edges - low[:, None]) / (high - low)[:, None]
    frequency = np.arange(1, FREQUENCIES)[None, :, None]
    waves = np.sin(np.pi * frequency * place[:, None, :]) / (np.pi * frequency) * np.sqrt(2)
    integrals = np.concatenate([place[:, None, :], waves], axis=1)
    return np.diff(integrals, axis=2).astype(np.float32)


def _waves() -> Floats:
    """The cosines of all views in the middle, and the change of one with a shift: (32, 64)."""
    edge = np.array([SIDE * (1 - share) / 2 for share in INNER], np.float32)
    shift = np.array([-1, 1], np.float32)
    before, after = _cosines(edge[SHIFTED] + shift, SIDE - edge[SHIFTED] + shift)
    return np.concatenate([*_cosines(edge, SIDE - edge), (after - before) / 2])


_WAVES: Final = _waves()
_SLOPE: Final = len(INNER)


def _block(spectra: Floats, down: int, across: int) -> Floats:
    """The frequencies of one view along either axis: (n, 3, 8, 8)."""
    rows, columns = (slice(FREQUENCIES * at, FREQUENCIES * (at + 1)) for at in (down, across))
    return spectra[:, :, rows, columns]


def _inside(pictures: Pixels) -> Boxes:
    """The largest square in the middle of what the borders leave of each picture."""
    top, bottom, left, right = margins(pictures).T
    width, height = SIDE - left - right, SIDE - top - bottom
    short = np.minimum(width, height)
    x, y = left + (width - short) / 2, top + (height - short) / 2
    return np.stack([x, y, x + short, y + short], axis=1).astype(np.float32)


@numba.njit(cache=True)
def _lab(pictures: Pixels) -> Lab:
    """L*, a* and b* of ``pictures``, each a plane: (n, 3, 64, 64)."""
    made = np.empty((len(pictures), 3, SIDE, SIDE), np.float32)
    for n in range(len(pictures)):
        for y in range(SIDE):
            for x in range(SIDE):
                pixel = pictures[n, y, x]
                made[n, 0, y, x], made[n, 1, y, x], made[n, 2, y, x] = lab_of_pixel(
                    pixel[0], pixel[1], pixel[2]
                )
    return made
