"""A U-Net that makes pictures, and a discriminator that judges them patch by patch.

Isola et al. 2017, sections 3.2.1 and 3.2.2; Zhu et al. 2017 have the same discriminator.
Layers have equalised learning rates and are normalised pixel by pixel; maps are halved by averaging
and doubled by interpolation, as in `train.networks.residual` and for its reasons. There is no
dropout: the same input gives the same picture.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.core.params.translation import Translation
from train.networks.layers import BASE, SLOPE, Convolution, pixel_norm
from train.networks.residual import double, halve
from train.translation.tasks import Task


def generator_for(params: Translation, task: Task) -> Generator:
    """The network that ``params`` ask for, with first weights as torch's random numbers say."""
    return Generator(task, _widths(params, (params.resolution // BASE).bit_length() - 1))


def discriminator_for(params: Translation, inputs: int) -> PatchDiscriminator:
    """The same of a discriminator that sees so many channels."""
    return PatchDiscriminator(inputs, _widths(params, params.patch_halvings))


def _widths(params: Translation, halvings: int) -> list[int]:
    return [min(params.channels << depth, params.channels_max) for depth in range(halvings + 1)]


class Layer(nn.Module):
    """A convolution, its slope and its norm."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolution = Convolution(inputs, outputs, 3)

    def forward(self, features: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h, w)."""
        return pixel_norm(functional.leaky_relu(self.convolution(features), SLOPE))


class Generator(nn.Module):
    """Inputs (n, c, r, r) of a task in -1..1 to pictures (n, 3, r, r), about -1..1, not clipped.

    On its way down each map is put aside, and on the way up it is laid beside the doubled one. The
    network says what to add to the task's trivial guess (as Kim et al. 2016 do to enlarge), at
    first nothing, and known pixels stay.
    """

    def __init__(self, task: Task, widths: list[int]) -> None:
        """``widths``: channels of the maps of r, r / 2, ... 4 pixels."""
        super().__init__()
        self._task = task
        self.first = Layer(task.channels, widths[0])
        steps = list(itertools.pairwise(widths))
        self.down = nn.ModuleList(Layer(before, after) for before, after in steps)
        self.up = nn.ModuleList(Layer(below + beside, beside) for beside, below in steps[::-1])
        self.to_rgb = Convolution(widths[0], 3, 3, gain=1.0)
        nn.init.zeros_(self.to_rgb.weight)

    def forward(self, inputs: Tensor) -> Tensor:
        """The picture of each of ``inputs``."""
        features = self.first(inputs)
        aside = []
        for layer in self.down:
            aside.append(features)
            features = layer(halve(features))
        for layer in self.up:
            features = layer(torch.cat([double(features), aside.pop()], dim=1))
        added: Tensor = self.to_rgb(features)
        return self._task.completed(inputs, self._task.guess(inputs) + added.float())


class PatchDiscriminator(nn.Module):
    """Pictures to a map of logits, one for each patch of `receptive_field` pixels."""

    def __init__(self, inputs: int, widths: list[int]) -> None:
        """``inputs``: channels that it sees; ``widths``: of the maps of r, r / 2, ... pixels."""
        super().__init__()
        self.receptive_field = receptive_field(len(widths) - 1)
        self.first = Convolution(inputs, widths[0], 3)
        steps = itertools.pairwise(widths)
        self.down = nn.ModuleList(Convolution(before, after, 3) for before, after in steps)
        self.score = Convolution(widths[-1], 1, 3, gain=1.0)

    def forward(self, *seen: Tensor) -> Tensor:
        """Logits (n, 1, h, w) of what is ``seen`` (n, c, r, r) together: large where it is real."""
        features = self.first(torch.cat([each.to(seen[0].dtype) for each in seen], dim=1))
        features = functional.leaky_relu(features, SLOPE)
        for convolution in self.down:
            features = halve(functional.leaky_relu(convolution(features), SLOPE))
        # In 16 bits small differences would be rounded away, as in `train.networks.layers.Score`.
        with torch.autocast(features.device.type, enabled=False):
            logits: Tensor = self.score(features.float())
        return logits


def receptive_field(halvings: int) -> int:
    """Side in pixels of what one logit sees.

    >>> [receptive_field(halvings) for halvings in range(5)]
    [5, 10, 20, 40, 80]
    """
    field, pitch = 3, 1
    for _ in range(halvings):
        field += 2 * pitch  # a convolution of 3 by 3
        field += pitch  # the mean of 2 by 2
        pitch *= 2
    return field + 2 * pitch
