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
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.core.files import write_bytes
from train.monitor.monitor import MonitorState
from train.monitor.rules import Row
from train.networks.state_dicts import Tensors

BEST: Final = "best.safetensors"

_KEY: Final = "salon"
_SUFFIX: Final = ".safetensors"
_PREFIX: Final = "checkpoint-"


class Record(BaseModel):
    """What is not a tensor."""

    model_config = ConfigDict(strict=True, extra="forbid")

    images_seen: int = Field(ge=0)
    images_before: int = Field(ge=0)
    """Images seen by the trainings whose weights a warm start took."""
    steps: int = Field(default=0, ge=0)
    seconds: float = Field(default=0.0, ge=0)
    """Time on the wall that the training took."""
    rows: list[Row] = []
    """The history so far."""
    open_steps: int = Field(default=0, ge=0)
    """Steps since its last row."""
    open_losses: list[str] = []
    """Names of the sums of losses since then, in the order of the history's columns."""
    monitor: MonitorState = MonitorState()
    nearest: float | None = None
    """Distance from real images of the best checkpoint."""
    compute: dict[str, Any] = {}


@dataclass(frozen=True)
class Checkpoint:
    """All that a training needs in order to go on as if nothing had happened."""

    record: Record
    tensors: Tensors

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
    data = checkpoint_bytes(checkpoint)
    if best:
        write_bytes(folder / BEST, data)
    write_bytes(path_of(folder, checkpoint.record.images_seen), data)
    for old in kept(folder)[keep:]:
        old.unlink()


def checkpoint_bytes(checkpoint: Checkpoint) -> bytes:
    """The bytes of a checkpoint's file."""
    tensors = {name: tensor.cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
    # Not by pydantic, which writes a loss that is no number as null.
    content = json.dumps({"sha256": _digest(tensors), "record": checkpoint.record.model_dump()})
    return safetensors.torch.save(tensors, metadata={_KEY: content})


def kept(folder: Path) -> list[Path]:
    """The checkpoints in ``folder``, the latest first."""
    files = (path for path in folder.glob(f"{_PREFIX}*{_SUFFIX}") if path.is_file())
    return sorted(files, reverse=True)


def delete_after(folder: Path, images_seen: int) -> None:
    """Delete the checkpoints of more than ``images_seen`` images."""
    for path in kept(folder):
        if path > path_of(folder, images_seen):
            path.unlink()


def load_latest(folder: Path) -> tuple[Checkpoint | None, list[Path]]:
    """The latest whole checkpoint in ``folder``, and the torn ones that are later than it."""
    torn: list[Path] = []
    for path in kept(folder):
        checkpoint = load_checkpoint(path)
        if checkpoint is not None:
            return checkpoint, torn
        torn.append(path)
    return None, torn


class _Content(BaseModel):
    """The JSON text."""

    sha256: str
    record: Record

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_version(cls, content: Any) -> Any:
        """What a warm start needs of a file that an earlier version of Salon wrote."""
        if not isinstance(content, dict) or "images_seen" not in content:
            return content
        record = content.get("record")
        before = record.get("images_before", 0) if isinstance(record, dict) else 0
        return {
            "sha256": content.get("sha256"),
            "record": {"images_seen": content["images_seen"], "images_before": before},
        }


def load_checkpoint(path: Path) -> Checkpoint | None:
    """The checkpoint in ``path``, or nothing if it is torn or anything else.

    The text is read by its schema, so that a file of a stranger is no checkpoint rather than a
    surprise: nested too deeply, a text for a number, a key too few.
    """
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            content = _Content.model_validate_json((file.metadata() or {})[_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (safetensors.SafetensorError, OSError, KeyError, ValidationError):
        return None
    whole = _digest(tensors) == content.sha256
    return Checkpoint(content.record, tensors) if whole else None


def _digest(tensors: Tensors) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tuple(tensors[name].shape)}\n".encode())
        digest.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
