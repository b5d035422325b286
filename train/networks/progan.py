"""The two networks of progressive growing (Karras et al. 2018, appendix A.1).

Both are built for the final resolution at once; ``resolution`` and ``fade`` of a call say how
much of them takes part. What takes no part gets no gradient.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.core.params.train import ProganTrain
from train.networks.equalised import (
    BASE,
    SLOPE,
    Convolution,
    Dense,
    PixelNorm,
    Score,
    minibatch_std,
)


@dataclass(frozen=True)
class Shape:
    """What fixes the size of both networks."""

    resolution: int
    latent: int
    channels_base: int
    channels_max: int

    def channels(self, resolution: int) -> int:
        """Channels of the feature maps at that resolution."""
        return min(2 * self.channels_base // resolution, self.channels_max)

    @property
    def resolutions(self) -> list[int]:
        """4, 8, ... up to the final one."""
        return [2**power for power in range(2, self.resolution.bit_length())]


def build(params: ProganTrain) -> tuple[Generator, Discriminator]:
    """Both networks that ``params`` ask for."""
    shape = Shape(params.resolution, params.latent, params.channels_base, params.channels_max)
    return Generator(shape), Discriminator(shape, params.minibatch_std_group)


class Seed(nn.Module):
    """Latents to the first feature maps: dense, one bias a channel."""

    def __init__(self, latent: int, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels * BASE * BASE, latent))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.scale = math.sqrt(2) / 4 / math.sqrt(latent)

    def forward(self, latents: Tensor) -> Tensor:
        """(n, latent) to (n, channels, 4, 4)."""
        maps = functional.linear(latents, self.weight * self.scale)
        return maps.view(len(latents), -1, BASE, BASE) + self.bias.view(1, -1, 1, 1)


def double(images: Tensor) -> Tensor:
    """Each pixel becomes 2 by 2."""
    return functional.interpolate(images, scale_factor=2, mode="nearest")


def halve(images: Tensor) -> Tensor:
    """Each 2 by 2 pixels become their mean."""
    return functional.avg_pool2d(images, 2)


def fade_reals(images: Tensor, fade: float) -> Tensor:
    """Real images as soft as a generator that is ``fade`` (0..1) of the way into a resolution."""
    return images if fade >= 1 else torch.lerp(double(halve(images)), images, fade)


class Generator(nn.Module):
    """Latents (n, latent) to images (n, 3, r, r), about -1..1 and not clipped."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        first = shape.channels(BASE)
        self.resolution = shape.resolution
        self.seed = nn.Sequential(
            PixelNorm(),
            Seed(shape.latent, first),
            nn.LeakyReLU(SLOPE),
            PixelNorm(),
            *_drawing_layer(first, first),
        )
        self.blocks = nn.ModuleDict()
        self.to_rgb = nn.ModuleDict()
        for resolution in shape.resolutions:
            channels = shape.channels(resolution)
            self.to_rgb[str(resolution)] = Convolution(channels, 3, 1, gain=1.0)
            if resolution > BASE:
                self.blocks[str(resolution)] = nn.Sequential(
                    *_drawing_layer(shape.channels(resolution // 2), channels),
                    *_drawing_layer(channels, channels),
                )

    def forward(self, latents: Tensor, resolution: int | None = None, fade: float = 1.0) -> Tensor:
        """Images at ``resolution`` (the final one if not given), ``fade`` of the way into it."""
        resolution = resolution or self.resolution
        before = features = self.seed(latents)
        reached = BASE
        while reached < resolution:
            reached *= 2
            before, features = features, self.blocks[str(reached)](double(features))
        images: Tensor = self.to_rgb[str(resolution)](features)
        if fade >= 1:
            return images
        softer = double(self.to_rgb[str(resolution // 2)](before))
        return torch.lerp(softer, images, fade)


class Discriminator(nn.Module):
    """Images (n, 3, r, r) to one score each, (n,); n must be a multiple of ``group``."""

    def __init__(self, shape: Shape, group: int) -> None:
        super().__init__()
        self.group = group
        self.blocks = nn.ModuleDict()
        self.from_rgb = nn.ModuleDict()
        for resolution in shape.resolutions:
            channels = shape.channels(resolution)
            self.from_rgb[str(resolution)] = nn.Sequential(
                Convolution(3, channels, 1), nn.LeakyReLU(SLOPE)
            )
            if resolution > BASE:
                self.blocks[str(resolution)] = nn.Sequential(
                    *_judging_layer(channels, channels),
                    *_judging_layer(channels, shape.channels(resolution // 2)),
                    nn.AvgPool2d(2),
                )
        last = shape.channels(BASE)
        self.last = nn.Sequential(
            *_judging_layer(last + 1, last),
            nn.Flatten(),
            Dense(last * BASE * BASE, last),
            nn.LeakyReLU(SLOPE),
        )
        self.score = Score(last)

    def forward(self, images: Tensor, fade: float = 1.0) -> Tensor:
        """Scores of images that are ``fade`` of the way into their resolution."""
        reached = images.shape[-1]
        features: Tensor = self.from_rgb[str(reached)](images)
        if fade < 1:
            finer = self.blocks[str(reached)](features)
            reached //= 2
            softer = self.from_rgb[str(reached)](halve(images))
            features = torch.lerp(softer, finer, fade)
        while reached > BASE:
            features = self.blocks[str(reached)](features)
            reached //= 2
        scores: Tensor = self.score(self.last(minibatch_std(features, self.group)))
        return scores


def _drawing_layer(inputs: int, outputs: int) -> list[nn.Module]:
    return [Convolution(inputs, outputs, 3), nn.LeakyReLU(SLOPE), PixelNorm()]


def _judging_layer(inputs: int, outputs: int) -> list[nn.Module]:
    return [Convolution(inputs, outputs, 3), nn.LeakyReLU(SLOPE)]
