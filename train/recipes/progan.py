"""WatchGAN's game: a growing critic and generator, Wasserstein loss with gradient penalty."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from pipeline.core.params.train import ProganTrain
from train import losses
from train.device import Compute
from train.networks.progan import fade_reals
from train.recipes.recipe import Batch, Losses, Recipe
from train.schedule import Stage

BETAS: Final = (0.0, 0.99)


class ProganRecipe(Recipe):
    """One critic update and one generator update a step (Karras et al. 2018)."""

    def __init__(self, params: ProganTrain, compute: Compute) -> None:
        super().__init__(params, compute, betas=BETAS)
        self._params = params
        self.reals_per_step = params.batch

    def step(self, reals: Batch, stage: Stage, number: int) -> Losses:
        """One step on a batch of ``reals``, which are softened while a stage fades in."""
        del number  # every step is alike
        found = self._judge(fade_reals(reals.images, stage.fade), stage)
        with self._frozen_discriminator():
            with self._autocast():
                drawn = self.generator(
                    self._latents(self.reals_per_step), stage.resolution, stage.fade
                )
                loss = -self.discriminator(drawn, stage.fade).float().mean()
            gradient = self._update(self.generator_optimizer, loss)
        return {**found, "generator": loss.detach(), "generator_gradient": gradient}

    def draw(self, generator: nn.Module, latents: Tensor, stage: Stage, classes: Tensor) -> Tensor:
        """Images (n, 3, r, r) at the resolution of ``stage``, faded in as far as it is."""
        del classes  # there is none
        images: Tensor = generator(latents, stage.resolution, stage.fade)
        return images

    def _judge(self, reals: Tensor, stage: Stage) -> Losses:
        def critic(images: Tensor) -> Tensor:
            scores: Tensor = self.discriminator(images, stage.fade)
            return scores.float()

        with self._autocast():
            with torch.no_grad():
                latents = self._latents(self.reals_per_step)
                drawn = self.generator(latents, stage.resolution, stage.fade).float()
            real_scores, drawn_scores = critic(reals), critic(drawn)
            mix = torch.rand(self.reals_per_step, 1, 1, 1, device=reals.device)
            penalty = losses.gradient_penalty(critic, reals, drawn, self.compute.ranks.share(mix))
        distance = real_scores.mean() - drawn_scores.mean()
        loss = (
            self._params.gradient_penalty * penalty
            + self._params.drift_penalty * losses.drift(real_scores)
            - distance
        )
        self._update(self.discriminator_optimizer, loss)
        return {
            "distance": distance.detach(),
            "gradient_penalty": penalty.detach(),
            "discriminator": loss.detach(),
        }
