"""Whether a template is something that lies over the pictures, or something that they show.

A mark has one opacity wherever it lies: the ground goes on beneath its strokes, so that what is on
one side of a stroke's edge tells what is on the other, picture by picture. A watch has its own
colour whatever it lies on: on white ground the dial of one is blue, of another silver, and neither
can be told from the white beside it. Where nothing varies on either side, a border of all pictures
is told from a mark by its lines, which are longer than any letter's.

`python -m tests.benches.watermark --vary strokes.NAME VALUE ...` finds its constants again.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from curation.watermark.overlay import Mark

Lightness = npt.NDArray[np.float32]
"""Of n images, laid upon one another, 0..255: (n, side, side); 0 where nothing is shown."""

MAX_UNEXPLAINED: Final = 0.4
"""Of the variation on one side of the edges that the other side leaves open: marks have .1 to .33,
outlines that one kind of watch shares .6 to 1, and any two fields of which one is always the
lighter .5. The bench prints what each template leaves."""
MIN_ASLANT: Final = 0.05
"""Of a template's energy that must lie on curves, slopes and corners: words have .33 to .45, ELLE
.08 to .2, grids .01 to .09, horizons and things that stand on one line .00 to .01
(`python -m tests.benches.layouts`)."""
MAX_LINE: Final = 0.4
"""Of the side that level or upright lines may take in one row, where opacity tells nothing:
borders and charts have .41 and more, words .10 to .32 (`python -m tests.benches.layouts`)."""
MAX_SPAN: Final = 0.9
"""Of the width or the height that a template may take there: boards and films have .95 and more."""
_LEVEL: Final = 12.0
"""Degrees from level or upright up to which an edge is a line's."""
_PIECE: Final = 0.1
"""Of the side: shorter ones are bars of letters."""
_OFF_THE_EDGE: Final = 2.0
"""Pixels from an edge at which both its sides are looked at."""
_PLACES: Final = 1000
"""The strongest of a template, at which this is measured."""
_STILL: Final = 6.0
"""Grey levels, a standard deviation, below which a side is the same on all pictures: more than
JPEG makes of plain ground."""
_MIN_TELLING: Final = 0.1
"""Of the template that must lie where pictures differ, for anything to be told."""
_MIN_SHOWN: Final = 10
"""Pictures that must show both sides of an edge."""


def unexplained(lightness: Lightness, mark: Mark) -> float | None:
    """1 - the correlation of both sides of the mark's edges over the images, 0..2.

    None where all of it lies on ground that is the same on all images.
    """
    first, second, strength = _both_sides(lightness, mark)
    shown = (first > 0) & (second > 0)
    count = np.maximum(shown.sum(axis=0), 1)
    first, second = (_centred(side, shown, count) for side in (first, second))
    variances = [(side**2).sum(axis=0) / count for side in (first, second)]
    likeness = (first * second).sum(axis=0) / count / (np.sqrt(np.prod(variances, axis=0)) + 1.0)
    telling = (np.max(variances, axis=0) > _STILL**2) & (count >= _MIN_SHOWN)
    if strength[telling].sum() < _MIN_TELLING * strength.sum():
        return None
    return float(np.average(1 - likeness[telling], weights=strength[telling]))


def aslant(mark: Mark) -> float:
    """Share of the energy of ``mark`` that is on curves, slopes and corners, 0..1."""
    energy, angle = np.abs(mark) ** 2, _angle(mark)
    is_aslant = np.minimum(angle, 90 - angle) > _LEVEL
    return float(energy[is_aslant].sum() / energy.sum())


def straight(mark: Mark) -> float:
    """The most that level or upright lines take of one row of ``mark``, or column: 0..1."""
    angle = _angle(mark)
    upright, level = ((mark != 0) & is_so for is_so in (angle < _LEVEL, angle > 90 - _LEVEL))
    return max(_lined(level), _lined(upright.T))


def _angle(mark: Mark) -> npt.NDArray[Any]:
    """Degrees from 0 (an upright edge) to 90 (a level one)."""
    angle: npt.NDArray[Any] = np.degrees(np.arctan2(np.abs(mark.imag), np.abs(mark.real)))
    return angle


def span(mark: Mark) -> float:
    """How much of the width, or of the height, is between the outermost edges of ``mark``: 0..1."""
    places = np.nonzero(mark)
    first, last = np.percentile(places, [1, 99], axis=1)
    return float((last - first).max() / len(mark))


def _lined(edges: npt.NDArray[np.bool_]) -> float:
    side = len(edges)
    pieces = ndimage.binary_opening(edges, np.ones((1, round(_PIECE * side))))
    return float(pieces.mean(axis=1).max())


def _both_sides(
    lightness: Lightness, mark: Mark
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """The lightness (n, places) on either side of edges of ``mark``, and how strong these are."""
    down, across = np.nonzero(mark)
    strongest = np.argsort(-np.abs(mark[down, across]), kind="stable")[:_PLACES]
    down, across = down[strongest], across[strongest]
    length = np.abs(mark[down, across])
    normal = mark[down, across] / length
    side = len(mark) - 1
    sides = []
    for step in (_OFF_THE_EDGE, -_OFF_THE_EDGE):
        rows = np.clip(np.rint(down + step * normal.imag).astype(int), 0, side)
        columns = np.clip(np.rint(across + step * normal.real).astype(int), 0, side)
        sides.append(lightness[:, rows, columns].astype(float))
    return sides[0], sides[1], length**2


def _centred(values: npt.NDArray[Any], shown: npt.NDArray[Any], count: Any) -> npt.NDArray[Any]:
    mean = (values * shown).sum(axis=0) / count
    centred: npt.NDArray[Any] = (values - mean) * shown
    return centred
