"""The pictures that a running training draws again and again, and what is measured on them."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from pipeline.core.params.train import Train
from pipeline.core.shards import Pixels
from train import classes, sheets
from train.chance import Purpose, latents
from train.data import Indices, Variants, to_bytes
from train.recipes import Recipe
from train.schedule import Stage
from train.vitals import JUDGED, Vitals


class Samples:
    """Pictures of fixed latents and classes, and the real images they are compared with."""

    def __init__(self, params: Train, recipe: Recipe, pixels: Path, variants: Variants) -> None:
        """Nothing is read yet."""
        self._params = params
        self._recipe = recipe
        sizes = variants.class_sizes()
        self._shown = classes.rows(sizes, params.sample_grid).repeat(params.sample_grid)
        self._judged = classes.spread(sizes, JUDGED)
        self._pixels = pixels
        self._variants = variants
        self._held: Vitals | None = None

    def draw(self, generator: nn.Module, stage: Stage) -> Pixels:
        """The grid's pictures, row by row: uint8 (n, r, r, 3); a row is of one class."""
        return self._drawn(generator, stage, Purpose.SHOWN, self._shown)

    def write(self, path: Path, drawn: Pixels) -> None:
        """Write what `draw` drew as a sheet of the final resolution."""
        pixels = sheets.enlarged(drawn, self._params.resolution)
        sheets.write_png(path, sheets.sheet(pixels, self._params.sample_grid))

    def vitals(self, drawn: Pixels) -> dict[str, float]:
        """Diversity and near copies among what `draw` drew, see `Vitals.measure`."""
        return self._compared.measure(drawn, self._shown if self._params.is_conditional else None)

    def distance(self, generator: nn.Module, stage: Stage) -> float:
        """How far further pictures, classes as frequent as in the data, are from real ones."""
        return self._compared.distance(self._drawn(generator, stage, Purpose.JUDGED, self._judged))

    @torch.no_grad()
    def _drawn(
        self, generator: nn.Module, stage: Stage, purpose: Purpose, of_class: Indices
    ) -> Pixels:
        device = self._recipe.compute.device
        drawn = latents(self._params.seed, purpose, len(of_class), self._params.latent)
        wanted: Tensor = torch.from_numpy(of_class).to(device)
        return to_bytes(self._recipe.draw(generator, drawn.to(device), stage, wanted))

    @property
    def _compared(self) -> Vitals:
        if self._held is None:
            self._held = Vitals(self._pixels, self._variants, self._params.seed)
        return self._held
