"""Progressive growing (Karras et al. 2018): networks that grow, and WatchGAN's Wasserstein loss.

Both networks are built for the final resolution at once; ``resolution`` and ``fade`` of a call say
how much of them takes part. What takes no part gets no gradient.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.core.params.train import ProganTrain
from train.compute.device import Compute
from train.networks import losses
from train.networks.conditions import ConditionShape
from train.networks.layers import BASE, SLOPE, Convolution, Dense, PixelNorm, Score, minibatch_std
from train.networks.phase import Phase, images
from train.networks.recipe import Batch, Losses, Network, Objective, Pair, Recipe

BETAS: Final = (0.0, 0.99)


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


def build(params: ProganTrain, conditions: ConditionShape) -> tuple[Generator, Discriminator]:
    """Both networks that ``params`` ask for."""
    del conditions  # neither takes any
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
            *_generator_layer(first, first),
        )
        self.blocks = nn.ModuleDict()
        self.to_rgb = nn.ModuleDict()
        for resolution in shape.resolutions:
            channels = shape.channels(resolution)
            self.to_rgb[str(resolution)] = Convolution(channels, 3, 1, gain=1.0)
            if resolution > BASE:
                self.blocks[str(resolution)] = nn.Sequential(
                    *_generator_layer(shape.channels(resolution // 2), channels),
                    *_generator_layer(channels, channels),
                )

    def forward(self, latents: Tensor, resolution: int | None = None, fade: float = 1.0) -> Tensor:
        """Images at ``resolution`` (the final one if not given), ``fade`` of the way into it."""
        resolution = resolution or self.resolution
        before = features = self.seed(latents)
        reached = BASE
        while reached < resolution:
            reached *= 2
            before, features = features, self.blocks[str(reached)](double(features))
        made: Tensor = self.to_rgb[str(resolution)](features)
        if fade >= 1:
            return made
        softer = double(self.to_rgb[str(resolution // 2)](before))
        return torch.lerp(softer, made, fade)


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
                    *_discriminator_layer(channels, channels),
                    *_discriminator_layer(channels, shape.channels(resolution // 2)),
                    nn.AvgPool2d(2),
                )
        last = shape.channels(BASE)
        self.last = nn.Sequential(
            *_discriminator_layer(last + 1, last),
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


def _generator_layer(inputs: int, outputs: int) -> list[nn.Module]:
    return [Convolution(inputs, outputs, 3), nn.LeakyReLU(SLOPE), PixelNorm()]


def _discriminator_layer(inputs: int, outputs: int) -> list[nn.Module]:
    return [Convolution(inputs, outputs, 3), nn.LeakyReLU(SLOPE)]


def total_images(params: ProganTrain) -> int:
    """Real images that the whole training shows."""
    growths = _growths(params)
    return images(params.stable_kimg) * (growths + 1) + images(params.fade_kimg) * growths


def phase_at(params: ProganTrain, images_seen: int) -> Phase:
    """The phase after ``images_seen`` real images.

    It starts with a stable period at 4 pixels; each further resolution has a fade, then a stable
    period; the last one goes on for as long as it is asked. Because the number of images decides
    all of it, a resumed training continues in the middle of a fade by itself.
    """
    fade, stable = images(params.fade_kimg), images(params.stable_kimg)
    if images_seen < stable or params.resolution == BASE:
        return Phase(BASE)
    growth, into = divmod(images_seen - stable, fade + stable)
    if growth >= _growths(params):
        return Phase(params.resolution, 1.0, 2 * _growths(params))
    resolution = BASE * 2 ** (growth + 1)
    if into < fade:
        return Phase(resolution, into / fade, 2 * growth + 1)
    return Phase(resolution, 1.0, 2 * growth + 2)


def _growths(params: ProganTrain) -> int:
    return (params.resolution // BASE).bit_length() - 1


class ProganRecipe(Recipe):
    """One critic update and one generator update a step."""

    objective = Objective.WASSERSTEIN

    def __init__(self, params: ProganTrain, compute: Compute, networks: Pair) -> None:
        super().__init__(params, compute, networks, BETAS)
        self._params = params
        self.reals_per_step = params.batch
        self.total_images = total_images(params)

    def phase_at(self, images_seen: int) -> Phase:
        """The phase after ``images_seen`` real images."""
        return phase_at(self._params, images_seen)

    def step(self, reals: Batch, phase: Phase, number: int) -> Losses:
        """One step on a batch of ``reals``, which are softened while a resolution fades in."""
        del number  # every step is alike
        critic_losses = self._update_critic(fade_reals(reals.images, phase.fade), phase)
        with self._frozen_discriminator():
            with self._autocast():
                fakes = self.generator(
                    self._latents(self.reals_per_step), phase.resolution, phase.fade
                )
                loss = -self.discriminator(fakes, phase.fade).float().mean()
            gradient = self._update(self.generator_optimizer, loss)
        return {**critic_losses, "generator": loss.detach(), "generator_gradient": gradient}

    def draw(
        self, generator: nn.Module, latents: Tensor, phase: Phase, conditions: Tensor
    ) -> Tensor:
        """Images (n, 3, r, r) at the resolution of ``phase``, faded in as far as it is."""
        del conditions  # it takes none
        fakes: Tensor = generator(latents, phase.resolution, phase.fade)
        return fakes

    def _update_critic(self, reals: Tensor, phase: Phase) -> Losses:
        def critic(judged: Tensor) -> Tensor:
            scores: Tensor = self.discriminator(judged, phase.fade)
            return scores.float()

        with self._autocast():
            with torch.no_grad():
                latents = self._latents(self.reals_per_step)
                fakes = self.generator(latents, phase.resolution, phase.fade).float()
            real_scores, fake_scores = critic(reals), critic(fakes)
            mix = torch.rand(self.reals_per_step, 1, 1, 1, device=reals.device)
            penalty = losses.gradient_penalty(critic, reals, fakes, self.compute.ranks.share(mix))
        distance = real_scores.mean() - fake_scores.mean()
        loss = (
            self._params.gradient_penalty * penalty
            + self._params.drift_penalty * losses.drift_penalty(real_scores)
            - distance
        )
        self._update(self.discriminator_optimizer, loss)
        return {
            "distance": distance.detach(),
            "gradient_penalty": penalty.detach(),
            "discriminator": loss.detach(),
        }


NETWORK: Final = Network(ProganTrain, build, ProganRecipe, first_layers=("seed",))
