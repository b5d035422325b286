"""The sheet of a sweep: one latent a row, along which one thing is changed by degrees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from pipeline.core.shards import Pixels
from train.conditions.vectors import Floats
from train.export.model_file import Model
from train.samples import sheets

_TEXT_PX: Final = 11
_LINE_PX: Final = 16
_INK: Final = 40
_SMALLEST_PX: Final = 96
"""Pictures are enlarged to this side or more, so that there is room for what stands above them."""


def write_sweep(
    path: Path, model: Model, latents: Tensor, vectors: Floats, name: str, labels: Sequence[str]
) -> None:
    """Write a picture for each of ``latents`` (n, d), a row, under each of ``labels``, a column.

    ``vectors`` (n, labels, k) are what is drawn; ``name``, of what changes, stands above.
    """
    rows, columns, numbers = vectors.shape
    swept = model.of_vectors(vectors.reshape(rows * columns, numbers))
    pixels = swept.draw_from(latents.repeat_interleave(columns, dim=0))
    size = pixels.shape[1]
    pixels = sheets.enlarged(pixels, -(-_SMALLEST_PX // size) * size)
    paper = sheets.sheet(pixels, columns)
    sheets.write_png(path, np.concatenate([_heads(paper.shape[1], name, labels), paper]))


def _heads(width: int, name: str, labels: Sequence[str]) -> Pixels:
    """The axis above the columns: uint8 (h, width, 3)."""
    head = Image.new("RGB", (width, 2 * _LINE_PX), (sheets.PAPER,) * 3)
    draw, font = ImageDraw.Draw(head), ImageFont.load_default(_TEXT_PX)
    draw.text((sheets.GAP_PX + 2, 2), name, (_INK,) * 3, font)
    pitch = (width - sheets.GAP_PX) / len(labels)
    for place, label in enumerate(labels):
        middle = sheets.GAP_PX + pitch * (place + 0.5)
        draw.text((middle, _LINE_PX + 2), _fitting(label, font, pitch), (_INK,) * 3, font, "ma")
    return np.asarray(head)


def _fitting(label: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> str:
    """``label``, cut where it is wider than its column."""
    while len(label) > 1 and font.getlength(label) > width - 4:
        label = label.rstrip("…")[:-1] + "…"
    return label
