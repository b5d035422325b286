"""Plain residual networks of one resolution: what later work kept of progressive growing.

Each block adds what two convolutions make of its input to a resampled copy of it, so gradients
reach every depth from the first step and nothing needs to be grown (Karras et al. 2020, section
4.1, find the same). The latents scale every block's feature maps, which lets one latent number
set a colour or a texture of the whole image.

Maps are doubled by interpolation and halved by averaging, never by a strided convolution: one of
those meets odd and even pixels with weights of their own, so that even a flat field comes out as a
lattice, in the images as in the gradients that teach the generator (Odena et al. 2016).
"""

from __future__ import annotations

import itertools
import math
from typing import Final, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.core.params.train import ResidualTrain
from train.augmentation.adaptive import Strength
from train.augmentation.augmentations import NUMBERS, augment
from train.compute.device import Compute
from train.networks import losses, mismatches
from train.networks.conditions import ConditionShape, embedding_of
from train.networks.layers import BASE, SLOPE, Convolution, Dense, Score, minibatch_std, pixel_norm
from train.networks.phase import Phase, images
from train.networks.recipe import Batch, Losses, Network, Objective, Pair, Recipe

BETAS: Final = (0.0, 0.99)

_MEAN_OF_TWO: Final = math.sqrt(0.5)
"""Keeps the variance of a sum of two."""


