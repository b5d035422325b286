"""Features of the Inception network behind published FIDs, from a file that the user has.

The file is TorchScript, such as StyleGAN's ``inception-2015-12-05.pt`` (clean-fid uses the same):
it takes uint8 images of any size, resizes them itself to 299 pixels as the original did (bilinear,
not antialiased), and with ``return_features`` gives 2048 numbers an image. Loading it runs
TorchScript's own operations and no Python, unlike a pickled network.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from pipeline.core.errors import TrainingError
from pipeline.core.shards import Pixels
from train.compute.device import Compute
from train.metrics.features import Features

_BATCH: Final = 32
_ID_DIGITS: Final = 16
_TRIAL_PX: Final = 64
_NAME: Final = (
    "name a TorchScript file that is called as StyleGAN's inception-2015-12-05.pt is, or null"
)


class Inception:
    """The network in a file, ready on a device."""

    def __init__(self, path: Path, compute: Compute) -> None:
        """Load it, and try it on one black picture.

        Raises:
            TrainingError: the file is missing, no TorchScript, or does not give features.
        """
        self._device = compute.device
        try:
            data = path.read_bytes()
            with warnings.catch_warnings():  # the published file has no other form
                warnings.filterwarnings("ignore", "`torch.jit.load` is deprecated")
                self._network = torch.jit.load(io.BytesIO(data), compute.device)  # type: ignore[no-untyped-call] # torch leaves it untyped
        except (OSError, RuntimeError) as error:
            raise TrainingError(
                f"evaluate.inception: {path} is missing, torn or no TorchScript; {_NAME}"
            ) from error
        self._network.eval()
        try:
            features = self(np.zeros((1, _TRIAL_PX, _TRIAL_PX, 3), np.uint8))
        except (RuntimeError, TypeError) as error:
            raise TrainingError(f"evaluate.inception: {path} takes no images; {_NAME}") from error
        if features.ndim != 2:
            raise TrainingError(f"evaluate.inception: {path} gives no features; {_NAME}")
        self.file = {"name": path.name, "sha256": hashlib.sha256(data).hexdigest()[:_ID_DIGITS]}
        """Which network it is; distances in others are other numbers."""

    @torch.no_grad()
    def __call__(self, pixels: Pixels) -> Features:
        """Features (n, d) of ``pixels`` (n, s, s, 3)."""
        images = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
        batches: list[Tensor] = [
            self._network(batch.to(self._device), return_features=True)
            for batch in images.split(_BATCH)  # type: ignore[no-untyped-call] # torch leaves it untyped
        ]
        return torch.cat(batches).double().cpu().numpy()
