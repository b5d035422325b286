"""What the loop asks of a model."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from train.schedule import Stage

Losses = dict[str, Tensor]
"""Numbers of one step by name: scalars on the device, cut from the graph of gradients."""


class Recipe(Protocol):
    """Two networks, their optimizers, and one step of the game between them."""

    generator: nn.Module
    discriminator: nn.Module
    generator_optimizer: torch.optim.Optimizer
    discriminator_optimizer: torch.optim.Optimizer
    reals_per_step: int

    def step(self, reals: Tensor, stage: Stage) -> Losses:
        """Update both networks with ``reals`` (reals_per_step, 3, r, r) in -1..1.

        Whatever is random comes from torch's global generator, which the loop seeds.
        """

    def draw(self, generator: nn.Module, latents: Tensor, stage: Stage) -> Tensor:
        """Images (n, 3, r, r) that a generator of this kind draws at ``stage``."""


def update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Step ``optimizer`` down the gradient of ``loss``, a scalar."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call] # torch leaves this method untyped
    optimizer.step()
