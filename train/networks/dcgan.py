"""ART GAN's DCGAN: batch norm optional in either network, cross entropy, half batches.

Layers, initialisation and padding are those of the original's Keras code: Glorot-uniform weights,
zero biases, slope 0.2, a strided convolution that pads below and to the right only, and running
statistics that move slowly. Batch norm's epsilon is torch's, smaller than Keras'.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch
from torch import Tensor, nn

from pipeline.core.params.train import DcganTrain
from train.compute.device import Compute
from train.networks import losses
from train.networks.conditions import ConditionShape
from train.networks.phase import Phase, images
from train.networks.recipe import Batch, Losses, Network, Objective, Pair, Recipe

BETAS: Final = (0.5, 0.999)
SLOPE: Final = 0.2
BASE: Final = 4
"""Side in pixels of the first feature map."""
_MOMENTUM: Final = 0.01
"""Share of each batch that enters batch norm's running statistics, as in Keras."""


def build(params: DcganTrain, shape: ConditionShape) -> tuple[Generator, Discriminator]:
    """Both networks that ``params`` ask for."""
    del shape  # neither takes conditions
    generator = Generator(
        latent=params.latent,
        width=params.width,
        resolution=params.resolution,
        batch_norm=params.generator_batch_norm,
    )
    discriminator = Discriminator(
        width=params.width,
        resolution=params.resolution,
        batch_norm=params.discriminator_batch_norm,
        dropout=params.dropout,
    )
    return generator, discriminator


class Generator(nn.Sequential):
    """Latents (n, latent) to images (n, 3, resolution, resolution) in -1..1."""

    def __init__(self, *, latent: int, width: int, resolution: int, batch_norm: bool) -> None:
        doublings = (resolution // BASE).bit_length() - 1
        channels = [2 * width] + [width] * doublings
        layers: list[nn.Module] = [
            nn.Linear(latent, channels[0] * BASE * BASE),
            nn.LeakyReLU(SLOPE),
            nn.Unflatten(1, (channels[0], BASE, BASE)),
        ]
        for before, after in itertools.pairwise(channels):
            layers.append(nn.ConvTranspose2d(before, after, 4, stride=2, padding=1))
            layers += [_batch_norm(after)] if batch_norm else []
            layers.append(nn.LeakyReLU(SLOPE))
        layers += [nn.Conv2d(width, 3, 3, padding=1), nn.Tanh()]
        super().__init__(*layers)
        self.apply(_initialise)


class Discriminator(nn.Sequential):
    """Images (n, 3, resolution, resolution) in -1..1 to one logit each, (n,)."""

    def __init__(self, *, width: int, resolution: int, batch_norm: bool, dropout: float) -> None:
        channels = [width, 2 * width, 2 * width, 4 * width]
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.LeakyReLU(SLOPE)]
        for before, after in itertools.pairwise(channels):
            # Keras' "same" for a stride of two.
            layers += [nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(before, after, 3, stride=2)]
            layers += [_batch_norm(after)] if batch_norm else []
            layers.append(nn.LeakyReLU(SLOPE))
        side = resolution // 2 ** (len(channels) - 1)
        layers += [
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(channels[-1] * side * side, 1),
            nn.Flatten(0),
        ]
        super().__init__(*layers)
        self.apply(_initialise)


def _batch_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, momentum=_MOMENTUM)


@torch.no_grad()
def _initialise(layer: nn.Module) -> None:
    if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


class DcganRecipe(Recipe):
    """The discriminator learns real and fake images in two updates, then the generator in one."""

    objective = Objective.CROSS_ENTROPY

    def __init__(self, params: DcganTrain, compute: Compute, networks: Pair) -> None:
        super().__init__(params, compute, networks, BETAS)
        self._freezes_batch_norm = params.freeze_discriminator_batch_norm
        self.reals_per_step = params.batch // 2
        self.total_images = None if params.kimg is None else images(params.kimg)

    def step(self, reals: Batch, phase: Phase, number: int) -> Losses:
        """One step on half a batch of ``reals``, as many fakes, and a batch of fakes."""
        del phase, number  # every step is alike
        with self._autocast():
            real_logits = self.discriminator(reals.images)
            real_loss = losses.real_loss(real_logits)
        self._update(self.discriminator_optimizer, real_loss)

        with self._autocast():
            with torch.no_grad():
                fakes = self.generator(self._latents(self.reals_per_step))
            fake_logits = self.discriminator(fakes)
            fake_loss = losses.fake_loss(fake_logits)
        self._update(self.discriminator_optimizer, fake_loss)

        with self._frozen_discriminator(), self._as_the_generator_meets_it(), self._autocast():
            fakes = self.generator(self._latents(2 * self.reals_per_step))
            generator_loss = losses.real_loss(self.discriminator(fakes))
            gradient = self._update(self.generator_optimizer, generator_loss)
        return {
            "discriminator_real": real_loss.detach(),
            "discriminator_fake": fake_loss.detach(),
            "generator": generator_loss.detach(),
            "accuracy_real": losses.accuracy(real_logits, real=True),
            "accuracy_fake": losses.accuracy(fake_logits, real=False),
            "generator_gradient": gradient,
        }

    def draw(
        self, generator: nn.Module, latents: Tensor, phase: Phase, conditions: Tensor
    ) -> Tensor:
        """Images (n, 3, resolution, resolution); there is but one phase, and no class."""
        del phase, conditions
        fakes: Tensor = generator(latents)
        return fakes

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


NETWORK: Final = Network(DcganTrain, build, DcganRecipe)
