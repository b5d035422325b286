"""Pictures from a published generator: a grid, single files, or a walk from one to the next."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pipeline.core.files import write_bytes
from train import sheets
from train.artifact import Model

STEPS: Final = 16
"""Frames from one picture to the next."""
FRAME_MS: Final = 60
_BATCH: Final = 256


def write_grid(path: Path, model: Model, count: int, seed: int) -> None:
    """Write ``count`` pictures as one sheet, about as wide as high."""
    pixels = model.draw(count, seed)
    sheets.write_png(path, sheets.sheet(pixels, math.ceil(math.sqrt(count))))


def write_files(folder: Path, model: Model, count: int, seed: int) -> None:
    """Write ``count`` pictures as ``000000.png``, ``000001.png``, ..."""
    latents = model.latents(count, seed)
    for start in range(0, count, _BATCH):
        for number, picture in enumerate(model.draw_from(latents[start : start + _BATCH]), start):
            sheets.write_png(folder / f"{number:06d}.png", picture)


def write_walk(path: Path, model: Model, count: int, seed: int) -> None:
    """Write an endless GIF that moves through ``count`` pictures and back to the first."""
    frames = model.draw_from(walk(model.latents(count, seed)))
    pictures = [Image.fromarray(frame) for frame in frames]
    data = io.BytesIO()
    pictures[0].save(
        data, "GIF", save_all=True, append_images=pictures[1:], duration=FRAME_MS, loop=0
    )
    write_bytes(path, data.getvalue())


def walk(latents: Tensor) -> Tensor:
    """`STEPS` latents on the great circle from each of ``latents`` (n, d) to the next.

    Between two normal vectors the straight line passes too near to zero, where no latent lies;
    lengths are those in between (White 2016).
    """
    after = latents.roll(-1, dims=0)
    lengths = latents.norm(dim=1), after.norm(dim=1)
    cosine = (latents * after).sum(dim=1) / (lengths[0] * lengths[1])
    angle = cosine.clamp(-1, 1).acos()[:, None, None].clamp(min=1e-4)
    share = torch.from_numpy(np.arange(STEPS, dtype=np.float32) / STEPS).view(1, -1, 1)
    parts = torch.sin((1 - share) * angle), torch.sin(share * angle)
    way = parts[0] * latents[:, None] + parts[1] * after[:, None]
    return (way / torch.sin(angle)).flatten(0, 1)
