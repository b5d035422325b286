"""The two super-resolution networks of Real-ESRGAN (Wang et al. 2021), fourfold.

Images are RGB in 0..1, (n, 3, h, w) to (n, 3, 4h, 4w).
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE: Final = 0.2
RESIDUAL: Final = 0.2
FEATURES: Final = 64
GROWTH: Final = 32


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees what all before it made."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            _convolution(FEATURES + GROWTH * before, GROWTH if before < 4 else FEATURES)
            for before in range(5)
        )

    def forward(self, features: Tensor) -> Tensor:
        """(n, 64, h, w) to the same."""
        made = features
        for convolution in self.convolutions[:-1]:
            new = functional.leaky_relu(convolution(made), SLOPE)
            made = torch.cat([made, new], dim=1)
        detail: Tensor = self.convolutions[-1](made)
        return features + RESIDUAL * detail


class ResidualDenseBlock(nn.Module):
    """Three dense blocks around which the input passes."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(DenseBlock(), DenseBlock(), DenseBlock())

    def forward(self, features: Tensor) -> Tensor:
        """(n, 64, h, w) to the same."""
        detail: Tensor = self.blocks(features)
        return features + RESIDUAL * detail


class RrdbNet(nn.Module):
    """Residual in residual dense blocks, then two doublings: sharp and slow."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.first = _convolution(3, FEATURES)
        self.blocks = nn.Sequential(*(ResidualDenseBlock() for _ in range(blocks)))
        self.body = _convolution(FEATURES, FEATURES)
        self.doublings = nn.ModuleList(_convolution(FEATURES, FEATURES) for _ in range(2))
        self.last = nn.Sequential(
            _convolution(FEATURES, FEATURES), nn.LeakyReLU(SLOPE), _convolution(FEATURES, 3)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Images four times as wide and high."""
        features = self.first(images)
        features = features + self.body(self.blocks(features))
        for convolution in self.doublings:
            larger = functional.interpolate(features, scale_factor=2, mode="nearest")
            features = functional.leaky_relu(convolution(larger), SLOPE)
        enlarged: Tensor = self.last(features)
        return enlarged


class CompactNet(nn.Module):
    """A plain chain of convolutions that adds detail to the repeated pixels: fast."""

    def __init__(self, convolutions: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [_convolution(3, FEATURES), nn.PReLU(FEATURES)]
        for _ in range(convolutions):
            layers += [_convolution(FEATURES, FEATURES), nn.PReLU(FEATURES)]
        self.chain = nn.Sequential(*layers, _convolution(FEATURES, 3 * 4 * 4), nn.PixelShuffle(4))

    def forward(self, images: Tensor) -> Tensor:
        """Images four times as wide and high."""
        detail: Tensor = self.chain(images)
        return detail + functional.interpolate(images, scale_factor=4, mode="nearest")


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)
