"""The samples that a running training draws again and again, and what is measured on them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.core.params.train import Train
from pipeline.core.shards import Pixels
from train.compute.seeds import Purpose, latents
from train.conditions.vectors import Floats
from train.data import classes
from train.data.real_images import to_bytes
from train.data.variants import Indices, Variants
from train.metrics.sample_metrics import COMPARED, SampleMetrics
from train.networks.phase import Phase
from train.networks.recipe import Recipe
from train.samples import sheets

_AT_ONCE: Final = 256
"""Pictures drawn together, so that many classes take no more memory than some."""


class Samples:
    """Pictures of fixed latents and conditions, and the real images they are compared with."""

    def __init__(self, params: Train, recipe: Recipe, pixels: Path, variants: Variants) -> None:
        """Nothing is read yet."""
        self._params = params
        self._recipe = recipe
        sizes = variants.class_sizes()
        self._grid_conditions = _of_rows(variants, params.sample_grid)
        # Of every class a row, those that are on the sheet among them: one may fail unseen.
        told_apart = np.flatnonzero(sizes) if params.tells_classes else np.empty(0, np.int64)
        self.classes = [variants.classes[place] for place in told_apart]
        """Names of the rows of `draw_classes`."""
        self._all_classes = told_apart.repeat(params.sample_grid)
        self._compared_conditions = _as_frequent(variants, COMPARED)
        self._pixels = pixels
        self._variants = variants
        self._held_metrics: SampleMetrics | None = None

    def draw(self, generator: nn.Module, phase: Phase) -> Pixels:
        """The grid's pictures, row by row: uint8 (n, r, r, 3); a row is of one condition."""
        return self._samples(generator, phase, Purpose.GRID, self._grid_conditions)

    def write(self, path: Path, grid: Pixels) -> None:
        """Write what was drawn as a sheet of the final resolution."""
        pixels = sheets.enlarged(grid, self._params.resolution)
        sheets.write_png(path, sheets.sheet(pixels, self._params.sample_grid))

    def draw_classes(self, generator: nn.Module, phase: Phase) -> Pixels | None:
        """A row of each class that is told apart, in the order of `classes`, if any is."""
        if not self.classes:
            return None
        return self._samples(generator, phase, Purpose.CLASSES, self._all_classes)

    def measure(self, grid: Pixels, of_classes: Pixels | None) -> dict[str, float]:
        """Metrics of what `draw` and `draw_classes` drew, see `SampleMetrics`."""
        measured = self._metrics.measure(grid)
        if of_classes is not None:
            measured |= self._metrics.within_classes(of_classes, self._all_classes)
        return measured

    def distance(self, generator: nn.Module, phase: Phase) -> float:
        """How far further pictures, conditions as frequent as in the data, are from real ones."""
        fakes = self._samples(generator, phase, Purpose.COMPARED, self._compared_conditions)
        return self._metrics.distance(fakes)

    @torch.no_grad()
    def _samples(
        self,
        generator: nn.Module,
        phase: Phase,
        purpose: Purpose,
        conditions: Indices | Floats,
    ) -> Pixels:
        device = self._recipe.compute.device
        z = latents(self._params.seed, purpose, len(conditions), self._params.latent)
        asked: Tensor = torch.from_numpy(conditions)
        parts = zip(z.split(_AT_ONCE), asked.split(_AT_ONCE), strict=True)  # type: ignore[no-untyped-call] # torch leaves it untyped
        pictures = [
            to_bytes(self._recipe.draw(generator, some.to(device), phase, each.to(device)))
            for some, each in parts
        ]
        return np.concatenate(pictures)

    @property
    def _metrics(self) -> SampleMetrics:
        if self._held_metrics is None:
            self._held_metrics = SampleMetrics(self._pixels, self._variants, self._params.seed)
        return self._held_metrics


def _of_rows(variants: Variants, side: int) -> Indices | Floats:
    """Conditions of a sheet's pictures, the same along each of its ``side`` rows."""
    if variants.vectors is None:
        return classes.rows(variants.class_sizes(), side).repeat(side)
    return _as_frequent(variants, side).repeat(side, axis=0)


def _as_frequent(variants: Variants, count: int) -> Indices | Floats:
    """``count`` conditions, each about as often as its share of ``variants``."""
    if variants.vectors is None:
        return classes.spread(variants.class_sizes(), count)
    return variants.vectors.at(classes.spread(np.ones(len(variants), np.int64), count))
