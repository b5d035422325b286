"""ESRGAN's weights from a file that the user has, in any of the three namings that circulate.

A .pth is read with torch's restricted unpickler, a .safetensors holds nothing but tensors: neither
can run code. Real-ESRGAN's files keep the weights one level down, averaged ones first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import safetensors.torch
import torch
from torch import Tensor

from pipeline.core.errors import TrainingError
from train.super_resolution.esrgan import RrdbNet

_NESTED: Final = ("params_ema", "params", "state_dict")

_DENSE: Final = r"(\d+)\.rdb(\d)\.conv(\d)"
_COMPLAINT: Final = 120
"""Characters of torch's complaint that are repeated."""

_NAMINGS: Final[Mapping[str, str]] = {
    # Real-ESRGAN and BasicSR
    r"conv_first": "first",
    rf"body\.{_DENSE}": "dense",
    r"conv_body": "body",
    r"conv_up([12])": "doubling",
    r"conv_hr": "last.0",
    r"conv_last": "last.2",
    # ESRGAN
    rf"rrdb_trunk\.{_DENSE}": "dense",
    r"trunk_conv": "body",
    r"upconv([12])": "doubling",
    r"hrconv": "last.0",
    # ESRGAN before its networks were rewritten
    r"model\.0": "first",
    rf"model\.1\.sub\.{_DENSE}\.0": "dense",
    r"model\.1\.sub\.\d+": "body",
    r"model\.3": "doublings.0",
    r"model\.6": "doublings.1",
    r"model\.8": "last.0",
    r"model\.10": "last.2",
}
"""Name of a layer in lower case, as a pattern, and what it is in `RrdbNet`."""


def load(path: Path) -> RrdbNet:
    """The fourfold network whose weights are in ``path``, on the CPU; blocks are counted.

    Raises:
        TrainingError: the file is missing or torn, or holds weights of anything else.
    """
    weights = {renamed(name): tensor for name, tensor in _tensors(path).items()}
    blocks = {int(name.split(".")[1]) for name in weights if name.startswith("blocks.")}
    if not blocks:
        raise TrainingError(f"{_where(path)} holds no weights of ESRGAN; {_NAME}")
    network = RrdbNet(blocks=len(blocks)).eval().requires_grad_(False)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise TrainingError(
            f"{_where(path)} is no fourfold ESRGAN of 64 features ({_first(error)}); {_NAME}"
        ) from error
    return network


def renamed(name: str) -> str:
    """What `RrdbNet` calls a weight; as it is where no naming knows it.

    >>> renamed("body.3.rdb2.conv5.weight")
    'blocks.3.blocks.1.convolutions.4.weight'
    """
    layer, _, kind = name.removeprefix("module.").rpartition(".")
    for pattern, ours in _NAMINGS.items():
        match = re.fullmatch(pattern, layer.lower())
        if match and ours == "dense":
            block, dense, convolution = (int(number) for number in match.groups())
            return f"blocks.{block}.blocks.{dense - 1}.convolutions.{convolution - 1}.{kind}"
        if match:
            place = f"s.{int(match[1]) - 1}" if ours == "doubling" else ""
            return f"{ours}{place}.{kind}"
    return name


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # foreign bytes: torch's unpickler has no closed set of complaints
        raise TrainingError(
            f"{_where(path)} is missing, torn, or more than weights; {_NAME}"
        ) from error
    for key in _NESTED:
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in content.items()
    ):
        raise TrainingError(f"{_where(path)} holds something else than named weights; {_NAME}")
    return content


_NAME: Final = (
    "name a .pth or .safetensors of ESRGAN or Real-ESRGAN x4, or set it to null for the weights "
    "that come with Salon"
)


def _where(path: Path) -> str:
    return f"enhance.weights: {path}"


def _first(error: RuntimeError) -> str:
    """The first complaint of `load_state_dict`, whose others follow on lines of their own."""
    lines = str(error).splitlines()
    return ascii(lines[min(1, len(lines) - 1)].strip())[1:-1][:_COMPLAINT]
