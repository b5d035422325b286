"""Pixels of real images for training.

Pixels come from memory-mapped shards and stay uint8 until they are on the device, where the eight
symmetries are applied. Nothing on the way runs once per image in Python.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from pipeline.core.errors import TrainingError
from pipeline.core.shards import Pixels, open_shard
from pipeline.core.transforms import SYMMETRIES, Symmetry
from train.data.variants import Indices, Variants

RESIDENT_BYTES: Final = 2 << 30
"""Pixels of one resolution are held in memory up to this size, and mapped beyond it."""

_CHUNK: Final = 1024
"""Images read at once while a resolution is made resident."""


class RealImages:
    """The pixels of variants at one resolution: resident where that fits, mapped otherwise."""

    def __init__(self, folder: Path, variants: Variants, resolution: int) -> None:
        """Use the smallest size below ``folder`` from which ``resolution`` can be averaged.

        Raises:
            TrainingError: no stored size is large enough.
            TableError: a shard is missing or torn.
        """
        self.resolution = resolution
        self._symmetry = variants.symmetry
        self._originals, self._original = variants.originals()
        size = stored_size(folder, resolution)
        self._maps = [open_shard(folder / str(size) / f"{n}.npy") for n in variants.shard_names]
        self._resident: Pixels | None = None
        count = len(self._originals)
        if count * resolution * resolution * 3 <= RESIDENT_BYTES:
            # Filled, not concatenated, which would need the room twice.
            self._resident = np.empty((count, resolution, resolution, 3), np.uint8)
            for start in range(0, count, _CHUNK):
                chunk = np.arange(start, min(start + _CHUNK, count))
                self._resident[chunk] = self._read(chunk)
            self._maps = []

    def __len__(self) -> int:
        return len(self._symmetry)

    def pixels(self, places: Indices) -> Pixels:
        """Stored pixels of the variants at ``places``, uint8 (n, r, r, 3), not yet transformed."""
        originals = self._original[places]
        return self._read(originals) if self._resident is None else self._resident[originals]

    def pictures(self, places: Indices) -> Pixels:
        """The variants at ``places`` as pictures to look at, uint8 (n, r, r, 3)."""
        return to_bytes(self.batch(places, torch.device("cpu")))

    def batch(self, places: Indices, device: torch.device) -> Tensor:
        """The variants at ``places`` on ``device``: float32 (n, 3, r, r) in -1..1."""
        symmetries = self._symmetry[places]
        if device.type == "cpu":
            return self._under_symmetries(self._original[places], symmetries)
        raw = torch.from_numpy(self.pixels(places)).pin_memory().to(device, non_blocking=True)
        return to_float(transformed(raw.permute(0, 3, 1, 2), symmetries))

    def _under_symmetries(self, originals: Indices, symmetries: Indices) -> Tensor:
        # Imported here: compiled code, which takes a third of a second to load.
        from train.data.symmetry_kernel import under_symmetries

        if self._resident is None:
            return under_symmetries(self._read(originals), np.arange(len(originals)), symmetries)
        return under_symmetries(self._resident, originals, symmetries)

    def _read(self, originals: Indices) -> Pixels:
        shard, row = self._originals.shard[originals], self._originals.row[originals]
        read = np.empty((len(originals), self.resolution, self.resolution, 3), np.uint8)
        for number in np.unique(shard):
            here = np.flatnonzero(shard == number)
            read[here] = shrunk(self._maps[number][row[here]], self.resolution)
        return read


def stored_size(folder: Path, resolution: int) -> int:
    """The smallest size with shards below ``folder`` that is at least ``resolution``.

    Raises:
        TrainingError: there is none.
    """
    sizes = sorted(int(entry.name) for entry in folder.glob("[0-9]*") if entry.name.isdecimal())
    enough = [size for size in sizes if size >= resolution]
    if not enough:
        raise TrainingError(
            f"resolution: {resolution}, but {folder} holds only the sizes {sizes}; "
            f"add a larger one to ingest.sizes and run `dvc repro`, or lower the resolution"
        )
    return enough[0]


def shrunk(pixels: Pixels, resolution: int) -> Pixels:
    """``pixels`` (n, s, s, 3) averaged over squares to (n, resolution, resolution, 3), rounded."""
    count, size = pixels.shape[:2]
    factor = size // resolution
    if factor == 1:
        return pixels
    lines = pixels.reshape(count, resolution, factor, size * 3).sum(axis=2, dtype=np.uint32)
    sums = lines.reshape(count, resolution, resolution, factor, 3).sum(axis=3, dtype=np.uint32)
    means: Pixels = ((sums + factor**2 // 2) // factor**2).astype(np.uint8)
    return means


def transformed(images: Tensor, symmetries: Indices) -> Tensor:
    """Each of ``images`` (n, c, s, s) under its own symmetry, one operation a symmetry."""
    result = torch.empty_like(images)
    for number in np.unique(symmetries):
        here = torch.from_numpy(np.flatnonzero(symmetries == number)).to(images.device)
        result[here] = _under(SYMMETRIES[number], images[here])
    return result


def _under(symmetry: Symmetry, images: Tensor) -> Tensor:
    match symmetry:
        case Symmetry.IDENTITY:
            return images
        case Symmetry.ROT90 | Symmetry.ROT180 | Symmetry.ROT270:
            return images.rot90(SYMMETRIES.index(symmetry), (2, 3))
        case Symmetry.FLIP_LEFT_RIGHT:
            return images.flip(3)
        case Symmetry.FLIP_TOP_BOTTOM:
            return images.flip(2)
        case Symmetry.TRANSPOSE:
            return images.transpose(2, 3)
        case Symmetry.TRANSVERSE:
            return images.transpose(2, 3).flip(2, 3)


def to_float(images: Tensor) -> Tensor:
    """uint8 0..255 to float32 -1..1."""
    return images.float().div_(127.5).sub_(1)


def to_bytes(images: Tensor) -> Pixels:
    """Images (n, 3, s, s), about -1..1, to uint8 pixels (n, s, s, 3)."""
    rounded = images.float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(rounded.permute(0, 2, 3, 1).cpu().numpy())
