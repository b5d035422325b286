"""What a training is between two steps, as far as the next step depends on it."""

from __future__ import annotations

import torch
from torch import nn

from pipeline.core.params.train import LoopParams
from train.loop.ema import Average, measure_batch_norm
from train.networks import state_dicts
from train.networks.conditions import CONDITIONAL
from train.networks.phase import Phase, images
from train.networks.recipe import Game
from train.networks.state_dicts import Tensors


class State:
    """Networks, optimizers, the moving average, and how far they have come."""

    def __init__(self, params: LoopParams, recipe: Game) -> None:
        """As before the first step."""
        self.params = params
        self.recipe = recipe
        self.average = Average(recipe.generator, images(params.ema_half_life_kimg))
        self.images_seen = 0
        self.images_before = 0
        """Images seen by the trainings whose weights a warm start took."""
        self.steps = 0

    @property
    def latest_phase(self) -> Phase:
        """The phase of the last image shown."""
        return self.recipe.phase_at(max(self.images_seen - 1, 0))

    def parameters(self) -> dict[str, int]:
        """How many weights each network learns."""
        return {
            part: sum(weight.numel() for weight in network.parameters())
            for part, network in self.recipe.networks().items()
        }

    @torch.no_grad()
    def averaged_generator(self) -> nn.Module:
        """The moving average, ready to draw."""
        calibration = self.recipe.calibration()
        if calibration is not None:
            measure_batch_norm(self.average.network, calibration)
        return self.average.network

    def tensors(self) -> Tensors:
        """All tensors by ``part/name``."""
        numbers = {"state": self.recipe.state}
        return state_dicts.pack(self._networks(), self.recipe.optimizers(), numbers)

    def restore(self, parts: dict[str, Tensors]) -> None:
        """Take the tensors that `tensors` gave, by part.

        Raises:
            KeyError, RuntimeError, ValueError: they are of other networks.
        """
        for name, tensor in self.recipe.state.items():
            tensor.copy_(parts["state"][name])
        self.take_weights(parts)
        for part, optimizer in self.recipe.optimizers().items():
            state_dicts.restore_optimizer(optimizer, parts.get(part, {}))

    def start_from(self, parts: dict[str, Tensors]) -> None:
        """Take the weights among ``parts`` as first ones.

        Those of networks without conditions do for networks that draw of vectors: what is drawn
        is the same at first, and what it is drawn of comes to count.

        Raises:
            RuntimeError: they are of other networks.
        """
        if self.params.vectors_of is not None:
            networks = self._networks()
            parts = parts | {
                part: state_dicts.widened(parts.get(part, {}), network, CONDITIONAL)
                for part, network in networks.items()
            }
        self.take_weights(parts)

    def take_weights(self, parts: dict[str, Tensors]) -> None:
        """Take the weights among ``parts``, and nothing else of them.

        Raises:
            RuntimeError: they are of other networks.
        """
        for part, network in self._networks().items():
            network.load_state_dict(parts.get(part, {}))

    def _networks(self) -> dict[str, nn.Module]:
        return self.recipe.networks() | {"average": self.average.network}
