from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from pipeline.core.errors import StorageError
from train.loop import checkpoint
from train.loop.checkpoint import Checkpoint, Record
from train.monitor.monitor import MonitorState


def _checkpoint(images_seen: int) -> Checkpoint:
    tensors = {
        "generator/weight": torch.full((3, 2, 4, 4), float(images_seen)).to(
            memory_format=torch.channels_last
        ),
        "generator/bias": torch.arange(3, dtype=torch.bfloat16),
        "optimizer/0/step": torch.tensor(7.0),
    }
    record = Record(
        images_seen=images_seen,
        images_before=4,
        steps=images_seen // 8,
        rows=[{"images": images_seen, "loss": math.inf}],
        open_losses=["b", "a"],
        monitor=MonitorState(setbacks=1, sample_metrics=[{"images": 0, "diversity": 0.5}]),
        compute={"device": "cpu", "threads": None},
    )
    return Checkpoint(record, tensors)


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    saved = _checkpoint(16)
    checkpoint.save(tmp_path, saved, keep=2)
    loaded, torn = checkpoint.load_latest(tmp_path)
    assert loaded is not None
    assert not torn
    assert loaded.record == saved.record
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
    assert checkpoint.kept(tmp_path) == [
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
    assert loaded.record.images_seen == 8
    assert torn == [path]


def _rewritten(path: Path, change: Any) -> None:
    """Put other metadata before the same tensors, as a stranger might."""
    with safetensors.safe_open(path, framework="pt") as file:
        content = json.loads(file.metadata()["salon"])
    text = change if isinstance(change, str) else json.dumps(content | change(content))
    tensors = safetensors.torch.load_file(path)
    path.write_bytes(safetensors.torch.save(tensors, metadata={"salon": text}))


@pytest.mark.parametrize(
    "change",
    [
        "[" * 100_000 + "]" * 100_000,
        "[]",
        "null",
        '{"images_seen": 8}',
        '{"images_seen": 8, "record": 5, "sha256": null}',
        lambda _: {"record": {}},
        lambda content: {"record": content["record"] | {"images_seen": "16"}},
        lambda content: {"record": content["record"] | {"images_seen": -1}},
        lambda content: {"record": content["record"] | {"rows": [[1, 2]]}},
        lambda content: {"record": content["record"] | {"monitor": {"setbacks": None}}},
        lambda _: {"sha256": 7},
    ],
)
def test_what_a_stranger_says_of_tensors_is_no_checkpoint(tmp_path: Path, change: Any) -> None:
    checkpoint.save(tmp_path, _checkpoint(16), keep=1)
    path = checkpoint.path_of(tmp_path, 16)
    assert checkpoint.load_checkpoint(path) is not None
    _rewritten(path, change)
    assert checkpoint.load_checkpoint(path) is None


def test_a_folder_in_the_place_of_a_checkpoint_is_none(tmp_path: Path) -> None:
    checkpoint.path_of(tmp_path, 24).mkdir()
    checkpoint.save(tmp_path, _checkpoint(16), keep=1)
    loaded, torn = checkpoint.load_latest(tmp_path)
    assert loaded is not None
    assert not torn
    assert checkpoint.load_checkpoint(checkpoint.path_of(tmp_path, 24)) is None
    with pytest.raises(
        StorageError, match="a folder stands where a file of Salon's belongs; move it away"
    ):
        checkpoint.save(tmp_path, _checkpoint(24), keep=1)


def test_a_checkpoint_of_an_earlier_version_still_has_its_weights(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, _checkpoint(16), keep=1)
    path = checkpoint.path_of(tmp_path, 16)
    old = {"steps": 2, "images_before": 4, "rows": [], "tally": {"steps": 0, "losses": []}}
    _rewritten(path, lambda _: {"images_seen": 16, "record": old})
    loaded = checkpoint.load_checkpoint(path)
    assert loaded is not None
    assert (loaded.record.images_seen, loaded.record.images_before) == (16, 4)


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert checkpoint.load_latest(tmp_path / "missing") == (None, [])
