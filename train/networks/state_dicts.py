"""State dicts of networks and optimizers under one flat set of names, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn

Tensors = dict[str, Tensor]

_RENAMED: Final = {".around.": ".shortcut."}
"""What parts of networks were called in files of earlier versions, and what they are now."""


def pack(
    networks: Mapping[str, nn.Module],
    optimizers: Mapping[str, torch.optim.Optimizer],
    numbers: Mapping[str, Mapping[str, Tensor]],
) -> Tensors:
    """Everything by ``part/name``; ``numbers`` are further tensors, by part and name."""
    packed = {f"{part}/{name}": t for part, named in numbers.items() for name, t in named.items()}
    for part, network in networks.items():
        packed |= {f"{part}/{name}": value for name, value in network.state_dict().items()}
    for part, optimizer in optimizers.items():
        packed |= {
            f"{part}/{index}/{name}": value
            for index, values in optimizer.state_dict()["state"].items()
            for name, value in values.items()
        }
    return packed


def parts(packed: Tensors) -> dict[str, Tensors]:
    """What `pack` made, by part."""
    by_part: dict[str, Tensors] = {}
    for path, tensor in current_names(packed).items():
        part, _, name = path.partition("/")
        by_part.setdefault(part, {})[name] = tensor
    return by_part


def current_names(tensors: Tensors) -> Tensors:
    """``tensors`` under the names that their weights have in this version.

    >>> list(current_names({"blocks.0.around.weight": torch.zeros(1)}))
    ['blocks.0.shortcut.weight']
    """
    renamed: Tensors = {}
    for name, tensor in tensors.items():
        for before, now in _RENAMED.items():
            name = name.replace(before, now)
        renamed[name] = tensor
    return renamed


def widened(tensors: Tensors, network: nn.Module, conditional: str) -> Tensors:
    """``tensors`` of a network without conditions, for ``network``, which takes some.

    Its part ``conditional`` keeps the weights that it has. A layer with more inputs than before is
    as before for the first ones and takes nothing of the others yet, so that the network begins by
    making what the other one made, whatever the condition. Such weights are multiplied by
    gain / sqrt(inputs) at run time (`train.networks.layers`), which is made up for.
    """
    asked: Tensors = network.state_dict()
    own = {name: held for name, held in asked.items() if name.startswith(f"{conditional}.")}
    wide = dict(tensors)
    for name, held in asked.items():
        given = tensors.get(name)
        if name in own or given is None or given.dim() != 2:
            continue
        if len(given) == len(held) and given.shape[1] < held.shape[1]:
            more = torch.zeros(len(held), held.shape[1] - given.shape[1])
            scale = (held.shape[1] / given.shape[1]) ** 0.5
            wide[name] = torch.cat([given * scale, more], dim=1)
    return own | wide


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Give ``optimizer`` the moments it had."""
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for path, tensor in tensors.items():
        index, _, name = path.partition("/")
        if tensor.dim():  # the moments lie in memory as the weights do
            tensor = torch.empty_like(weights[int(index)]).copy_(tensor)
        state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
