"""The game of the residual networks: logistic or relativistic loss with gradient penalties."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from pipeline.core.params.train import ResidualTrain
from train import losses
from train.augment import NUMBERS, augment
from train.device import Compute
from train.recipes.recipe import Losses, Recipe
from train.schedule import Stage

BETAS: Final = (0.0, 0.99)


class ResidualRecipe(Recipe):
    """One update of the discriminator and one of the generator a step.

    Penalties are taken every few steps and weigh as many times more (Karras et al. 2020, section
    3.1), because their second derivatives would take half the time.
    """

    def __init__(self, params: ResidualTrain, compute: Compute) -> None:
        super().__init__(params, compute, betas=BETAS)
        self._params = params
        self._relativistic = params.loss == "relativistic"
        self.reals_per_step = params.batch

    def step(self, reals: Tensor, stage: Stage, number: int) -> Losses:
        """One step on ``reals`` (batch, 3, r, r)."""
        found = self._judge(reals, stage, number)
        with self._frozen_discriminator():
            with self._autocast():
                drawn = self.draw(self.generator, self._latents(self.reals_per_step), stage)
                of_drawn = self._logits(drawn.float())
                of_reals = self._logits(reals) if self._relativistic else torch.zeros_like(of_drawn)
                loss = losses.called_real(of_drawn - of_reals)
            gradient = self._update(self.generator_optimizer, loss)
        return {**found, "generator": loss.detach(), "generator_gradient": gradient}

    def draw(self, generator: nn.Module, latents: Tensor, stage: Stage) -> Tensor:
        """Images (n, 3, resolution, resolution); there is but one stage."""
        del stage
        images: Tensor = generator(latents)
        return images

    def _judge(self, reals: Tensor, stage: Stage, number: int) -> Losses:
        every = self._params.penalty_every
        is_penalised = number % every == 0
        with self._autocast():
            with torch.no_grad():
                latents = self._latents(self.reals_per_step)
                drawn = self.draw(self.generator, latents, stage).float()
            reals = reals.detach().requires_grad_(is_penalised)
            drawn.requires_grad_(is_penalised and self._relativistic)
            of_reals, of_drawn = self._logits(reals), self._logits(drawn)
        parts = self._losses(of_reals, of_drawn)
        penalty = torch.zeros((), device=reals.device)
        if is_penalised:
            steepness = losses.squared_slope(of_reals, reals)
            if self._relativistic:
                steepness = steepness + losses.squared_slope(of_drawn, drawn)
            penalty = self._params.gamma / 2 * every * steepness
        self._update(self.discriminator_optimizer, torch.stack([*parts.values(), penalty]).sum())
        found = {name: loss.detach() for name, loss in parts.items()}
        found["penalty"] = penalty.detach()
        if not self._relativistic:  # otherwise only differences of logits mean anything
            found["accuracy_real"] = losses.share_right(of_reals, real=True)
            found["accuracy_drawn"] = losses.share_right(of_drawn, real=False)
        return found

    def _losses(self, of_reals: Tensor, of_drawn: Tensor) -> Losses:
        if self._relativistic:
            return {"discriminator": losses.called_real(of_reals - of_drawn)}
        return {
            "discriminator_real": losses.called_real(of_reals),
            "discriminator_drawn": losses.called_drawn(of_drawn),
        }

    def _logits(self, images: Tensor) -> Tensor:
        chance = torch.rand(self.reals_per_step, NUMBERS, device=images.device)
        changed = augment(images, self.compute.ranks.share(chance), self._params.augment)
        logits: Tensor = self.discriminator(changed)
        return logits
