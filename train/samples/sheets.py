"""Pictures of many pictures, as PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from PIL import Image

from pipeline.core.files import write_bytes
from pipeline.core.shards import Pixels

GAP_PX: Final = 2
PAPER: Final = 255

STRIP_ROWS: Final = 6
STRIP_COLUMNS: Final = 12
"""Moments of a training that a film strip shows at most."""
STRIP_PX: Final = 128

Item = TypeVar("Item")


def sheet(pixels: Pixels, columns: int) -> Pixels:
    """Lay out ``pixels`` (n, s, s, 3) in rows of ``columns`` on white: uint8 (h, w, 3)."""
    count, size = pixels.shape[:2]
    rows = -(-count // columns)
    pitch = size + GAP_PX
    paper = np.full((rows * pitch + GAP_PX, columns * pitch + GAP_PX, 3), PAPER, np.uint8)
    for place, picture in enumerate(pixels):
        top, left = (GAP_PX + pitch * part for part in divmod(place, columns))
        paper[top : top + size, left : left + size] = picture
    return paper


def side_by_side(parts: Sequence[Pixels], gap_px: int = 16) -> Pixels:
    """Sheets next to each other on white, their upper edges in line."""
    height = max(part.shape[0] for part in parts)
    gap = np.full((height, gap_px, 3), PAPER, np.uint8)
    pieces: list[Pixels] = []
    for part in parts:
        below = ((0, height - part.shape[0]), (0, 0), (0, 0))
        pieces += [np.pad(part, below, constant_values=PAPER), gap]
    return np.concatenate(pieces[:-1], axis=1)


def tiles(paper: Pixels, size: int) -> Pixels:
    """The pictures of a full `sheet` of pictures of ``size`` pixels: uint8 (n, s, s, 3)."""
    rows, columns = ((length - GAP_PX) // (size + GAP_PX) for length in paper.shape[:2])
    pitched = paper[GAP_PX:, GAP_PX:].reshape(rows, size + GAP_PX, columns, size + GAP_PX, 3)
    return pitched[:, :size, :, :size].swapaxes(1, 2).reshape(-1, size, size, 3)


def film_strip(grids: Sequence[Pixels], size: int) -> Pixels:
    """Some pictures of each of ``grids``, sheets of one shape: a row a picture, a column a grid.

    Pictures of ``size`` pixels are averaged down or enlarged to `STRIP_PX`.
    """
    count = len(tiles(grids[0], size))
    shown = evenly(range(count), STRIP_ROWS)
    columns = [tiles(grid, size)[shown] for grid in grids]
    return strip(np.stack(columns, axis=1), size)


def strip(moments: Pixels, size: int) -> Pixels:
    """``moments`` (rows, columns, s, s, 3) of ``size`` pixels as a sheet of `STRIP_PX` each."""
    width = moments.shape[1]
    moments = moments.reshape(-1, size, size, 3)
    if size > STRIP_PX:
        shrunk = [Image.fromarray(moment).reduce(size // STRIP_PX) for moment in moments]
        moments = np.stack([np.asarray(moment) for moment in shrunk])
    return sheet(enlarged(moments, STRIP_PX), width)


def evenly(items: Sequence[Item], most: int) -> list[Item]:
    """At most ``most`` of ``items``, evenly spaced, the first and the last among them."""
    places = np.linspace(0, len(items) - 1, min(len(items), most)).round().astype(int)
    return [items[place] for place in places]


def read_png(path: Path) -> Pixels:
    """The picture in ``path``: uint8 (h, w, 3)."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def enlarged(pixels: Pixels, size: int) -> Pixels:
    """``pixels`` (n, s, s, 3) with each pixel repeated, to (n, size, size, 3)."""
    factor = size // pixels.shape[1]
    return pixels.repeat(factor, axis=1).repeat(factor, axis=2)


def write_png(path: Path, picture: Pixels) -> None:
    """Write ``picture`` (h, w, 3) to ``path``, atomically."""
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    write_bytes(path, data.getvalue())
