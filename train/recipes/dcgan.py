"""ART GAN's game: binary cross entropy, half batches of real and of drawn images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch
from torch import Tensor, nn

from pipeline.core.params.train import DcganTrain
from train import losses
from train.device import Compute
from train.recipes.recipe import Batch, Losses, Recipe
from train.schedule import Stage

BETAS: Final = (0.5, 0.999)


class DcganRecipe(Recipe):
    """The discriminator learns real and drawn images in two updates, then the generator in one."""

    def __init__(self, params: DcganTrain, compute: Compute) -> None:
        super().__init__(params, compute, betas=BETAS)
        self._freezes_batch_norm = params.freeze_discriminator_batch_norm
        self.reals_per_step = params.batch // 2

    def step(self, reals: Batch, stage: Stage, number: int) -> Losses:
        """One step on half a batch of ``reals``, as many drawn ones, and a batch drawn."""
        del stage, number  # every step is alike
        with self._autocast():
            of_reals = self.discriminator(reals.images)
            loss_real = losses.called_real(of_reals)
        self._update(self.discriminator_optimizer, loss_real)

        with self._autocast():
            with torch.no_grad():
                drawn = self.generator(self._latents(self.reals_per_step))
            of_drawn = self.discriminator(drawn)
            loss_drawn = losses.called_drawn(of_drawn)
        self._update(self.discriminator_optimizer, loss_drawn)

        with self._frozen_discriminator(), self._as_the_generator_meets_it(), self._autocast():
            drawn = self.generator(self._latents(2 * self.reals_per_step))
            loss_generator = losses.called_real(self.discriminator(drawn))
            gradient = self._update(self.generator_optimizer, loss_generator)
        return {
            "discriminator_real": loss_real.detach(),
            "discriminator_drawn": loss_drawn.detach(),
            "generator": loss_generator.detach(),
            "accuracy_real": losses.share_right(of_reals, real=True),
            "accuracy_drawn": losses.share_right(of_drawn, real=False),
            "generator_gradient": gradient,
        }

    def draw(self, generator: nn.Module, latents: Tensor, stage: Stage, classes: Tensor) -> Tensor:
        """Images (n, 3, resolution, resolution); there is but one stage, and no class."""
        del stage, classes
        images: Tensor = generator(latents)
        return images

    @contextmanager
    def _as_the_generator_meets_it(self) -> Iterator[None]:
        """Batch norm of a frozen discriminator by its running statistics, where Keras did so."""
        layers = self.discriminator.modules()
        norms = [layer for layer in layers if isinstance(layer, nn.BatchNorm2d)]
        for norm in norms:
            norm.train(not self._freezes_batch_norm)
        try:
            yield
        finally:
            for norm in norms:
                norm.train()
