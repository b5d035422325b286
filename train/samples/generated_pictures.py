"""Pictures from a published generator: a grid, files, a strip, or a film from one to the next."""

from __future__ import annotations

import math
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from pipeline.core.shards import Pixels
from train.export.model_file import Model
from train.samples import film, sheets

STEPS: Final = 16
"""Frames from one picture to the next."""


def write_grid(path: Path, model: Model, latents: Tensor, columns: int | None = None) -> None:
    """Write a picture for each of ``latents`` (n, d) as one sheet.

    Without a number of ``columns`` it is about as wide as high.
    """
    pixels = model.draw_from(latents)
    columns = math.ceil(math.sqrt(len(latents))) if columns is None else columns
    sheets.write_png(path, sheets.sheet(pixels, columns))


def write_files(folder: Path, model: Model, latents: Tensor) -> None:
    """Write a picture for each of ``latents`` as ``000000.png``, ``000001.png``, ..."""
    for number, picture in enumerate(chain.from_iterable(model.batches(latents))):
        sheets.write_png(folder / f"{number:06d}.png", picture)


def write_walk(path: Path, model: Model, latents: Tensor) -> None:
    """Write a film that moves through the pictures of ``latents`` and back to the first.

    Raises:
        UsageError: the name does not say what kind of film, or that kind cannot be written here.
    """
    film.write_film(path, chain.from_iterable(model.batches(latent_walk(latents))))


def write_between(path: Path, model: Model, ends: Tensor, reals: Pixels, count: int) -> None:
    """Write a strip of ``count`` pictures from one of ``ends`` (2, d) to the other.

    The real images that these stand for, ``reals`` (2, s, s, 3), are its first and last.
    """
    shares = torch.linspace(0, 1, count)
    between = model.draw_from(arcs(ends[:1], ends[1:], shares).flatten(0, 1))
    sheets.write_png(path, sheets.sheet(np.concatenate([reals[:1], between, reals[1:]]), count + 2))


def latent_walk(latents: Tensor) -> Tensor:
    """`STEPS` latents on the great circle from each of ``latents`` (n, d) to the next.

    Between two normal vectors the straight line passes too near to zero, where no latent lies;
    lengths are those in between (White 2016).
    """
    shares = torch.from_numpy(np.arange(STEPS, dtype=np.float32) / STEPS)
    return arcs(latents, latents.roll(-1, dims=0), shares).flatten(0, 1)


def arcs(before: Tensor, after: Tensor, shares: Tensor) -> Tensor:
    """Latents at ``shares`` (m,) of the way from ``before`` (n, d) to ``after``: (n, m, d)."""
    cosine = (before * after).sum(dim=1) / (before.norm(dim=1) * after.norm(dim=1))
    angle = cosine.clamp(-1, 1).acos()[:, None, None].clamp(min=1e-4)
    share = shares.view(1, -1, 1)
    parts = torch.sin((1 - share) * angle), torch.sin(share * angle)
    return (parts[0] * before[:, None] + parts[1] * after[:, None]) / torch.sin(angle)
