"""What the models do differently; the loop does the rest and knows none of them."""

from __future__ import annotations

from typing import assert_never

import torch

from pipeline.core.params.train import DcganTrain, ProganTrain, ResidualTrain, Train
from train.device import Compute
from train.recipes.dcgan import DcganRecipe
from train.recipes.progan import ProganRecipe
from train.recipes.recipe import Batch, Recipe
from train.recipes.residual import ResidualRecipe

__all__ = ["Batch", "Recipe", "recipe_for"]


def recipe_for(params: Train, compute: Compute, classes: int = 0) -> Recipe:
    """The recipe with first weights as ``params.seed`` draws them, placed on the device.

    ``classes``: how many classes there are, for networks that tell them apart.
    """
    torch.manual_seed(params.seed)
    match params:
        case DcganTrain():
            return DcganRecipe(params, compute)
        case ProganTrain():
            return ProganRecipe(params, compute)
        case ResidualTrain():
            return ResidualRecipe(params, compute, classes)
        case _:
            assert_never(params)
