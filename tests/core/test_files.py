from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pytest

from pipeline.core import shards
from pipeline.core.errors import BusyError, TableError
from pipeline.core.files import exclusive, replacing, write_bytes, write_json


def _write_half(path: Path) -> None:
    with replacing(path) as file:
        file.write(b"half of")
        raise ValueError("torn off")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"b": 1, "a": "é"})
    with pytest.raises(ValueError, match="torn off"):
        _write_half(path)
    assert path.read_text(encoding="utf-8") == '{\n  "a": "é",\n  "b": 1\n}\n'
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def _hold(path: Path, held: Event) -> None:
    with exclusive(path, what="the capture"):
        held.set()
        signal.pause()


def test_a_lock_keeps_a_second_process_out_and_dies_with_the_first(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    spawn = multiprocessing.get_context("spawn")
    held = spawn.Event()
    holder = spawn.Process(target=_hold, args=(path, held))
    holder.start()
    assert held.wait(30)
    with (
        pytest.raises(BusyError, match="the capture is in use"),
        exclusive(path, what="the capture"),
    ):
        pass
    holder.kill()
    holder.join()
    with exclusive(path, what="the capture"):
        pass


def test_shards_are_mapped_and_gathered_in_the_order_asked_for(tmp_path: Path) -> None:
    first = np.arange(3 * 64 * 64 * 3, dtype=np.uint32).astype(np.uint8).reshape(3, 64, 64, 3)
    shards.write(tmp_path / "64" / "one.npy", first)
    shards.write(tmp_path / "64" / "two.npy", 255 - first)
    places = [("two", 2), ("one", 0), ("two", 0)]
    gathered = shards.gather(tmp_path, 64, places)
    assert np.array_equal(gathered, np.stack([255 - first[2], first[0], 255 - first[0]]))


def _tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (Path.unlink, "missing"),
        (_tear, "torn"),
        (lambda path: write_bytes(path, b""), "torn"),
    ],
)
def test_a_spoilt_shard_is_named(tmp_path: Path, spoil: Callable[[Path], None], said: str) -> None:
    path = tmp_path / "one.npy"
    shards.write(path, np.zeros((2, 64, 64, 3), np.uint8))
    spoil(path)
    with pytest.raises(TableError, match=said):
        shards.open_shard(path)
