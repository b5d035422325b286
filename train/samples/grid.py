"""The samples that a running training draws again and again, and what is measured on them."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from pipeline.core.params.train import Train
from pipeline.core.shards import Pixels
from train.compute.seeds import Purpose, latents
from train.data import classes
from train.data.images import to_bytes
from train.data.variants import Indices, Variants
from train.metrics.sample_metrics import COMPARED, SampleMetrics
from train.networks.phase import Phase
from train.networks.recipe import Recipe
from train.samples import sheets


class Samples:
    """Pictures of fixed latents and classes, and the real images they are compared with."""

    def __init__(self, params: Train, recipe: Recipe, pixels: Path, variants: Variants) -> None:
        """Nothing is read yet."""
        self._params = params
        self._recipe = recipe
        sizes = variants.class_sizes()
        self._grid_classes = classes.rows(sizes, params.sample_grid).repeat(params.sample_grid)
        self._compared_classes = classes.spread(sizes, COMPARED)
        self._pixels = pixels
        self._variants = variants
        self._held_metrics: SampleMetrics | None = None

    def draw(self, generator: nn.Module, phase: Phase) -> Pixels:
        """The grid's pictures, row by row: uint8 (n, r, r, 3); a row is of one class."""
        return self._samples(generator, phase, Purpose.GRID, self._grid_classes)

    def write(self, path: Path, grid: Pixels) -> None:
        """Write what `draw` drew as a sheet of the final resolution."""
        pixels = sheets.enlarged(grid, self._params.resolution)
        sheets.write_png(path, sheets.sheet(pixels, self._params.sample_grid))

    def measure(self, grid: Pixels) -> dict[str, float]:
        """Metrics of what `draw` drew, see `SampleMetrics.measure`."""
        of_class = self._grid_classes if self._params.is_conditional else None
        return self._metrics.measure(grid, of_class)

    def distance(self, generator: nn.Module, phase: Phase) -> float:
        """How far further pictures, classes as frequent as in the data, are from real ones."""
        fakes = self._samples(generator, phase, Purpose.COMPARED, self._compared_classes)
        return self._metrics.distance(fakes)

    @torch.no_grad()
    def _samples(
        self, generator: nn.Module, phase: Phase, purpose: Purpose, of_class: Indices
    ) -> Pixels:
        device = self._recipe.compute.device
        z = latents(self._params.seed, purpose, len(of_class), self._params.latent)
        places: Tensor = torch.from_numpy(of_class).to(device)
        return to_bytes(self._recipe.draw(generator, z.to(device), phase, places))

    @property
    def _metrics(self) -> SampleMetrics:
        if self._held_metrics is None:
            self._held_metrics = SampleMetrics(self._pixels, self._variants, self._params.seed)
        return self._held_metrics
