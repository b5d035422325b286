"""Projection: the latent whose picture is nearest to a given one, found by descent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from pipeline.core.shards import Pixels
from train.data.real_images import to_bytes, to_float
from train.export.model_file import Model

TRIED: Final = 512
"""Latents drawn at random, the nearest of which are where the descent begins."""
STARTS: Final = 4
STEPS: Final = 150
RATE: Final = 0.05
"""Adam's; it falls to zero along half a cosine (Karras et al. 2020, appendix D)."""
COARSEST_PX: Final = 4
_AT_ONCE: Final = 64


@dataclass(frozen=True)
class Projection:
    """The nearest picture, and how near it is."""

    latent: Tensor
    """(d,)"""
    picture: Pixels
    """(s, s, 3)"""
    apart: float
    """Root mean square difference of its pixels, in levels of 255."""
    apart_at_random: float
    """Of the nearest of `TRIED` pictures drawn at random."""


def project(model: Model, target: Pixels, seed: int) -> Projection:
    """The latent that draws ``target`` (s, s, 3) best.

    Pictures are compared at each size from theirs down to `COARSEST_PX`: the small ones say where
    which colour is, before any edge fits. Latents stay as long as N(0, 1) has them, where the
    network has learnt to draw.
    """
    real = _floats(target).to(model.compute.device)
    tried = model.latents(TRIED, seed)
    apart = torch.cat([_apart(_draw(model, part), real) for part in _parts(tried)])
    best = tried[apart.argsort()[:STARTS]].clone()
    descended = _descended(model, best, real)
    pictures = to_bytes(_draw(model, torch.cat([best, descended])))
    levels = [difference(picture, target) for picture in pictures]
    place = int(np.argmin(levels))
    return Projection(
        latent=torch.cat([best, descended])[place],
        picture=pictures[place],
        apart=levels[place],
        apart_at_random=min(levels[:STARTS]),
    )


def difference(some: Pixels, others: Pixels) -> float:
    """Root mean square difference of two pictures of one size, in levels of 255."""
    return float(np.sqrt(np.square(some.astype(np.float64) - others).mean()))


def _descended(model: Model, latents: Tensor, real: Tensor) -> Tensor:
    """``latents`` after `STEPS` of descent, each by itself."""
    length = math.sqrt(latents.shape[1])
    moved = latents.to(model.compute.device).clone().requires_grad_(True)
    optimizer = torch.optim.Adam([moved], RATE)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = RATE * (1 + math.cos(math.pi * step / STEPS)) / 2
        optimizer.zero_grad()
        loss = _apart(model.network(*model.inputs(moved)), real).sum()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves this method untyped
        optimizer.step()
        with torch.no_grad():
            moved *= length / moved.norm(dim=1, keepdim=True)
    return moved.detach().cpu()


def _apart(images: Tensor, real: Tensor) -> Tensor:
    """How far each of ``images`` (n, 3, s, s) is from ``real`` (1, 3, s, s), over all sizes."""
    total = torch.zeros(len(images), device=images.device)
    images = images.float().clamp(-1, 1)  # as a picture shows them
    while True:
        total = total + (images - real).square().mean(dim=(1, 2, 3))
        if images.shape[-1] <= COARSEST_PX:
            return total
        images, real = functional.avg_pool2d(images, 2), functional.avg_pool2d(real, 2)


@torch.no_grad()
def _draw(model: Model, latents: Tensor) -> Tensor:
    images: Tensor = model.network(*model.inputs(latents.to(model.compute.device)))
    return images


def _parts(latents: Tensor) -> tuple[Tensor, ...]:
    return latents.split(_AT_ONCE)  # type: ignore[no-any-return, no-untyped-call]


def _floats(picture: Pixels) -> Tensor:
    return to_float(torch.from_numpy(picture.copy()).permute(2, 0, 1)[None])
