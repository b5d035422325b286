"""ART GAN's game: binary cross entropy, half batches of real and of drawn images."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from pipeline.core.params.train import DcganTrain
from train import losses
from train.device import Compute
from train.networks.dcgan import Discriminator, Generator
from train.recipes.recipe import Losses, update
from train.schedule import Stage

BETAS: Final = (0.5, 0.999)


class DcganRecipe:
    """The discriminator learns real and drawn images in two updates, then the generator in one."""

    def __init__(self, params: DcganTrain, compute: Compute) -> None:
        self._compute = compute
        self._latent = params.latent
        self.reals_per_step = params.batch // 2
        self.generator: nn.Module = Generator(
            latent=params.latent,
            width=params.width,
            resolution=params.resolution,
            batch_norm=params.generator_batch_norm,
        )
        self.discriminator: nn.Module = Discriminator(
            width=params.width,
            resolution=params.resolution,
            batch_norm=params.discriminator_batch_norm,
            dropout=params.dropout,
        )
        compute.place(self.generator)
        compute.place(self.discriminator)
        self.generator_optimizer: torch.optim.Optimizer = torch.optim.Adam(
            self.generator.parameters(), params.learning_rate, BETAS, fused=True
        )
        self.discriminator_optimizer: torch.optim.Optimizer = torch.optim.Adam(
            self.discriminator.parameters(), params.learning_rate, BETAS, fused=True
        )

    def step(self, reals: Tensor, stage: Stage) -> Losses:
        """One step on ``reals`` (batch / 2, 3, r, r), as many drawn ones, and a batch drawn."""
        del stage  # always the same
        with self._compute.autocast():
            loss_real = losses.called_real(self.discriminator(reals))
        update(self.discriminator_optimizer, loss_real)

        with self._compute.autocast():
            with torch.no_grad():
                drawn = self.generator(self._latents(self.reals_per_step))
            loss_drawn = losses.called_drawn(self.discriminator(drawn))
        update(self.discriminator_optimizer, loss_drawn)

        self.discriminator.requires_grad_(False)
        with self._compute.autocast():
            drawn = self.generator(self._latents(2 * self.reals_per_step))
            loss_generator = losses.called_real(self.discriminator(drawn))
        update(self.generator_optimizer, loss_generator)
        self.discriminator.requires_grad_(True)
        return {
            "discriminator_real": loss_real.detach(),
            "discriminator_drawn": loss_drawn.detach(),
            "generator": loss_generator.detach(),
        }

    def draw(self, generator: nn.Module, latents: Tensor, stage: Stage) -> Tensor:
        """Images (n, 3, resolution, resolution); there is but one stage."""
        del stage
        images: Tensor = generator(latents)
        return images

    def _latents(self, count: int) -> Tensor:
        return torch.randn(count, self._latent, device=self._compute.device)
