"""The table of a network's layers: shapes and parameters, without allocating a weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.utils.parametrize import is_parametrized

from pipeline.core.params.train import Train
from train.networks.conditions import UNCONDITIONAL, ConditionShape
from train.networks.registry import networks_for


@dataclass(frozen=True)
class LayerRow:
    """One layer, as it was run."""

    kind: str
    shape: tuple[int, ...]
    """Of what it makes for one image or latent."""
    parameters: int
    """As Keras counts them: batch norm's running mean and variance included."""


def count(network: nn.Module, *, recurse: bool = True) -> int:
    """Numbers that ``network`` holds, counted as Keras does: running statistics included."""
    held: dict[str, Tensor] = network.state_dict()
    return sum(
        tensor.numel()
        for name, tensor in held.items()
        if not name.endswith("batches_tracked") and (recurse or "." not in name)
    )


def layer_rows(network: nn.Module, *inputs: Tensor) -> list[LayerRow]:
    """The layers of ``network`` in the order in which ``inputs`` (n, ...) meet them.

    A layer that runs twice has its parameters in the first of its rows.
    """
    rows: list[LayerRow] = []
    met: set[nn.Module] = set()

    def note(layer: nn.Module, _: tuple[Tensor, ...], made: Any) -> None:
        parameters = 0 if layer in met else count(layer, recurse=_is_whole(layer))
        met.add(layer)
        rows.append(LayerRow(_kind(layer), _shape(made), parameters))

    hooks = [layer.register_forward_hook(note) for layer in _layers(network)]
    try:
        network(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return rows


def _layers(module: nn.Module) -> Iterator[nn.Module]:
    """Modules that are shown: the innermost, and around them those with parameters of their own."""
    if _is_whole(module):
        yield module
        return
    if count(module, recurse=False):
        yield module
    for child in module.children():
        yield from _layers(child)


def _is_whole(module: nn.Module) -> bool:
    """Whether nothing inside is shown; what a parametrization adds belongs to its layer."""
    return is_parametrized(module) or not list(module.children())


def _kind(layer: nn.Module) -> str:
    """`nn.utils.parametrizations` prefix the class they change."""
    return type(layer).__name__.removeprefix("Parametrized")


def _shape(made: Any) -> tuple[int, ...]:
    """Of the first tensor, where a layer makes several."""
    while isinstance(made, tuple | list):
        made = made[0]
    return tuple(made.shape[1:]) if isinstance(made, Tensor) else ()


def summary_text(params: Train, shape: ConditionShape = UNCONDITIONAL) -> str:
    """The tables of both networks at full resolution, to print."""
    size = params.resolution
    with FakeTensorMode():
        generator, discriminator = networks_for(params, shape)
        latents = torch.empty(params.batch, params.latent)
        images = torch.empty(params.batch, 3, size, size)
        conditions = [_example_conditions(params.batch, shape)] if shape.is_any else []
        blocks = [
            f"{params.model} at {size} px",
            _table("generator", generator, latents, *conditions),
            _table("discriminator", discriminator, images, *conditions),
        ]
    return "\n\n".join(blocks)


def _example_conditions(count: int, shape: ConditionShape) -> Tensor:
    if shape.numbers:
        return torch.zeros(count, shape.numbers)
    return torch.zeros(count, dtype=torch.int64)


def _table(name: str, network: nn.Module, *inputs: Tensor) -> str:
    rows = layer_rows(network, *inputs)
    lines = [f"{name:<18}{'makes':>18}{'parameters':>14}"]
    lines += [_line(row.kind, " x ".join(map(str, row.shape)), row.parameters) for row in rows]
    whole = count(network)
    idle = whole - sum(row.parameters for row in rows)
    if idle:  # such as layers to and from smaller images, where a network grows
        lines.append(_line("not run", "", idle))
    return "\n".join([*lines, _line("all", "", whole)])


def _line(kind: str, shape: str, parameters: int) -> str:
    return f"  {kind:<16}{shape:>18}{parameters:>14,}"
