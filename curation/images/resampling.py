"""Resizing whose filter widens with the factor, so that nothing aliases.

Each axis in turn, as Pillow does it; but between the passes the levels keep six more bits, so that
all that is lost is the last rounding. The weights follow from the two sizes alone and are kept: to
work them out costs as much as to apply them. Rows are weighed, never columns, because neighbours in
memory can be weighed at once; between the passes the picture is turned over.
"""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from curation.images.resampling_loops import (
    ABREAST,
    UNIT,
    Fine,
    Indices,
    filter_finer,
    filter_pixels,
    grey_levels,
    turned,
    turned_levels,
)
from pipeline.core.shards import Pixels

LOBES: Final = 3
"""Of the filter, on each side: how far it reaches, in pixels of the smaller picture."""

Floats = npt.NDArray[np.float64]


class CropBox(NamedTuple):
    """A part of a picture, in its pixels; right and bottom lie outside."""

    left: int
    top: int
    right: int
    bottom: int


class Taps(NamedTuple):
    """How the pixels of a line make those of another."""

    firsts: Indices
    """The first pixel that counts for each of the new ones: (n,)."""
    weights: Fine
    """What it and those after it count for, in `UNIT`: (n, an even number)."""


def lanczos(picture: Pixels, width: int, height: int, box: CropBox | None = None) -> Fine:
    """``picture`` (h, w) or (h, w, 3), or a ``box`` of it, by the Lanczos filter of three lobes.

    Returns:
        Columns of finer levels, colour by colour: (width, height) or (width, 3, height).
    """
    channels = picture.shape[2] if picture.ndim == 3 else 1
    left, top, right, bottom = box or (0, 0, picture.shape[1], picture.shape[0])
    down = _taps(bottom - top, height)
    lines = np.ascontiguousarray(picture).reshape(len(picture), -1)
    rows = filter_pixels(lines, left * channels, right * channels, top + down.firsts, down.weights)
    columns = turned(rows).reshape(right - left, -1)
    made = filter_finer(columns, *_taps(right - left, width))
    return made.reshape(-1, *picture.shape[2:], len(down.firsts))[:width, ..., :height]


def smaller(columns: Fine, side: int) -> Pixels:
    """What `lanczos` made, a square (w, 3, w), at a smaller size: (side, side, 3)."""
    taps = _taps(len(columns), side)
    narrow = filter_finer(columns.reshape(len(columns), -1), *taps).reshape(-1, len(columns))
    return grey_levels(filter_finer(turned(narrow), *taps)).reshape(side, side, 3)


def pixels_of(columns: Fine) -> Pixels:
    """What `lanczos` made, as a picture: (h, w) or (h, w, 3)."""
    lines = turned_levels(columns.reshape(-1, columns.shape[-1]))
    return lines.reshape(len(lines), len(columns), *columns.shape[1:-1])


@functools.lru_cache(maxsize=512)
def _taps(old: int, new: int) -> Taps:
    """The weights for every one of ``new`` pixels made of ``old``.

    Pixels of no weight fill their number up to what can be turned at once.
    """
    scale = old / new
    widened = max(scale, 1.0)
    centres = (np.arange(new) + 0.5) * scale
    begin = np.maximum(0, np.floor(centres - LOBES * widened + 0.5)).astype(np.int64)
    end = np.minimum(old, np.floor(centres + LOBES * widened + 0.5)).astype(np.int64)
    count = int((end - begin).max())
    places = begin[:, None] + np.arange(count + count % 2)
    distances = (places + 0.5 - centres[:, None]) / widened
    weights = np.sinc(distances) * np.sinc(distances / LOBES)
    weights[(np.abs(distances) >= LOBES) | (places >= end[:, None])] = 0
    taps = _whole(weights / weights.sum(axis=1, keepdims=True))
    missing = (0, -new % ABREAST)
    return Taps(np.pad(begin, missing), np.pad(taps, (missing, (0, 0))))


def _whole(weights: Floats) -> Fine:
    """``weights`` in `UNIT`, each row still adding up to 1: the largest takes what is left over."""
    rounded = np.rint(weights * UNIT).astype(np.int64)
    rounded[np.arange(len(rounded)), rounded.argmax(axis=1)] += UNIT - rounded.sum(axis=1)
    return rounded.astype(np.int16)
