"""What the loop trains: how its game and its samples are made, and what messages call it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from torch import nn

from pipeline.core.params.train import LoopParams, Train
from pipeline.core.shards import Pixels
from train.compute.device import Compute
from train.data.variants import Source, Variants
from train.networks.conditions import ConditionShape
from train.networks.phase import Phase
from train.networks.recipe import Game, Recipe
from train.networks.registry import recipe_for
from train.samples.grid import Samples


class Drawing(Protocol):
    """Pictures that a running training makes again and again, and what is measured on them."""

    @property
    def classes(self) -> Sequence[str]:
        """Names of the rows of `draw_classes`."""

    def draw(self, generator: nn.Module, phase: Phase) -> Pixels:
        """The pictures of a sheet: uint8 (n, r, r, 3)."""

    def draw_classes(self, generator: nn.Module, phase: Phase) -> Pixels | None:
        """A row of each class that is told apart, in the order of `classes`, if any is."""

    def write(self, path: Path, grid: Pixels) -> None:
        """Write what was drawn as a sheet."""

    def measure(self, grid: Pixels, of_classes: Pixels | None) -> dict[str, float]:
        """Numbers by name, of what `draw` and `draw_classes` drew."""

    def distance(self, generator: nn.Module, phase: Phase) -> float:
        """How far further pictures are from real ones; ranks checkpoints."""


@dataclass(frozen=True)
class Subject:
    """One thing that can be trained; the params are of its own kind."""

    stage: str
    """Of dvc.yaml; messages begin with it."""
    section: str
    """Of params.yaml, in the words of messages: ``train.learning_rate``."""
    game: Callable[[Any, Compute, Variants], Game]
    """With first weights as the params' seed draws them."""
    drawing: Callable[[Any, Any, Path, Variants], Drawing]
    """From params, game, pixels and variants; nothing is read yet."""
    targets: Source | None = None
    """A second collection, of which each step sees as many images as of the first."""


def shape_of(params: LoopParams, variants: Variants) -> ConditionShape:
    """Of the conditions that networks of ``params`` take."""
    if variants.vectors is not None:
        return ConditionShape(numbers=variants.vectors.numbers)
    return ConditionShape(classes=len(variants.classes) if params.tells_classes else 0)


def _recipe(params: Train, compute: Compute, variants: Variants) -> Recipe:
    return recipe_for(params, compute, shape_of(params, variants))


GAN: Final = Subject("train", "train", _recipe, Samples)
"""Pictures from latents."""
