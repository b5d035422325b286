"""One step of a training: which images it sees, which random numbers, and what it changes.

All that is random in a step follows from the seed and the number of the step, and the order of
the images from their position, so a training that goes on from a checkpoint makes the same
weights, on a CPU to the bit, as one that was never stopped. What this module imports is what the
weights depend on: a training that was begun by other code begins anew (`train.loop.fingerprint`).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from train.compute.seeds import Purpose, seeded
from train.data.real_images import RealImages
from train.data.sampler import Sampler, sampler_for
from train.data.variants import Indices, Source
from train.loop.state import State
from train.networks.recipe import Batch, Losses

LEARNING_RATE: Final = "learning_rate"
"""Beside the losses, where it falls."""


def rate_left(done: float, falls_from: float | None) -> float:
    """Share of the learning rate that is left when a training is ``done`` (0..1) so far.

    >>> [rate_left(done, 0.5) for done in (0.0, 0.5, 0.75, 1.0)], rate_left(0.9, None)
    ([1.0, 1.0, 0.5, 0.0], 1.0)
    """
    return 1.0 if falls_from is None else min(1.0, (1 - done) / (1 - falls_from))


class Stepper:
    """Takes the steps of one training."""

    def __init__(self, state: State, source: Source, targets: Source | None = None) -> None:
        """Nothing is read yet; each step also shows as many images of ``targets``, if any."""
        params = state.params
        self._state = state
        self._variants = source.variants
        self._shown = _Shown(source, sampler_for(params, source.variants, params.seed))
        self._targets: _Shown | None = None
        if targets is not None:
            # By another seed: of two collections of one size, pairs would be shown together.
            seed = seeded(params.seed, Purpose.TARGETS)
            self._targets = _Shown(targets, sampler_for(params, targets.variants, seed))

    def take(self, done: float, slowed: float = 1.0) -> Losses:
        """Take one step: ``state`` is what it was and one step more.

        ``done`` of the training (0..1) lies before it; ``slowed``: what its setbacks left of the
        learning rates.

        Raises:
            TrainingError, TableError: pixels are missing.
        """
        state, recipe = self._state, self._state.recipe
        shown, ranks = recipe.reals_per_step, recipe.compute.ranks
        phase = recipe.phase_at(state.images_seen)
        if state.steps and recipe.phase_at(state.images_seen - shown).number != phase.number:
            for optimizer in recipe.optimizers().values():
                optimizer.state.clear()
        torch.manual_seed(seeded(state.params.seed, Purpose.STEPS, state.steps))
        device = recipe.compute.device
        together = self._shown.places(state.images_seen, shown)
        places = ranks.share(together)
        reals = self._shown.images(places, phase.resolution, device)
        conditions = torch.from_numpy(self._variants.conditions(places)).to(device)
        others = None
        if self._variants.vectors is not None:  # each image's neighbour, in whatever process
            neighbours = ranks.share(np.roll(together, 1))
            others = torch.from_numpy(self._variants.vectors.at(neighbours)).to(device)
        ids = torch.from_numpy(self._variants.numbers(places)).to(device)
        targets = None
        if self._targets is not None:
            places = ranks.share(self._targets.places(state.images_seen, shown))
            targets = self._targets.images(places, phase.resolution, device)
        falls_from = state.params.learning_rate_falls_from
        rates = slowed * rate_left(done, falls_from)
        recipe.scale_learning_rates(rates)
        losses = recipe.step(Batch(reals, conditions, ids, targets, others), phase, state.steps)
        if falls_from is not None:
            rate = state.params.learning_rate * rates
            losses[LEARNING_RATE] = torch.full((), rate, device=device)
        state.steps += 1
        state.images_seen += shown
        state.average.update(recipe.generator, shown, state.images_before + state.images_seen)
        return losses


class _Shown:
    """The images of one collection in their order."""

    def __init__(self, source: Source, sampler: Sampler) -> None:
        self._source = source
        self._sampler = sampler
        self._images: RealImages | None = None

    def places(self, position: int, count: int) -> Indices:
        """Those of the variants at ``position`` of the order and after it."""
        return self._sampler.take(position, count)

    def images(self, places: Indices, resolution: int, device: torch.device) -> Tensor:
        """The variants at ``places``: float32 (n, 3, r, r) in -1..1."""
        if self._images is None or self._images.resolution != resolution:
            self._images = RealImages(self._source.pixels, self._source.variants, resolution)
        return self._images.batch(places, device)
