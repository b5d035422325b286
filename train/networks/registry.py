"""The networks that can be trained, each a module of this folder, by their params."""

from __future__ import annotations

from typing import Final

import torch

from pipeline.core.params.train import Train
from train.compute.device import Compute
from train.networks import dcgan, progan, residual
from train.networks.conditions import UNCONDITIONAL, ConditionShape
from train.networks.recipe import Network, Pair, Recipe

NETWORKS: Final[tuple[Network, ...]] = (dcgan.NETWORK, progan.NETWORK, residual.NETWORK)


def networks_for(params: Train, shape: ConditionShape = UNCONDITIONAL) -> Pair:
    """Generator and discriminator with first weights, as torch's random numbers give them.

    ``shape``: of the conditions they take, if they take any.
    """
    return network_of(params).build(params, shape)


def recipe_for(params: Train, compute: Compute, shape: ConditionShape = UNCONDITIONAL) -> Recipe:
    """The recipe with first weights as ``params.seed`` draws them, placed on the device.

    ``shape``: of the conditions, for networks that take any.
    """
    torch.manual_seed(params.seed)
    network = network_of(params)
    return network.recipe(params, compute, network.build(params, shape))


def network_of(params: Train) -> Network:
    """The network that ``params`` are of."""
    for network in NETWORKS:
        if isinstance(params, network.params):
            return network
    raise LookupError(f"{type(params).__name__} is of no network in NETWORKS of {__file__}")
