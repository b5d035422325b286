"""Pictures of many pictures, as PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from pipeline.core.files import write_bytes
from pipeline.core.shards import Pixels

GAP_PX: Final = 2
_PAPER: Final = 255


def sheet(pixels: Pixels, columns: int) -> Pixels:
    """Lay out ``pixels`` (n, s, s, 3) in rows of ``columns`` on white: uint8 (h, w, 3)."""
    count, size = pixels.shape[:2]
    rows = -(-count // columns)
    pitch = size + GAP_PX
    paper = np.full((rows * pitch + GAP_PX, columns * pitch + GAP_PX, 3), _PAPER, np.uint8)
    for place, picture in enumerate(pixels):
        top, left = (GAP_PX + pitch * part for part in divmod(place, columns))
        paper[top : top + size, left : left + size] = picture
    return paper


def beside(parts: Sequence[Pixels], gap_px: int = 16) -> Pixels:
    """Sheets of one height next to each other on white."""
    height = parts[0].shape[0]
    gap = np.full((height, gap_px, 3), _PAPER, np.uint8)
    line = [piece for part in parts for piece in (part, gap)]
    return np.concatenate(line[:-1], axis=1)


def enlarged(pixels: Pixels, size: int) -> Pixels:
    """``pixels`` (n, s, s, 3) with each pixel repeated, to (n, size, size, 3)."""
    factor = size // pixels.shape[1]
    return pixels.repeat(factor, axis=1).repeat(factor, axis=2)


def write_png(path: Path, picture: Pixels) -> None:
    """Write ``picture`` (h, w, 3) to ``path``, atomically."""
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    write_bytes(path, data.getvalue())
