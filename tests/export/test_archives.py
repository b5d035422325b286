"""Archives that other programs open, and names that every disk and reader takes."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.export.archives import ArchiveMember, StoredZip, header, write_tar
from pipeline.export.exported_items import classes, folder_name

GIB = 1 << 30


@pytest.mark.parametrize(("start", "count"), [(0, 3), (0, 70_000), (5 * GIB, 3)])
def test_a_zip_may_have_many_members_and_lie_far_into_a_file(
    start: int, count: int, tmp_path: Path
) -> None:
    """More members than 16 bits count, and offsets beyond 32, in a file that is mostly a hole."""
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        file.seek(start)
        with StoredZip(file, tmp_path) as archive:
            for number in range(count - 1):
                archive.add(f"ä/{number:05d}", b"%d" % number)
            archive.add_file("last", io.BytesIO(b"x" * 3_000_000))
    with path.open("rb") as file:
        file.seek(-(56 + 20 + 22), os.SEEK_END)  # the three records at the end of a zip64 archive
        end = file.read(56)
    is_far = start > 0 or count > 65_535
    assert (end[:4] == b"PK\x06\x06") == is_far
    assert not is_far or int.from_bytes(end[32:40], "little") == count, "zipfile never looks at it"
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == count
        assert archive.read("ä/00001") == b"1"
        assert archive.read("last") == b"x" * 3_000_000
        assert count > 3 or archive.testzip() is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]


def test_a_tar_is_read_by_tar(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with path.open("wb") as file:
        write_tar(
            file, [ArchiveMember("a.json", b"{}"), ArchiveMember("b" * 90 + ".png", b"x" * 513)]
        )
    told = subprocess.run(
        ["tar", "--list", "--verbose", "--numeric-owner", "--utc", "--file", path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, second = told.stdout.splitlines()
    assert first.split() == ["-rw-r--r--", "0/0", "2", "1970-01-01", "00:00", "a.json"]
    assert second.split()[2] == "513"


@settings(max_examples=50)
@given(st.text("abcdef0123456789-_.", min_size=1, max_size=100), st.integers(0, 8**11 - 1))
def test_headers_are_those_of_tarfile(name: str, size: int) -> None:
    info = tarfile.TarInfo(name)
    info.size = size
    assert header(name, size) == info.tobuf(tarfile.USTAR_FORMAT)


@settings(max_examples=50)
@given(st.lists(st.text(max_size=150), unique=True, max_size=10))
def test_every_creator_gets_a_folder_of_its_own(creators: list[str]) -> None:
    names = [folder_name(creator) for creator in creators]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert name.isascii()
        assert 0 < len(name) <= 120
        assert not name.startswith((".", "_", "-"))
        assert "/" not in name
        assert "\0" not in name
    numbered = classes(creators)
    assert [each.label for each in numbered] == list(range(len(creators)))
    assert [each.folder for each in numbered] == sorted(names)
