"""What the loop asks of a network, and what all of them share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from pipeline.core.params.train import LoopParams, Train
from train.compute.device import Compute
from train.compute.seeds import Purpose, latents
from train.networks.conditions import ConditionShape
from train.networks.phase import Phase

Losses = dict[str, Tensor]
"""Numbers of one step by name: scalars on the device, cut from the graph of gradients."""

Pair = tuple[nn.Module, nn.Module]
"""Generator and discriminator."""

BATCH_NORM_LATENTS: Final = 512
"""Fakes from which the average's batch norm is measured."""


@dataclass(frozen=True)
class Network:
    """What a module of this folder registers: `train.networks.registry` lists them."""

    params: type[Train]
    build: Callable[[Any, ConditionShape], Pair]
    """Both networks with first weights that the params ask for, for conditions of that shape."""
    recipe: Callable[[Any, Compute, Pair], Recipe]
    first_layers: tuple[str, ...] = ()
    """Parts of a generator that normalises its latents which alone see these: truncation draws
    what they make to its mean."""
    style_layer: str | None = None
    """Part of the generator that makes what colours and textures a picture has, if one does."""


class Batch(NamedTuple):
    """This process's share of the real images of one step."""

    images: Tensor
    """(n, 3, r, r) in -1..1."""
    conditions: Tensor
    """What each image is of: (n,), the place of its class, or (n, k), its vector."""
    ids: Tensor
    """(n,): a number that follows from each image's bytes, the same for all its variants."""
    targets: Tensor | None = None
    """(n, 3, r, r): as many of a second collection, where the subject has one."""
    others: Tensor | None = None
    """(n, k): for each image the vector of another one of the step, where images have vectors."""


class Objective(Enum):
    """What a recipe's losses are, and by which names the monitor finds them in the history."""

    CROSS_ENTROPY = auto()
    """``discriminator_real``, ``discriminator_fake`` and ``generator`` are cross entropies, and
    ``accuracy_real`` and ``accuracy_fake`` say how often the discriminator is right."""
    WASSERSTEIN = auto()
    """``distance`` is the critic's, ``gradient_penalty`` (|slope| - 1)^2."""


class Game(ABC):
    """Two networks, their optimizers, and one step of the game between them.

    This is all that the loop knows: `Recipe` are games that draw pictures from latents, those of
    `train.translation` make pictures from pictures.
    """

    objective: Objective | None = None
    """None: losses of another kind, such as least squares; they are plotted, and none is taken for
    a sign of failure."""
    reals_per_step: int
    """Real images in one step, over all processes."""
    total_images: int | None
    """Real images that the whole training shows; None: as many as there is time for."""

    def __init__(
        self,
        params: LoopParams,
        resolution: int,
        compute: Compute,
        networks: Pair,
        betas: tuple[float, float],
    ) -> None:
        """Place ``networks`` on the device; ``betas`` are Adam's, for both."""
        self.compute = compute
        self.state: dict[str, Tensor] = {}
        """What else goes from step to step, changed in place; checkpoints hold it."""
        self.resolution = resolution
        self.generator, self.discriminator = networks
        compute.place(self.generator)
        compute.place(self.discriminator)
        self.generator_optimizer: torch.optim.Optimizer = torch.optim.Adam(
            self.generator.parameters(), params.learning_rate, betas, fused=True
        )
        self.discriminator_optimizer: torch.optim.Optimizer = torch.optim.Adam(
            self.discriminator.parameters(), params.learning_rate, betas, fused=True
        )

    @abstractmethod
    def step(self, reals: Batch, phase: Phase, number: int) -> Losses:
        """Update both networks with this process's share of ``reals_per_step`` real images.

        ``number`` counts the steps before this one. Whatever is random comes from torch's global
        generator, which the loop seeds, and is drawn for the whole batch.
        """

    def calibration(self) -> Tensor | None:
        """Inputs (n, ...) from which the average's batch norm is measured; None: it has none."""
        return None

    def phase_at(self, images_seen: int) -> Phase:
        """The phase after ``images_seen`` real images; nothing else may decide it."""
        del images_seen  # a network that does not grow has one phase
        return Phase(self.resolution)

    def networks(self) -> dict[str, nn.Module]:
        """Both networks by name."""
        return {"generator": self.generator, "discriminator": self.discriminator}

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Both optimizers by name."""
        return {
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }

    def scale_learning_rates(self, share: float) -> None:
        """Set both learning rates to a ``share`` of what the params say."""
        for optimizer in (self.generator_optimizer, self.discriminator_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = optimizer.defaults["lr"] * share

    def _update(self, optimizer: torch.optim.Optimizer, loss: Tensor) -> Tensor:
        """Step ``optimizer`` down the gradient of ``loss``, a scalar; the gradient's length."""
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves this method untyped
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        self.compute.ranks.average(gradients)
        optimizer.step()
        length: Tensor = torch.stack(torch._foreach_norm(gradients)).norm()
        return length

    @contextmanager
    def _frozen_discriminator(self) -> Iterator[None]:
        """Gradients pass through the discriminator, but none is kept for it."""
        self.discriminator.requires_grad_(False)
        try:
            yield
        finally:
            self.discriminator.requires_grad_(True)

    def _autocast(self) -> AbstractContextManager[Any]:
        return self.compute.autocast()


class Recipe(Game):
    """A game whose generator draws pictures from latents."""

    def __init__(
        self, params: Train, compute: Compute, networks: Pair, betas: tuple[float, float]
    ) -> None:
        """Place ``networks`` on the device; ``betas`` are Adam's, for both."""
        super().__init__(params, params.resolution, compute, networks, betas)
        self.latent = params.latent
        """Numbers from which an image is drawn."""
        self._seed = params.seed

    @abstractmethod
    def draw(
        self, generator: nn.Module, latents: Tensor, phase: Phase, conditions: Tensor
    ) -> Tensor:
        """Images (n, 3, r, r) that a generator of this kind draws in ``phase``.

        ``conditions`` are as those of a `Batch`; they count where the generator takes any.
        """

    def calibration(self) -> Tensor:
        """Latents, the same at every call."""
        measured = latents(self._seed, Purpose.CALIBRATION, BATCH_NORM_LATENTS, self.latent)
        return measured.to(self.compute.device)

    def _latents(self, count: int) -> Tensor:
        """This process's share of ``count`` latents."""
        normal = torch.randn(count, self.latent, device=self.compute.device)
        return self.compute.ranks.share(normal)
