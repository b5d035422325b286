"""The DCGAN of the examples of PyTorch, layer by layer (Radford et al. 2016), for comparison.

Strided convolutions with batch norm, weights from N(0, 0.02), a batch of 64, Adam at 0.0002, no
moving average, no augmentation.
"""

from __future__ import annotations

import itertools
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

LATENT: Final = 100
WIDTH: Final = 64
BATCH: Final = 64
LEARNING_RATE: Final = 2e-4
BETAS: Final = (0.5, 0.999)
_SPREAD: Final = 0.02


def generator() -> nn.Sequential:
    """Latents (n, 100, 1, 1) to images (n, 3, 64, 64) in -1..1."""
    layers: list[nn.Module] = [*_up(LATENT, 8 * WIDTH, stride=1, padding=0)]
    for before, after in itertools.pairwise((8 * WIDTH, 4 * WIDTH, 2 * WIDTH, WIDTH)):
        layers += _up(before, after)
    layers += [nn.ConvTranspose2d(WIDTH, 3, 4, 2, 1, bias=False), nn.Tanh()]
    return nn.Sequential(*layers).apply(_initialise)


def discriminator() -> nn.Sequential:
    """Images (n, 3, 64, 64) to logits (n,)."""
    layers: list[nn.Module] = [nn.Conv2d(3, WIDTH, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for before, after in itertools.pairwise((WIDTH, 2 * WIDTH, 4 * WIDTH, 8 * WIDTH)):
        convolution = nn.Conv2d(before, after, 4, 2, 1, bias=False)
        layers += [convolution, nn.BatchNorm2d(after), nn.LeakyReLU(0.2)]
    layers += [nn.Conv2d(8 * WIDTH, 1, 4, 1, 0, bias=False), nn.Flatten(0)]
    return nn.Sequential(*layers).apply(_initialise)


class PlainDcgan:
    """Both networks, their optimizers, and one step on a batch."""

    def __init__(self) -> None:
        torch.manual_seed(1)
        self.generator, self.discriminator = generator(), discriminator()
        self._optimizers = [
            torch.optim.Adam(network.parameters(), LEARNING_RATE, BETAS)
            for network in (self.generator, self.discriminator)
        ]

    def step(self, reals: Tensor) -> None:
        """Update the discriminator, then the generator, as the example does."""
        of_generator, of_discriminator = self._optimizers
        fakes = self.generator(torch.randn(len(reals), LATENT, 1, 1))
        loss = _entropy(self.discriminator(reals), 1) + _entropy(
            self.discriminator(fakes.detach()), 0
        )
        _update(of_discriminator, loss)
        _update(of_generator, _entropy(self.discriminator(fakes), 1))

    @torch.no_grad()
    def draw(self, latents: Tensor) -> Tensor:
        """Images for latents (n, 100), with the running statistics of batch norm."""
        self.generator.eval()
        made: Tensor = self.generator(latents[:, :, None, None])
        self.generator.train()
        return made


def _up(before: int, after: int, stride: int = 2, padding: int = 1) -> list[nn.Module]:
    convolution = nn.ConvTranspose2d(before, after, 4, stride, padding, bias=False)
    return [convolution, nn.BatchNorm2d(after), nn.ReLU()]


def _update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call] # torch leaves this method untyped
    optimizer.step()


def _entropy(logits: Tensor, label: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def _initialise(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, 0, _SPREAD)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1, _SPREAD)
