from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from pipeline.core.errors import TrainingError
from train.super_resolution import esrgan_file
from train.super_resolution.esrgan import RrdbNet

BLOCKS = 2
REST = {
    "first": ("conv_first", "conv_first", "model.0"),
    "body": ("conv_body", "trunk_conv", f"model.1.sub.{BLOCKS}"),
    "doublings.0": ("conv_up1", "upconv1", "model.3"),
    "doublings.1": ("conv_up2", "upconv2", "model.6"),
    "last.0": ("conv_hr", "HRconv", "model.8"),
    "last.2": ("conv_last", "conv_last", "model.10"),
}
DENSE = (
    "body.{}.rdb{}.conv{}",
    "RRDB_trunk.{}.RDB{}.conv{}",
    "model.1.sub.{}.RDB{}.conv{}.0",
)
"""How Real-ESRGAN, ESRGAN, and ESRGAN before its rewriting call the layers."""


@pytest.fixture(scope="module")
def network() -> RrdbNet:
    torch.manual_seed(0)
    return RrdbNet(blocks=BLOCKS)


def _theirs(network: nn.Module, naming: int) -> dict[str, Tensor]:
    named = {}
    for name, tensor in network.state_dict().items():
        layer, _, kind = name.rpartition(".")
        place = re.fullmatch(r"blocks\.(\d)\.blocks\.(\d)\.convolutions\.(\d)", layer)
        if place:
            block, dense, convolution = (int(number) for number in place.groups())
            layer = DENSE[naming].format(block, dense + 1, convolution + 1)
        else:
            layer = REST[layer][naming]
        named[f"{layer}.{kind}"] = tensor
    return named


def _nested(weights: dict[str, Tensor]) -> dict[str, Any]:
    blank = {name: torch.zeros_like(tensor) for name, tensor in weights.items()}
    return {"params": blank, "params_ema": weights}


def _same(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return weights


@pytest.mark.parametrize("naming", [0, 1, 2])
@pytest.mark.parametrize("wrap", [_same, _nested])
def test_weights_are_found_under_all_their_names(
    network: RrdbNet, tmp_path: Path, naming: int, wrap: Callable[[dict[str, Tensor]], Any]
) -> None:
    torch.save(wrap(_theirs(network, naming)), tmp_path / "given.pth")
    loaded = esrgan_file.load(tmp_path / "given.pth").state_dict()
    assert loaded.keys() == network.state_dict().keys()
    assert all(torch.equal(loaded[name], value) for name, value in network.state_dict().items())


def test_a_safetensors_file_and_parallel_weights_are_read(network: RrdbNet, tmp_path: Path) -> None:
    weights = {f"module.{name}": value for name, value in _theirs(network, 0).items()}
    path = tmp_path / "given.safetensors"
    safetensors.torch.save_file(weights, path)
    images = torch.rand(1, 3, 8, 8)
    assert torch.equal(esrgan_file.load(path)(images), network(images))


class _Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("the file ran code",))


def test_a_file_that_would_run_code_does_not(tmp_path: Path) -> None:
    path = tmp_path / "given.pth"
    torch.save({"params": _Trap()}, path)
    with pytest.raises(TrainingError, match=r"given\.pth is missing, torn, or more than weights"):
        esrgan_file.load(path)
    path.write_bytes(pickle.dumps(_Trap()))
    with pytest.raises(TrainingError, match=r"given\.pth is missing, torn, or more than weights"):
        esrgan_file.load(path)


def test_what_is_no_such_network_is_one_sentence(network: RrdbNet, tmp_path: Path) -> None:
    path = tmp_path / "given.pth"
    spoilt: dict[str, Callable[[], object]] = {
        "is missing, torn": lambda: None,
        "is missing, torn, or": lambda: path.write_bytes(b""),
        "is missing, torn, or more": lambda: path.write_bytes(b"PK\x03\x04 torn"),
        "holds something else": lambda: torch.save([1, 2], path),
        "holds something else than named": lambda: torch.save({"epoch": 3}, path),
        "holds no weights of ESRGAN": lambda: torch.save({"fc.weight": torch.ones(1)}, path),
        "is no fourfold ESRGAN of 64 features (Missing key": lambda: torch.save(
            {n: t for n, t in _theirs(network, 0).items() if "conv_up2" not in n}, path
        ),
        "is no fourfold ESRGAN of 64 features (size mismatch": lambda: torch.save(
            _theirs(network, 0) | {"conv_first.weight": torch.ones(64, 12, 3, 3)}, path
        ),
    }
    for words, spoil in spoilt.items():
        spoil()
        with pytest.raises(TrainingError, match=re.escape(words)) as error:
            esrgan_file.load(path)
        assert "\n" not in str(error.value)
    (tmp_path / "given.safetensors").write_bytes(b"torn")
    with pytest.raises(TrainingError, match="is missing, torn"):
        esrgan_file.load(tmp_path / "given.safetensors")
