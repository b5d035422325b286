"""Checkpoints: one file each, written whole or not at all, and nothing in it can run.

A file is safetensors: every tensor of both networks, of the average and of both optimizers by
name, and one JSON text with the rest. Random numbers and the order of the images follow from the
seed and the number of images seen, so no generator's state needs keeping.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from pipeline.core.files import write_bytes

BEST: Final = "best.safetensors"

_KEY: Final = "salon"
_SUFFIX: Final = ".safetensors"
_PREFIX: Final = "checkpoint-"


@dataclass(frozen=True)
class Checkpoint:
    """All that a training needs in order to go on as if nothing had happened."""

    images_seen: int
    tensors: dict[str, Tensor]
    record: dict[str, Any]
    """What is not a tensor; plain JSON."""

    @property
    def digest(self) -> str:
        """Names the content of all tensors."""
        return _digest(self.tensors)


def path_of(folder: Path, images_seen: int) -> Path:
    """The file of the checkpoint after that many images."""
    return folder / f"{_PREFIX}{images_seen:012d}{_SUFFIX}"


def save(folder: Path, checkpoint: Checkpoint, keep: int, *, best: bool = False) -> None:
    """Write ``checkpoint`` into ``folder`` and delete all but the latest ``keep``.

    The ``best`` so far is also written as `BEST`, which stays.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    tensors = {name: tensor.cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
    content = json.dumps(
        {
            "images_seen": checkpoint.images_seen,
            "sha256": _digest(tensors),
            "record": checkpoint.record,
        }
    )
    data = safetensors.torch.save(tensors, metadata={_KEY: content})
    if best:
        write_bytes(folder / BEST, data)
    write_bytes(path_of(folder, checkpoint.images_seen), data)
    for old in found(folder)[keep:]:
        old.unlink()


def found(folder: Path) -> list[Path]:
    """The checkpoints in ``folder``, the latest first."""
    return sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"), reverse=True)


def forget_after(folder: Path, images_seen: int) -> None:
    """Delete the checkpoints of more than ``images_seen`` images."""
    for path in found(folder):
        if path > path_of(folder, images_seen):
            path.unlink()


def load_latest(folder: Path) -> tuple[Checkpoint | None, list[Path]]:
    """The latest whole checkpoint in ``folder``, and the torn ones that are later than it."""
    torn: list[Path] = []
    for path in found(folder):
        checkpoint = load(path)
        if checkpoint is not None:
            return checkpoint, torn
        torn.append(path)
    return None, torn


def load(path: Path) -> Checkpoint | None:
    """The checkpoint in ``path``, or nothing if it is torn."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            content = json.loads((file.metadata() or {})[_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (safetensors.SafetensorError, OSError, KeyError, ValueError):
        return None
    if _digest(tensors) != content["sha256"]:
        return None
    return Checkpoint(content["images_seen"], tensors, content["record"])


def _digest(tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tuple(tensors[name].shape)}\n".encode())
        digest.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
