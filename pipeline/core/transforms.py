"""The transforms of an image: the eight symmetries of the square, which need no resampling.

Every symmetry is applied to an array as: transpose (or not), then reverse the rows (or not), then
reverse the columns (or not). The order of the eight is fixed here and is the order of every
per-symmetry column in the tables.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt


class Symmetry(StrEnum):
    """An element of the dihedral group of order eight; rotations are counter-clockwise."""

    IDENTITY = "identity"
    ROT90 = "rot90"
    ROT180 = "rot180"
    ROT270 = "rot270"
    FLIP_LEFT_RIGHT = "flip_left_right"
    FLIP_TOP_BOTTOM = "flip_top_bottom"
    TRANSPOSE = "transpose"
    TRANSVERSE = "transverse"


SYMMETRIES: tuple[Symmetry, ...] = tuple(Symmetry)

_TRANSPOSE_ROWS_COLUMNS: dict[Symmetry, tuple[bool, bool, bool]] = {
    Symmetry.IDENTITY: (False, False, False),
    Symmetry.ROT90: (True, True, False),
    Symmetry.ROT180: (False, True, True),
    Symmetry.ROT270: (True, False, True),
    Symmetry.FLIP_LEFT_RIGHT: (False, False, True),
    Symmetry.FLIP_TOP_BOTTOM: (False, True, False),
    Symmetry.TRANSPOSE: (True, False, False),
    Symmetry.TRANSVERSE: (True, True, True),
}


def steps(symmetry: Symmetry) -> tuple[bool, bool, bool]:
    """Whether ``symmetry`` transposes, then reverses the rows, and then the columns."""
    return _TRANSPOSE_ROWS_COLUMNS[symmetry]


def apply(symmetry: Symmetry, image: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A view of ``image`` (height, width, ...) under ``symmetry``; nothing is copied.

    >>> apply(Symmetry.ROT90, np.array([[1, 2], [3, 4]])).tolist()
    [[2, 4], [1, 3]]
    """
    transpose, rows, columns = steps(symmetry)
    view = image.swapaxes(0, 1) if transpose else image
    return view[:: -1 if rows else 1, :: -1 if columns else 1]


def _composition_table() -> dict[tuple[Symmetry, Symmetry], Symmetry]:
    probe = np.arange(4).reshape(2, 2)
    named = {apply(s, probe).tobytes(): s for s in SYMMETRIES}
    return {
        (second, first): named[apply(second, apply(first, probe)).tobytes()]
        for second in SYMMETRIES
        for first in SYMMETRIES
    }


_COMPOSITION = _composition_table()


def compose(second: Symmetry, first: Symmetry) -> Symmetry:
    """The symmetry that does ``first`` and then ``second``."""
    return _COMPOSITION[second, first]


def inverse(symmetry: Symmetry) -> Symmetry:
    """The symmetry that undoes ``symmetry``."""
    return next(s for s in SYMMETRIES if compose(s, symmetry) is Symmetry.IDENTITY)
