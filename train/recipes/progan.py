"""WatchGAN's game: a growing critic and generator, Wasserstein loss with gradient penalty."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from pipeline.core.params.train import ProganTrain
from train import losses
from train.device import Compute
from train.networks.progan import Discriminator, Generator, Shape, fade_reals
from train.recipes.recipe import Losses, update
from train.schedule import Stage

BETAS: Final = (0.0, 0.99)


class ProganRecipe:
    """One critic update and one generator update a step (Karras et al. 2018)."""

    def __init__(self, params: ProganTrain, compute: Compute) -> None:
        self._compute = compute
        self._params = params
        self.reals_per_step = params.batch
        shape = Shape(params.resolution, params.latent, params.channels_base, params.channels_max)
        self.generator: nn.Module = Generator(shape)
        self.discriminator: nn.Module = Discriminator(shape, params.minibatch_std_group)
        compute.place(self.generator)
        compute.place(self.discriminator)
        self.generator_optimizer: torch.optim.Optimizer = torch.optim.Adam(
            self.generator.parameters(), params.learning_rate, BETAS, fused=True
        )
        self.discriminator_optimizer: torch.optim.Optimizer = torch.optim.Adam(
            self.discriminator.parameters(), params.learning_rate, BETAS, fused=True
        )

    def step(self, reals: Tensor, stage: Stage) -> Losses:
        """One step on ``reals`` (batch, 3, r, r), which are softened while a stage fades in."""
        found = self._judge(fade_reals(reals, stage.fade), stage)
        with self._compute.autocast():
            self.discriminator.requires_grad_(False)
            drawn = self.draw(self.generator, self._latents(), stage)
            loss = -self.discriminator(drawn, stage.fade).float().mean()
        update(self.generator_optimizer, loss)
        self.discriminator.requires_grad_(True)
        return {**found, "generator": loss.detach()}

    def draw(self, generator: nn.Module, latents: Tensor, stage: Stage) -> Tensor:
        """Images (n, 3, r, r) at the resolution of ``stage``, faded in as far as it is."""
        images: Tensor = generator(latents, stage.resolution, stage.fade)
        return images

    def _judge(self, reals: Tensor, stage: Stage) -> Losses:
        def critic(images: Tensor) -> Tensor:
            scores: Tensor = self.discriminator(images, stage.fade)
            return scores.float()

        with self._compute.autocast():
            with torch.no_grad():
                drawn = self.draw(self.generator, self._latents(), stage).float()
            real_scores, drawn_scores = critic(reals), critic(drawn)
            mix = torch.rand(len(reals), 1, 1, 1, device=reals.device)
            penalty = losses.gradient_penalty(critic, reals, drawn, mix)
        distance = real_scores.mean() - drawn_scores.mean()
        loss = (
            self._params.gradient_penalty * penalty
            + self._params.drift_penalty * losses.drift(real_scores)
            - distance
        )
        update(self.discriminator_optimizer, loss)
        return {
            "distance": distance.detach(),
            "gradient_penalty": penalty.detach(),
            "discriminator": loss.detach(),
        }

    def _latents(self) -> Tensor:
        return torch.randn(self.reals_per_step, self._params.latent, device=self._compute.device)
