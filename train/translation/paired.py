"""The game of pairs (Isola et al. 2017): near to the truth, and not to be told from it by patches.

What this module imports is what the weights depend on, as with `train.loop.step`.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from pipeline.core.params.translation import PairedTranslation
from train.compute.device import Compute
from train.networks import losses
from train.networks.phase import Phase
from train.networks.recipe import Batch, Losses
from train.translation.game import TranslationGame
from train.translation.networks import (
    Generator,
    PatchDiscriminator,
    discriminator_for,
    generator_for,
)
from train.translation.tasks import TASKS

BETAS: Final = (0.5, 0.999)


def build(params: PairedTranslation) -> tuple[Generator, PatchDiscriminator]:
    """Both networks that ``params`` ask for."""
    task = TASKS[params.task]
    return generator_for(params, task), discriminator_for(params, task.channels + 3)


class PairedGame(TranslationGame):
    """One update of the discriminator and one of the generator a step (section 3.3).

    The generator's loss is ``adversarial_weight`` times the cross entropy of its patches against
    "real" plus ``l1_weight`` times the mean distance from the truth (equation 4); that of the
    discriminator is halved, which slows it down.

    No rule of the monitor judges the losses: the generator learns by the truth even where the
    discriminator is always right.
    """

    def __init__(self, params: PairedTranslation, compute: Compute) -> None:
        """With first weights as ``params.seed`` draws them."""
        torch.manual_seed(params.seed)
        super().__init__(params, TASKS[params.task], compute, build(params), BETAS)
        self._params = params

    def step(self, reals: Batch, phase: Phase, number: int) -> Losses:
        """One step on a batch of pairs, which are made of ``reals``."""
        del phase, number  # every step is alike
        inputs = self.inputs(reals.images, reals.ids)
        measured: Losses = {}
        with self._autocast():
            made = self.generator(inputs)
        if self._params.adversarial_weight:
            measured |= self._update_discriminator(inputs, reals.images, made.detach())
        return measured | self._update_generator(inputs, reals.images, made)

    def _update_discriminator(self, inputs: Tensor, truth: Tensor, made: Tensor) -> Losses:
        with self._autocast():
            real_logits = self.discriminator(inputs, truth)
            fake_logits = self.discriminator(inputs, made)
        real_loss, fake_loss = losses.real_loss(real_logits), losses.fake_loss(fake_logits)
        self._update(self.discriminator_optimizer, (real_loss + fake_loss) / 2)
        return {
            "discriminator_real": real_loss.detach(),
            "discriminator_fake": fake_loss.detach(),
            "accuracy_real": losses.accuracy(real_logits, real=True),
            "accuracy_fake": losses.accuracy(fake_logits, real=False),
        }

    def _update_generator(self, inputs: Tensor, truth: Tensor, made: Tensor) -> Losses:
        l1 = (made.float() - truth).abs().mean()
        loss = self._params.l1_weight * l1
        measured = {"l1": l1.detach()}
        with self._frozen_discriminator():
            if self._params.adversarial_weight:
                with self._autocast():
                    adversarial = losses.real_loss(self.discriminator(inputs, made))
                loss = loss + self._params.adversarial_weight * adversarial
                measured["generator"] = adversarial.detach()
            gradient = self._update(self.generator_optimizer, loss)
        return measured | {"generator_gradient": gradient}
