"""Whether what carries a mark is many pictures, or one thing photographed again and again.

A shop shows one watch in forty colours of its dial. Its outline and its lugs then lie in one place
on forty images, as clearly as a mark would, and nowhere on the others. But a mark lies over grounds
that differ, while those forty are the same wherever the outline is not: plain white.

`python -m tests.benches.watermark --vary grounds.NAME VALUE ...` finds its constants again.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from curation.watermark.layout import Layout
from curation.watermark.overlay import Mark
from pipeline.core.shards import Pixels

Laid = npt.NDArray[np.complex64]
"""n images upon one another, (n, side, side): lightness + i warmth (red less blue)."""
Grounds = npt.NDArray[np.complex64]
"""The same in cells, (n, cells), without those in which the mark lies."""

CELLS_PER_SIDE: Final = 16
SAME_GROUND: Final = 6.0
"""Grey levels, a root mean square over the cells, below which two grounds are one: colourways of
one watch on white are within 1, marked pictures 20 apart."""
_LEAST_CELLS: Final = 0.1
"""Of all cells that must be free of the mark; where it is tiled over all, all of them count."""
_WEIGHTS: Final = np.array([0.299 + 1j, 0.587, 0.114 - 1j], np.complex64)


def laid(pixels: Pixels, shifts: npt.NDArray[np.int64], layout: Layout) -> Laid:
    """``pixels`` (n, side, side, 3) upon one another, each moved back by its shift."""
    field = pixels.astype(np.float32) @ _WEIGHTS
    back = [
        np.roll(image, (-down, -across), (0, 1))
        for image, (down, across) in zip(field, shifts.tolist(), strict=True)
    ]
    return np.asarray(layout.onto_canvas(np.array(back, np.complex64)), np.complex64)


def beside(images: Laid, mark: Mark, reach: int) -> Grounds:
    """What ``images`` show beside ``mark``, which may lie ``reach`` pixels off its place."""
    free = _free_cells(mark, reach)
    return np.asarray(_cells(images)[:, free], np.complex64)


def distinct(shown: Grounds, enough: int) -> int:
    """How many of the grounds (n, cells) differ from all before them; counted up to ``enough``."""
    chosen = np.empty((0, shown.shape[1]), np.complex64)
    for ground in shown:
        distances = np.sqrt(np.mean(np.abs(chosen - ground) ** 2, axis=1))
        if not (distances < SAME_GROUND).any():
            chosen = np.concatenate([chosen, ground[None]])
        if len(chosen) >= enough:
            break
    return len(chosen)


def _free_cells(mark: Mark, reach: int) -> npt.NDArray[np.bool_]:
    covered = ndimage.binary_dilation(mark != 0, iterations=reach + 2)
    free = _cells(covered[None].astype(np.float32))[0] == 0
    return free if free.mean() >= _LEAST_CELLS else np.ones_like(free)


def _cells(fields: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The means of ``fields`` (n, side, side) in each cell: (n, cells)."""
    images, side = fields.shape[:2]
    step = side // CELLS_PER_SIDE
    parted = fields.reshape(images, CELLS_PER_SIDE, step, CELLS_PER_SIDE, step)
    cells: npt.NDArray[Any] = parted.mean(axis=(2, 4)).reshape(images, -1)
    return cells
