from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pytest

from pipeline.core import shards
from pipeline.core.errors import BusyError, StorageError, TableError
from pipeline.core.files import (
    as_storage_error,
    exclusive,
    making_folder,
    replacing,
    write_bytes,
    write_json,
)  # fmt: skip


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


def test_of_two_who_make_one_folder_the_first_stays_and_neither_is_torn(tmp_path: Path) -> None:
    """As on a cluster: the first was taken for dead, and its work was given to another."""
    place = tmp_path / "part"
    with making_folder(place) as frozen:
        (frozen / "half").touch()
        with making_folder(place) as other:
            (other / "whole").touch()
            assert not place.exists()
        (frozen / "rest").touch()
    assert [path.name for path in place.iterdir()] == ["whole"]
    assert list(tmp_path.iterdir()) == [place]


def test_a_folder_that_fails_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), making_folder(tmp_path / "part") as folder:
        folder.write_bytes(b"not into a folder")
    assert list(tmp_path.iterdir()) == []


def test_a_lock_keeps_a_second_process_out_and_dies_with_the_first(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    spawn = multiprocessing.get_context("spawn")
    held = spawn.Event()
    holder = spawn.Process(target=_hold, args=(path, held))
    holder.start()
    assert held.wait(30)
    with (
        pytest.raises(BusyError, match="another process works on the capture"),
        exclusive(path, what="the capture"),
    ):
        pass
    holder.kill()
    holder.join()
    with exclusive(path, what="the capture"):
        pass


def _folder(path: Path) -> None:
    path.mkdir(parents=True)


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def _file(path: Path) -> None:
    path.write_text("")


@pytest.mark.parametrize(
    ("at", "put", "says"),
    [
        ("a/b.json", _folder, "a/b.json: a folder stands where a file of Salon's belongs"),
        ("a", _file, "a: something else stands where a folder of Salon's belongs"),
        ("a", _link_to_itself, "a: something else stands where a folder of Salon's belongs"),
    ],
)
def test_what_stands_in_the_way_is_named(
    tmp_path: Path, at: str, put: Callable[[Path], None], says: str
) -> None:
    put(tmp_path / at)
    with pytest.raises(StorageError) as caught:
        write_bytes(tmp_path / "a" / "b.json", b"{}")
    assert str(caught.value).startswith(f"{tmp_path}/{says}")
    assert str(caught.value).endswith("; move it away and run the same command again")
    assert not list(tmp_path.glob("**/*.partial"))


@pytest.mark.parametrize(
    ("put", "says"),
    [
        (_folder, "a folder stands where a file of Salon's belongs"),
        (
            _link_to_itself,
            "a link that leads back to itself stands where a file of Salon's belongs",
        ),
    ],
)
def test_what_cannot_be_read_as_a_file_is_named(
    tmp_path: Path, put: Callable[[Path], None], says: str
) -> None:
    put(tmp_path / "a")
    with pytest.raises(OSError) as caught:  # noqa: PT011 - which one differs
        (tmp_path / "a").read_bytes()
    error = as_storage_error(caught.value)
    assert str(error).startswith(f"{tmp_path / 'a'}: {says}; move it away")


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
