"""Layers with equalised learning rate, and what goes with them (Karras et al. 2018, section 4).

Weights are drawn from N(0, 1) and multiplied by gain / sqrt(fan-in) at run time, so that Adam's
steps have the same relative size in every layer.
"""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE: Final = 0.2
BASE: Final = 4
"""Side in pixels of the smallest feature maps."""
EPSILON: Final = 1e-8
_GAIN: Final = math.sqrt(2)


class Convolution(nn.Module):
    """A convolution (odd kernel) that keeps the size."""

    def __init__(self, inputs: int, outputs: int, kernel: int, gain: float = _GAIN) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = gain / math.sqrt(inputs * kernel * kernel)
        self.padding = kernel // 2

    def forward(self, images: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h, w)."""
        return functional.conv2d(images, self.weight * self.scale, self.bias, padding=self.padding)


class Dense(nn.Module):
    """A fully connected layer."""

    def __init__(self, inputs: int, outputs: int, gain: float = _GAIN) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = gain / math.sqrt(inputs)

    def forward(self, features: Tensor) -> Tensor:
        """(n, inputs) to (n, outputs)."""
        return functional.linear(features, self.weight * self.scale, self.bias)


class Score(Dense):
    """The last layer of a judge: one number for each image, always in 32 bits.

    In 16 bits the pull of small penalties would be rounded away.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__(inputs, 1, gain=1.0)

    def forward(self, features: Tensor) -> Tensor:
        """(n, inputs) to (n,)."""
        with torch.autocast(features.device.type, enabled=False):
            return super().forward(features.float()).flatten()


class PixelNorm(nn.Module):
    """`pixel_norm` as a layer."""

    def forward(self, features: Tensor) -> Tensor:
        """(n, c, ...) to the same."""
        return pixel_norm(features)


def pixel_norm(features: Tensor) -> Tensor:
    """Each pixel's channels divided by their root mean square (section 4.2)."""
    power = features.float().square().mean(dim=1, keepdim=True)
    return features * (power + EPSILON).rsqrt().to(features.dtype)


def minibatch_std(features: Tensor, group: int) -> Tensor:
    """Append one channel: how much the images of a group differ (section 3).

    Images i, i + n/group, i + 2n/group, ... form a group.
    """
    images, channels, height, width = features.shape
    grouped = features.float().view(group, images // group, channels, height, width)
    spread = (grouped.var(dim=0, correction=0) + EPSILON).sqrt().mean(dim=(1, 2, 3))
    channel = spread.repeat(group).view(images, 1, 1, 1).expand(images, 1, height, width)
    return torch.cat([features, channel.to(features.dtype)], dim=1)
