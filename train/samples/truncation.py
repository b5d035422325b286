"""Truncation: fewer surprises and fewer failures for less variety, in every network."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor, nn

from pipeline.core.errors import UsageError
from train.export.model_file import Model
from train.networks.layers import pixel_norm

SQRT2: Final = math.sqrt(2)
CENTRE_LATENTS: Final = 1024
"""From whose pictures the middle of what the first layers make is taken."""


@contextmanager
def drawing_truncated(model: Model, limit: float) -> Iterator[None]:
    """Draw inside as if what a picture begins with lay nearer to the middle.

    Of a network that looks at the size of its latents, these are cut off at ``limit`` (Brock et
    al. 2019, section 3.1). One that looks at their direction alone has no middle there; what its
    first layers make of them is drawn to its mean, ``limit`` of the way out (Karras et al. 2019,
    appendix B).

    Raises:
        UsageError: ``limit`` is no such share, or the network names no such layers.
    """
    network = model.network
    if not model.params.normalises_latents:
        hooks = [network.register_forward_pre_hook(partial(_cut_first, limit))]
    else:
        hooks = [
            layer.register_forward_hook(partial(_towards, centre, limit))
            for layer, centre in _centres(model, limit)
        ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def cut(latents: Tensor, limit: float) -> Tensor:
    """``latents`` from N(0, 1), moved into -``limit``..``limit`` as from N(0, 1) cut off there.

    Each number keeps its rank, so a picture stays recognisable while ``limit`` sinks.
    """
    within = torch.erf(latents.double() / SQRT2) * math.erf(limit / SQRT2)
    return (torch.erfinv(within) * SQRT2).to(latents.dtype)


def _cut_first(limit: float, _network: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    return cut(inputs[0], limit), *inputs[1:]


Centre = Callable[[nn.Module, Tensor], Tensor]
"""What a layer makes in the middle, for inputs (n, d) that it is given."""


def _towards(
    centre: Centre, share: float, layer: nn.Module, inputs: tuple[Tensor, ...], made: Tensor
) -> Tensor:
    mean = centre(layer, inputs[0])
    return mean + share * (made - mean)


def _centres(model: Model, share: float) -> list[tuple[nn.Module, Centre]]:
    """The first layers of the network, and where the middle of what each makes is."""
    if share > 1:
        raise UsageError(
            f"--truncation: {share:g} is more than the whole; for a {model.params.model} network, "
            f"which looks at the direction of its latents alone, write a share of 1 or less"
        )
    layers = [model.network.get_submodule(name) for name in model.kind.first_layers]
    if not layers:
        raise UsageError(
            f"--truncation: a {model.params.model} network looks at the direction of its latents "
            f"alone, which has no middle to keep to; leave --truncation out"
        )
    if model.vectors is not None:
        # What is drawn of stays: only the latents come nearer to their middle.
        centre = partial(_centre_of_condition, pixel_norm(model.latents(CENTRE_LATENTS, seed=0)))
        return [(layer, centre) for layer in layers]
    made: dict[nn.Module, list[Tensor]] = {layer: [] for layer in layers}
    hooks = [
        layer.register_forward_hook(lambda layer, _inputs, out: made[layer].append(out.mean(0)))
        for layer in layers
    ]
    list(model.batches(model.latents(CENTRE_LATENTS, seed=0)))
    for hook in hooks:
        hook.remove()
    means = {layer: torch.stack(made[layer]).mean(0, keepdim=True) for layer in layers}
    return [(layer, lambda layer, _inputs: means[layer]) for layer in layers]


def _centre_of_condition(latents: Tensor, layer: nn.Module, inputs: Tensor) -> Tensor:
    """The mean of what ``layer`` makes of ``latents`` (m, d), beside each input's own condition.

    The first d numbers of ``inputs`` (n, d + c) are latents, the others come from the condition.
    """
    size = latents.shape[1]
    conditions, place = torch.unique(inputs[:, size:], dim=0, return_inverse=True)
    latents = latents.to(inputs.device)
    means = [
        layer.forward(torch.cat([latents, each.expand(len(latents), -1)], dim=1)).mean(0)
        for each in conditions
    ]
    return torch.stack(means)[place]
