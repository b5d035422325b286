"""One step of a training: which images it sees, which random numbers, and what it changes.

All that is random in a step follows from the seed and the number of the step, and the order of
the images from their position, so a training that goes on from a checkpoint makes the same
weights, on a CPU to the bit, as one that was never stopped. What this module imports is what the
weights depend on: a training that was begun by other code begins anew (`train.loop.fingerprint`).
"""

from __future__ import annotations

from pathlib import Path

import torch

from train.compute.seeds import Purpose, seeded
from train.data.real_images import RealImages
from train.data.sampler import sampler_for
from train.data.variants import Variants
from train.loop.state import State
from train.networks.recipe import Batch, Losses


class Stepper:
    """Takes the steps of one training."""

    def __init__(self, state: State, pixels: Path, variants: Variants) -> None:
        """Nothing is read yet."""
        self._state = state
        self._pixels = pixels
        self._variants = variants
        self._sampler = sampler_for(state.params, variants)
        self._images: RealImages | None = None

    def take(self) -> Losses:
        """Take one step: ``state`` is what it was and one step more.

        Raises:
            TrainingError, TableError: pixels are missing.
        """
        state, recipe = self._state, self._state.recipe
        shown, ranks = recipe.reals_per_step, recipe.compute.ranks
        phase = recipe.phase_at(state.images_seen)
        if state.steps and recipe.phase_at(state.images_seen - shown).number != phase.number:
            for optimizer in recipe.optimizers().values():
                optimizer.state.clear()
        images = self._images_at(phase.resolution)
        torch.manual_seed(seeded(state.params.seed, Purpose.STEPS, state.steps))
        places = ranks.share(self._sampler.take(state.images_seen, shown))
        reals = images.batch(places, recipe.compute.device)
        classes = torch.from_numpy(self._variants.of_class[places]).to(recipe.compute.device)
        ids = torch.from_numpy(self._variants.numbers(places)).to(recipe.compute.device)
        losses = recipe.step(Batch(reals, classes, ids), phase, state.steps)
        state.steps += 1
        state.images_seen += shown
        state.average.update(recipe.generator, shown, state.images_before + state.images_seen)
        return losses

    def _images_at(self, resolution: int) -> RealImages:
        if self._images is None or self._images.resolution != resolution:
            self._images = RealImages(self._pixels, self._variants, resolution)
        return self._images