def build(params: ResidualTrain, shape: ConditionShape) -> tuple[Generator, Discriminator]:
    """Both networks that ``params`` ask for, with layers for conditions of that ``shape``."""
    channels = [
        min(2 * params.channels_base // resolution, params.channels_max)
        for resolution in _resolutions(params.resolution)
    ]
    return (
        Generator(params.latent, channels, shape),
        Discriminator(channels[::-1], params.minibatch_std_group, shape),
    )


def _resolutions(largest: int) -> list[int]:
    return [2**power for power in range(BASE.bit_length() - 1, largest.bit_length())]


def double(features: Tensor) -> Tensor:
    """Feature maps (n, c, h, w) between which (n, c, 2h, 2w) are interpolated."""
    return functional.interpolate(features, scale_factor=2, mode="bilinear")


def halve(features: Tensor) -> Tensor:
    """Each 2 by 2 pixels become their mean."""
    return functional.avg_pool2d(features, 2)


class GeneratorBlock(nn.Module):
    """Feature maps to ones of twice the size, scaled by the style."""

    def __init__(self, inputs: int, outputs: int, style: int) -> None:
        super().__init__()
        self.first = Convolution(inputs, outputs, 3)
        self.scale = Dense(style, outputs, gain=1.0)
        self.second = Convolution(outputs, outputs, 3)
        self.shortcut = Convolution(inputs, outputs, 1, gain=1.0)

    def forward(self, features: Tensor, style: Tensor) -> Tensor:
        """(n, inputs, h, w) and (n, style) to (n, outputs, 2h, 2w)."""
        made = pixel_norm(functional.leaky_relu(double(self.first(features)), SLOPE))
        made = made * (1 + self.scale(style))[:, :, None, None]
        made = functional.leaky_relu(self.second(made), SLOPE)
        return (made + double(self.shortcut(features))) * _MEAN_OF_TWO


class Generator(nn.Module):
    """Latents (n, latent) to images (n, 3, r, r), about -1..1 and not clipped.

    Where there are conditions, an embedding of the wanted one stands beside the latents, as in
    Huang et al. 2024.
    """

    def __init__(self, latent: int, channels: list[int], shape: ConditionShape) -> None:
        """``channels``: of the feature maps of 4, 8, ... r / 2 pixels."""
        super().__init__()
        self.embedding = embedding_of(shape, latent)
        inputs = 2 * latent if shape.is_any else latent
        self.style = nn.Sequential(
            Dense(inputs, latent), nn.LeakyReLU(SLOPE), Dense(latent, latent), nn.LeakyReLU(SLOPE)
        )
        self.seed = Dense(inputs, channels[0] * BASE * BASE)
        self.blocks = nn.ModuleList(
            GeneratorBlock(before, after, latent) for before, after in itertools.pairwise(channels)
        )
        self.to_rgb = Convolution(channels[-1], 3, 3, gain=1.0)

    def forward(self, latents: Tensor, conditions: Tensor | None = None) -> Tensor:
        """Draw one image for each of ``latents``, of its row in ``conditions`` if it takes any."""
        latents = pixel_norm(latents)
        if self.embedding is not None:
            latents = torch.cat([latents, pixel_norm(self.embedding(conditions))], dim=1)
        style = self.style(latents)
        features = functional.leaky_relu(self.seed(latents), SLOPE)
        features = features.view(len(latents), -1, BASE, BASE)
        features = features.contiguous(memory_format=torch.channels_last)
        for block in self.blocks:
            features = block(features, style)
        made: Tensor = self.to_rgb(features)
        return made


class DiscriminatorBlock(nn.Module):
    """Feature maps to ones of half the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = Convolution(inputs, inputs, 3)
        self.second = Convolution(inputs, outputs, 3)
        self.shortcut = Convolution(inputs, outputs, 1, gain=1.0)

    def forward(self, features: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / 2, w / 2)."""
        made = functional.leaky_relu(self.first(features), SLOPE)
        made = functional.leaky_relu(self.second(halve(made)), SLOPE)
        shortcut: Tensor = self.shortcut(halve(features))
        return (made + shortcut) * _MEAN_OF_TWO


class Discriminator(nn.Module):
    """Images (n, 3, r, r) to one logit each, (n,); n must be a multiple of ``group``.

    Where there are conditions, the features are also projected on an embedding of the image's own
    (Miyato and Koyama 2018, equation 4).
    """

    def __init__(self, channels: list[int], group: int, shape: ConditionShape) -> None:
        """``channels``: of the feature maps of r / 2, ... 8, 4 pixels."""
        super().__init__()
        self.group = group
        self.from_rgb = Convolution(3, channels[0], 3)
        self.blocks = nn.ModuleList(
            DiscriminatorBlock(before, after) for before, after in itertools.pairwise(channels)
        )
        last = channels[-1]
        self.last = nn.Sequential(
            Convolution(last + 1, last, 3),
            nn.LeakyReLU(SLOPE),
            nn.Flatten(),
            Dense(last * BASE * BASE, last),
            nn.LeakyReLU(SLOPE),
        )
        self.score = Score(last)
        self.embedding = embedding_of(shape, last)

    def forward(self, images: Tensor, conditions: Tensor | None = None) -> Tensor:
        """Logits: above zero means real, and of its row in ``conditions`` if it takes any."""
        return self.judge(self.features(images), conditions)

    def features(self, images: Tensor) -> Tensor:
        """What is judged of ``images``, whatever they should be of: (n, c)."""
        features = functional.leaky_relu(self.from_rgb(images), SLOPE)
        for block in self.blocks:
            features = block(features)
        seen: Tensor = self.last(minibatch_std(features, self.group))
        return seen

    def judge(self, features: Tensor, conditions: Tensor | None) -> Tensor:
        """The logits (n,) of images with these `features` (n, c)."""
        scores: Tensor = self.score(features)
        if self.embedding is None:
            return scores
        along: Tensor = (features.float() * self.embedding(conditions)).sum(dim=1)
        return scores + along / math.sqrt(features.shape[1])


class Mismatches(NamedTuple):
    """How real images are judged with the condition of another one."""

    logits: Tensor
    """(n,)"""
    counts: Tensor
    """(n,), 0 where the other condition is the same."""


class ResidualRecipe(Recipe):
    """One update of the discriminator and one of the generator a step.

    A relativistic generator is compared with the real images of the same step, augmented anew;
    Huang et al. 2024 take others, which would double what is read for the same updates.
    Penalties are taken every few steps and weigh as many times more (Karras et al. 2020, section
    3.1), because their second derivatives would take half the time.
    """

    def __init__(self, params: ResidualTrain, compute: Compute, networks: Pair) -> None:
        super().__init__(params, compute, networks, BETAS)
        self._params = params
        self._judging = cast("Discriminator", self.discriminator)
        self._relativistic = params.loss == "relativistic"
        self.objective = None if self._relativistic else Objective.CROSS_ENTROPY
        self.reals_per_step = params.batch
        self.total_images = None if params.kimg is None else images(params.kimg)
        self._strength: Strength | None = None
        if params.augment_target is not None:
            ramp = images(params.augment_ramp_kimg)
            self._strength = Strength(params.augment_target, ramp, compute.device)
            self.state = {"share": self._strength.share, "signs": self._strength.signs}

    def step(self, reals: Batch, phase: Phase, number: int) -> Losses:
        """One step on a batch of ``reals``; each fake is of the condition of a real image."""
        discriminator_losses = self._update_discriminator(reals, phase, number)
        with self._frozen_discriminator():
            with self._autocast():
                latents = self._latents(self.reals_per_step)
                fakes = self.draw(self.generator, latents, phase, reals.conditions)
                fake_logits = self._logits(fakes.float(), reals.conditions)
                real_logits = torch.zeros_like(fake_logits)
                if self._relativistic:
                    real_logits = self._logits(reals.images, reals.conditions)
                loss = losses.real_loss(fake_logits - real_logits)
            gradient = self._update(self.generator_optimizer, loss)
        return {**discriminator_losses, "generator": loss.detach(), "generator_gradient": gradient}

    def draw(
        self, generator: nn.Module, latents: Tensor, phase: Phase, conditions: Tensor
    ) -> Tensor:
        """Images (n, 3, resolution, resolution); there is but one phase."""
        del phase
        fakes: Tensor = generator(latents, conditions)
        return fakes

    def _update_discriminator(self, batch: Batch, phase: Phase, number: int) -> Losses:
        every = self._params.penalty_every
        is_penalised = number % every == 0
        with self._autocast():
            with torch.no_grad():
                latents = self._latents(self.reals_per_step)
                fakes = self.draw(self.generator, latents, phase, batch.conditions).float()
            reals = batch.images.detach().requires_grad_(is_penalised)
            fakes.requires_grad_(is_penalised and self._relativistic)
            features = self._features(reals)
            real_logits = self._judged(features, batch.conditions)
            fake_logits = self._logits(fakes, batch.conditions)
            wrong = self._mismatches(features, batch)
        parts = self._losses(real_logits, fake_logits, wrong)
        penalty = torch.zeros((), device=reals.device)
        if is_penalised:
            steepness = losses.squared_gradient(real_logits, reals)
            if self._relativistic:
                steepness = steepness + losses.squared_gradient(fake_logits, fakes)
            penalty = self._params.gamma / 2 * every * steepness
        self._update(self.discriminator_optimizer, torch.stack([*parts.values(), penalty]).sum())
        measured = {name: loss.detach() for name, loss in parts.items()}
        measured["penalty"] = penalty.detach()
        if not self._relativistic:  # otherwise only differences of logits mean anything
            measured["accuracy_real"] = losses.accuracy(real_logits, real=True)
            measured["accuracy_fake"] = losses.accuracy(fake_logits, real=False)
        if self._strength is not None:
            self._strength.note(real_logits, number, self.reals_per_step, self.compute.ranks)
            measured["augmented"] = self._strength.share.clone()
        return measured

    def _mismatches(self, features: Tensor, batch: Batch) -> Mismatches | None:
        """How real images are judged with the condition of another, where that is asked."""
        if batch.others is None or not self._params.mismatched:
            return None
        counts = mismatches.differ(batch.conditions, batch.others)
        return Mismatches(self._judged(features, batch.others), counts)

    def _losses(self, real_logits: Tensor, fake_logits: Tensor, wrong: Mismatches | None) -> Losses:
        if self._relativistic:
            loss = losses.real_loss(real_logits - fake_logits)
            if wrong is not None:
                loss = mismatches.with_mismatches(loss, real_logits, *wrong)
            return {"discriminator": loss}
        of_fakes = losses.fake_loss(fake_logits)
        if wrong is not None:
            of_fakes = mismatches.with_mismatches(of_fakes, None, *wrong)
        return {"discriminator_real": losses.real_loss(real_logits), "discriminator_fake": of_fakes}

    def _logits(self, images: Tensor, conditions: Tensor) -> Tensor:
        return self._judged(self._features(images), conditions)

    def _judged(self, features: Tensor, conditions: Tensor) -> Tensor:
        logits: Tensor = self._judging.judge(features, conditions)
        return logits

    def _features(self, images: Tensor) -> Tensor:
        chances = torch.rand(self.reals_per_step, NUMBERS, device=images.device)
        share = None if self._strength is None else self._strength.share
        chances = self.compute.ranks.share(chances)
        changed = augment(images, chances, self._params.augment, share)
        features: Tensor = self._judging.features(changed)
        return features


NETWORK: Final = Network(
    ResidualTrain, build, ResidualRecipe, first_layers=("style", "seed"), style_layer="style"
)
