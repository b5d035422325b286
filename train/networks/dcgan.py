"""ART GAN's two networks: a plain DCGAN, batch norm optional in either of them.

Layers, initialisation and padding are those of the original's Keras code: Glorot-uniform weights,
zero biases, slope 0.2, a strided convolution that pads below and to the right only, and running
statistics that move slowly. Batch norm's epsilon is torch's, smaller than Keras'.
"""

from __future__ import annotations

import itertools
from typing import Final

import torch
from torch import nn

from pipeline.core.params.train import DcganTrain

SLOPE: Final = 0.2
BASE: Final = 4
"""Side in pixels of the first feature map."""
_MOMENTUM: Final = 0.01
"""Share of each batch that enters batch norm's running statistics, as in Keras."""


def build(params: DcganTrain) -> tuple[Generator, Discriminator]:
    """Both networks that ``params`` ask for."""
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
