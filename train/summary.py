"""The table of a network's layers: shapes and parameters, found without allocating a weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from pipeline.core.params.train import DcganTrain, ProganTrain, ResidualTrain, Train
from train.networks import dcgan, progan, residual

Networks = tuple[nn.Module, nn.Module]


@dataclass(frozen=True)
class Layer:
    """One layer, as it was run."""

    kind: str
    shape: tuple[int, ...]
    """Of what it makes for one image or latent."""
    parameters: int
    """As Keras counts them: batch norm's running mean and variance included."""


def networks_of(params: Train, classes: int = 0) -> Networks:
    """Generator and discriminator with first weights, as torch's random numbers give them.

    ``classes``: how many they tell apart, if they tell any.
    """
    match params:
        case DcganTrain():
            return dcgan.build(params)
        case ProganTrain():
            return progan.build(params)
        case ResidualTrain():
            return residual.build(params, classes)
        case _:
            assert_never(params)


def count(network: nn.Module) -> int:
    """Numbers that ``network`` holds, counted as Keras does: running statistics included."""
    counters = {name for name, _ in network.named_buffers() if name.endswith("batches_tracked")}
    held: dict[str, Tensor] = network.state_dict()
    return sum(tensor.numel() for name, tensor in held.items() if name not in counters)


def layers(network: nn.Module, *inputs: Tensor) -> list[Layer]:
    """The innermost layers of ``network`` in the order in which ``inputs`` (n, ...) meet them."""
    found: list[Layer] = []

    def note(layer: nn.Module, _: tuple[Tensor, ...], made: Tensor) -> None:
        found.append(Layer(type(layer).__name__, tuple(made.shape[1:]), count(layer)))

    innermost = [layer for layer in network.modules() if not list(layer.children())]
    hooks = [layer.register_forward_hook(note) for layer in innermost]
    try:
        network(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def text(params: Train, classes: int = 0) -> str:
    """The tables of both networks at full resolution, to print."""
    size = params.resolution
    with FakeTensorMode():
        generator, discriminator = networks_of(params, classes)
        latents = torch.empty(params.batch, params.latent)
        images = torch.empty(params.batch, 3, size, size)
        wanted = [torch.zeros(params.batch, dtype=torch.int64)] if classes else []
        blocks = [
            f"{params.model} at {size} px",
            _table("generator", generator, latents, *wanted),
            _table("discriminator", discriminator, images, *wanted),
        ]
    return "\n\n".join(blocks)


def _table(name: str, network: nn.Module, *inputs: Tensor) -> str:
    rows = layers(network, *inputs)
    lines = [f"{name:<18}{'makes':>18}{'parameters':>14}"]
    lines += [_line(row.kind, " x ".join(map(str, row.shape)), row.parameters) for row in rows]
    whole = count(network)
    idle = whole - sum(row.parameters for row in rows)
    if idle:  # progressive growing keeps the layers to and from smaller images
        lines.append(_line("smaller images", "", idle))
    return "\n".join([*lines, _line("all", "", whole)])


def _line(kind: str, shape: str, parameters: int) -> str:
    return f"  {kind:<16}{shape:>18}{parameters:>14,}"
