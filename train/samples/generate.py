"""Pictures from a published generator: a grid, single files, or a film from one to the next."""

from __future__ import annotations

import math
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from pipeline.core.errors import UsageError
from train.export.model_file import Model
from train.samples import film, sheets

SQRT2: Final = math.sqrt(2)
STEPS: Final = 16
"""Frames from one picture to the next."""


def write_grid(path: Path, model: Model, latents: Tensor) -> None:
    """Write a picture for each of ``latents`` (n, d) as one sheet, about as wide as high."""
    pixels = model.draw_from(latents)
    sheets.write_png(path, sheets.sheet(pixels, math.ceil(math.sqrt(len(latents)))))


def write_files(folder: Path, model: Model, latents: Tensor) -> None:
    """Write a picture for each of ``latents`` as ``000000.png``, ``000001.png``, ..."""
    for number, picture in enumerate(chain.from_iterable(model.batches(latents))):
        sheets.write_png(folder / f"{number:06d}.png", picture)


def write_walk(path: Path, model: Model, latents: Tensor) -> None:
    """Write a film that moves through the pictures of ``latents`` and back to the first.

    Raises:
        UsageError: the name does not say what kind of film, or that kind cannot be written here.
    """
    film.write(path, chain.from_iterable(model.batches(walk(latents))))


def truncated(model: Model, latents: Tensor, limit: float) -> Tensor:
    """``latents`` from N(0, 1), moved into -``limit``..``limit`` as from N(0, 1) cut off there.

    Fewer surprises and fewer failures for less variety (Brock et al. 2019, section 3.1). Each
    number keeps its rank, so a picture stays recognisable while ``limit`` sinks.

    Raises:
        UsageError: the network normalises its latents, so that their size says nothing.
    """
    if model.params.normalises_latents:
        raise UsageError(
            f"--truncation: a {model.params.model} network looks at the direction of its latents "
            f"alone, which has no middle to keep to; leave --truncation out"
        )
    within = torch.erf(latents.double() / SQRT2) * math.erf(limit / SQRT2)
    return (torch.erfinv(within) * SQRT2).to(latents.dtype)


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
