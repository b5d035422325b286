"""The game of the residual networks: logistic or relativistic loss with gradient penalties."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from pipeline.core.params.train import ResidualTrain
from train import losses
from train.adaptive import Strength
from train.augment import NUMBERS, augment
from train.device import Compute
from train.recipes.recipe import Batch, Losses, Recipe
from train.schedule import Stage, images

BETAS: Final = (0.0, 0.99)


class ResidualRecipe(Recipe):
    """One update of the discriminator and one of the generator a step.

    A relativistic generator is judged against the real images of the same step, augmented anew;
    Huang et al. 2024 take others, which would double what is read for the same updates.
    Penalties are taken every few steps and weigh as many times more (Karras et al. 2020, section
    3.1), because their second derivatives would take half the time.
    """

    def __init__(self, params: ResidualTrain, compute: Compute, classes: int) -> None:
        super().__init__(params, compute, betas=BETAS, classes=classes)
        self._params = params
        self._relativistic = params.loss == "relativistic"
        self.reals_per_step = params.batch
        self._strength: Strength | None = None
        if params.augment_target is not None:
            ramp = images(params.augment_ramp_kimg)
            self._strength = Strength(params.augment_target, ramp, compute.device)
            self.state = {"share": self._strength.share, "signs": self._strength.signs}

    def step(self, reals: Batch, stage: Stage, number: int) -> Losses:
        """One step on a batch of ``reals``; each drawn image is of the class of a real one."""
        found = self._judge(reals, stage, number)
        with self._frozen_discriminator():
            with self._autocast():
                latents = self._latents(self.reals_per_step)
                drawn = self.draw(self.generator, latents, stage, reals.classes)
                of_drawn = self._logits(drawn.float(), reals.classes)
                of_reals = torch.zeros_like(of_drawn)
                if self._relativistic:
                    of_reals = self._logits(*reals)
                loss = losses.called_real(of_drawn - of_reals)
            gradient = self._update(self.generator_optimizer, loss)
        return {**found, "generator": loss.detach(), "generator_gradient": gradient}

    def draw(self, generator: nn.Module, latents: Tensor, stage: Stage, classes: Tensor) -> Tensor:
        """Images (n, 3, resolution, resolution); there is but one stage."""
        del stage
        images: Tensor = generator(latents, classes)
        return images

    def _judge(self, batch: Batch, stage: Stage, number: int) -> Losses:
        every = self._params.penalty_every
        is_penalised = number % every == 0
        with self._autocast():
            with torch.no_grad():
                latents = self._latents(self.reals_per_step)
                drawn = self.draw(self.generator, latents, stage, batch.classes).float()
            reals = batch.images.detach().requires_grad_(is_penalised)
            drawn.requires_grad_(is_penalised and self._relativistic)
            of_reals, of_drawn = (self._logits(each, batch.classes) for each in (reals, drawn))
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
        if self._strength is not None:
            self._strength.note(of_reals, number, self.reals_per_step, self.compute.ranks)
            found["augmented"] = self._strength.share.clone()
        return found

    def _losses(self, of_reals: Tensor, of_drawn: Tensor) -> Losses:
        if self._relativistic:
            return {"discriminator": losses.called_real(of_reals - of_drawn)}
        return {
            "discriminator_real": losses.called_real(of_reals),
            "discriminator_drawn": losses.called_drawn(of_drawn),
        }

    def _logits(self, images: Tensor, classes: Tensor) -> Tensor:
        chance = torch.rand(self.reals_per_step, NUMBERS, device=images.device)
        share = None if self._strength is None else self._strength.share
        chance = self.compute.ranks.share(chance)
        changed = augment(images, chance, self._params.augment, share)
        logits: Tensor = self.discriminator(changed, classes)
        return logits
