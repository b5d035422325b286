from __future__ import annotations

from pathlib import Path

import pytest
import torch

from train import checkpoint
from train.checkpoint import Checkpoint


def _checkpoint(images_seen: int) -> Checkpoint:
    tensors = {
        "generator/weight": torch.full((3, 2, 4, 4), float(images_seen)).to(
            memory_format=torch.channels_last
        ),
        "generator/bias": torch.arange(3, dtype=torch.bfloat16),
        "optimizer/0/step": torch.tensor(7.0),
    }
    return Checkpoint(images_seen, tensors, {"steps": images_seen // 8, "rows": [{"loss": 0.5}]})


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    saved = _checkpoint(16)
    checkpoint.save(tmp_path, saved, keep=2)
    loaded, torn = checkpoint.load_latest(tmp_path)
    assert loaded is not None
    assert not torn
    assert (loaded.images_seen, loaded.record) == (16, saved.record)
    assert loaded.tensors.keys() == saved.tensors.keys()
    for name, tensor in saved.tensors.items():
        assert torch.equal(loaded.tensors[name], tensor)
        assert loaded.tensors[name].dtype == tensor.dtype


def test_one_state_is_one_sequence_of_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        checkpoint.save(tmp_path / folder, _checkpoint(16), keep=2)
    a, b = (checkpoint.path_of(tmp_path / folder, 16).read_bytes() for folder in ("a", "b"))
    assert a == b


def test_only_the_last_ones_are_kept(tmp_path: Path) -> None:
    for images_seen in (8, 16, 24, 32):
        checkpoint.save(tmp_path, _checkpoint(images_seen), keep=2)
    assert checkpoint.found(tmp_path) == [
        checkpoint.path_of(tmp_path, 32),
        checkpoint.path_of(tmp_path, 24),
    ]


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "foreign"])
def test_a_torn_checkpoint_gives_way_to_the_one_before(tmp_path: Path, damage: str) -> None:
    for images_seen in (8, 16):
        checkpoint.save(tmp_path, _checkpoint(images_seen), keep=2)
    path = checkpoint.path_of(tmp_path, 16)
    data = bytearray(path.read_bytes())
    match damage:
        case "cut":
            data = data[: len(data) // 2]
        case "empty":
            data = bytearray()
        case "flipped":
            data[-1] ^= 1
        case "foreign":
            data = bytearray(b"not safetensors at all, but long enough to look at")
    path.write_bytes(data)
    loaded, torn = checkpoint.load_latest(tmp_path)
    assert loaded is not None
    assert loaded.images_seen == 8
    assert torn == [path]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert checkpoint.load_latest(tmp_path / "missing") == (None, [])
