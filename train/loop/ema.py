"""The moving average of the generator's weights: what is sampled, judged and published."""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor, nn

RAMP_UP = 0.05
"""The half life is at most this share of the images seen, or the first weights would linger."""

_BATCHES = 8
"""Batches from which batch norm's statistics are measured anew."""


def decay(shown: int, images_seen: int, half_life: float) -> float:
    """Share of the old average that stays after ``shown`` more images, ``images_seen`` in all."""
    return math.pow(0.5, shown / max(min(half_life, RAMP_UP * images_seen), 1e-8))


class Average:
    """A second generator that follows the trained one."""

    def __init__(self, generator: nn.Module, half_life: float) -> None:
        """Start as a copy of ``generator``; ``half_life`` counts images."""
        self.network = copy.deepcopy(generator).eval().requires_grad_(False)
        self._half_life = half_life

    @torch.no_grad()
    def update(self, generator: nn.Module, shown: int, images_seen: int) -> None:
        """Move towards ``generator`` after ``shown`` images, ``images_seen`` in all."""
        weight = 1 - decay(shown, images_seen, self._half_life)
        torch._foreach_lerp_(list(self.network.parameters()), list(generator.parameters()), weight)


@torch.no_grad()
def measure_batch_norm(network: nn.Module, latents: Tensor) -> None:
    """Give the batch norms of an averaged network the statistics of its own feature maps.

    Neither the trained network's statistics nor their average belong to averaged weights
    (Izmailov et al. 2018, section 3.2, measure them anew as well).
    """
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
        norm.train()
    for batch in latents.chunk(_BATCHES):
        network(batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
        norm.eval()
