"""Real images for training: which there are, and their pixels.

Pixels come from memory-mapped shards and stay uint8 until they are on the device, where the eight
symmetries are applied. Nothing on the way runs once per image in Python.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import torch
from torch import Tensor

from pipeline.core.errors import TrainingError
from pipeline.core.schema import Split, Status
from pipeline.core.shards import Pixels, open_shard
from pipeline.core.symmetries import SYMMETRIES, Symmetry

Indices = npt.NDArray[np.int64]

NAMELESS: Final = "unknown"

RESIDENT_BYTES: Final = 2 << 30
"""Pixels of one resolution are held in memory up to this size, and mapped beyond it."""

_CHUNK: Final = 1024
"""Images read at once while a resolution is made resident."""


@dataclass(frozen=True)
class Variants:
    """Images under symmetries, one entry each."""

    shard_names: tuple[str, ...]
    image_id: npt.NDArray[np.object_]
    shard: Indices
    """Place in ``shard_names``."""
    row: Indices
    symmetry: Indices
    """Place in `SYMMETRIES`."""
    classes: tuple[str, ...]
    """Creators by name; `NAMELESS` stands for all that are not known."""
    of_class: Indices
    """Place in ``classes``."""

    @classmethod
    def of(cls, table: pa.Table, split: Split) -> Variants:
        """The kept rows of ``split`` in a table of variants, in the order of the table."""
        wanted = pc.and_(pc.equal(table["status"], Status.KEEP), pc.equal(table["split"], split))
        kept = table.filter(wanted)
        names = sorted(pc.unique(kept["shard"]).to_pylist())
        creators = pc.fill_null(kept["creator"], NAMELESS)
        classes = sorted(pc.unique(creators).to_pylist())
        return cls(
            tuple(names),
            kept["image_id"].to_numpy(),
            _places(kept["shard"], names),
            kept["row"].to_numpy().astype(np.int64),
            _places(kept["transform"], [str(symmetry) for symmetry in SYMMETRIES]),
            tuple(classes),
            _places(creators, classes),
        )

    def __len__(self) -> int:
        return len(self.row)

    def taken(self, wanted: Indices) -> Variants:
        """The entries at the places ``wanted``."""
        return Variants(
            self.shard_names,
            self.image_id[wanted],
            self.shard[wanted],
            self.row[wanted],
            self.symmetry[wanted],
            self.classes,
            self.of_class[wanted],
        )

    def originals(self) -> tuple[Variants, Indices]:
        """Each image once, as it was stored, and the place among them of each variant's image."""
        _, first, place = np.unique(
            self.shard << 32 | self.row, return_index=True, return_inverse=True
        )
        found = self.taken(first)
        untouched = np.zeros_like(found.symmetry)
        return replace(found, symmetry=untouched), place

    def class_sizes(self) -> Indices:
        """How many entries there are of each class."""
        return np.bincount(self.of_class, minlength=len(self.classes))


def _places(column: pa.ChunkedArray, names: list[str]) -> Indices:
    found = pc.index_in(column, pa.array(names, pa.string()))
    return np.asarray(found.to_numpy(), np.int64)


class Images:
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
            chunks = [
                self._read(np.arange(start, min(start + _CHUNK, count)))
                for start in range(0, count, _CHUNK)
            ]
            self._resident = np.concatenate(chunks)
            self._maps = []

    def __len__(self) -> int:
        return len(self._symmetry)

    def pixels(self, wanted: Indices) -> Pixels:
        """Stored pixels of the variants at ``wanted``, uint8 (n, r, r, 3), not yet transformed."""
        originals = self._original[wanted]
        return self._read(originals) if self._resident is None else self._resident[originals]

    def pictures(self, wanted: Indices) -> Pixels:
        """The variants at ``wanted`` as pictures to look at, uint8 (n, r, r, 3)."""
        return to_bytes(self.batch(wanted, torch.device("cpu")))

    def batch(self, wanted: Indices, device: torch.device) -> Tensor:
        """The variants at ``wanted`` on ``device``: float32 (n, 3, r, r) in -1..1."""
        symmetries = self._symmetry[wanted]
        if device.type == "cpu":
            return self._turned(self._original[wanted], symmetries)
        raw = torch.from_numpy(self.pixels(wanted)).pin_memory().to(device, non_blocking=True)
        return to_float(transformed(raw.permute(0, 3, 1, 2), symmetries))

    def _turned(self, originals: Indices, symmetries: Indices) -> Tensor:
        from train.turning import turned  # compiled code, which takes a third of a second to load

        if self._resident is None:
            return turned(self._read(originals), np.arange(len(originals)), symmetries)
        return turned(self._resident, originals, symmetries)

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
            f"train.resolution is {resolution}, but {folder} holds only the sizes {sizes}; "
            f"add a larger one to ingest.sizes or lower the resolution"
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
