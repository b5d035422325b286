from __future__ import annotations

import struct
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.core.errors import TrainingError
from tests.train import small
from train.compute.device import Compute
from train.super_resolution import real_esrgan
from train.super_resolution.esrgan import CompactNet

PARAMETERS = {"x4plus": 16_697_987, "x4plus-anime": 4_467_779, "animevideov3": 621_424}


def _content(network: nn.Module) -> bytes:
    """The file of ``network``, written after the description of the format."""
    parts: list[bytes] = []
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            weights = layer.weight.detach().numpy().astype("<f2").tobytes()
            assert layer.bias is not None
            bias = layer.bias.detach().numpy().astype("<f4").tobytes()
            parts += [struct.pack("<I", 0x01306B47), weights, b"\0" * (-len(weights) % 4), bias]
        elif isinstance(layer, nn.PReLU):
            parts.append(layer.weight.detach().numpy().astype("<f4").tobytes())
    return b"".join(parts)


@pytest.mark.parametrize("name", get_args(real_esrgan.Name))
def test_the_published_weights_fill_the_network_exactly(name: real_esrgan.Name) -> None:
    network = real_esrgan.load(name)
    assert sum(weight.numel() for weight in network.parameters()) == PARAMETERS[name]


def test_an_enlarged_picture_is_the_picture_but_larger(cpu: Compute) -> None:
    pixels = small.pictures(2, size=32)
    enlarged = real_esrgan.enlarge(real_esrgan.load("animevideov3"), pixels, cpu)
    assert enlarged.shape == (2, 128, 128, 3)
    back = enlarged.reshape(2, 32, 4, 32, 4, 3).mean(axis=(2, 4))
    assert np.abs(back - pixels).mean() < 3


def test_what_does_not_fit_is_refused() -> None:
    torch.manual_seed(0)
    network, where = CompactNet(convolutions=1), Path("weights.bin")
    content = _content(CompactNet(convolutions=1))
    real_esrgan.fill(network, content, where)
    assert _content(network) == content
    with pytest.raises(TrainingError, match=r"weights\.bin: 4 bytes are left over"):
        real_esrgan.fill(network, content + b"more", where)
    with pytest.raises(TrainingError, match="not weights of this network"):
        real_esrgan.fill(network, content[:-4], where)
    with pytest.raises(TrainingError, match="no convolution at byte 0"):
        real_esrgan.fill(network, b"\0" * len(content), where)
