"""Bytes that follow from the version alone, folders that are never half written, later versions."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import BusyError, CaptureError, StorageError, TableError, UsageError
from pipeline.core.files import exclusive
from pipeline.core.paths import Paths
from pipeline.export import documents, export, parts
from pipeline.export.integrity import check
from pipeline.export.manifest import PartRecord
from pipeline.export.staging import STAGING
from tests.export.conftest import Collection
from tests.export.exhibition import FIRST, NAME, SECOND, build, exhibits, without, write_tables

FORMATS = ("folder", "webdataset", "stylegan", "parquet")


def digests(folder: Path) -> dict[str, str]:
    """The bytes of every file, by path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def times(folder: Path) -> dict[str, int]:
    """When every file was last written."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in files}


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    shown = exhibits(18)
    root = tmp_path_factory.mktemp("pattern")
    build(root, shown)
    return Collection(root, shown)


@pytest.fixture
def own(pattern: Collection, tmp_path: Path) -> Collection:
    """A collection that the test may change."""
    shutil.copytree(pattern.root, tmp_path / "project")
    return Collection(tmp_path / "project", pattern.shown)


_OTHER_PROCESS = """
import locale, os, sys, time
from pathlib import Path
from pipeline.export.contents import ExportOptions
from pipeline.export.export import export_version
os.umask(0o077)
time.tzset()
locale.setlocale(locale.LC_ALL, "")
for form, size, variants in {asked!r}:
    os.environ["SALON_WORKERS"] = "2" if form == "webdataset" else "1"
    asked = ExportOptions({name!r}, form, size, variants, ())
    export_version(Path.cwd(), asked, Path("out") / form)
"""


def test_the_same_version_gives_the_same_bytes_elsewhere(
    collection: Collection, exported: Callable[..., Path], tmp_path: Path
) -> None:
    """Another path, another process, time zone, umask, locale, number of workers."""
    copy = tmp_path / "another place"
    shutil.copytree(collection.root, copy)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
    asked = [
        ("folder", "original", False),
        ("webdataset", "64", True),
        ("stylegan", "64", True),
        ("parquet", "64", True),
    ]
    variables = {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    script = _OTHER_PROCESS.format(asked=asked, name=NAME)
    subprocess.run(
        [sys.executable, "-c", script], cwd=copy, check=True, env={**os.environ, **variables}
    )
    for form, size, variants in asked:
        assert digests(copy / "out" / form) == digests(exported(form, size, variants=variants))


@pytest.mark.parametrize("form", FORMATS)
def test_exporting_again_writes_nothing(form: str, own: Collection, tmp_path: Path) -> None:
    out = tmp_path / "out"
    own.export(out, form)
    before = times(out)
    assert own.export(out, form).files_written == 0
    del before["MANIFEST.jsonl"]
    assert before.items() <= times(out).items()


@pytest.mark.parametrize("form", ["folder", "webdataset", "parquet"])
def test_a_later_version_rewrites_only_the_shards_that_changed(
    form: str, own: Collection, tmp_path: Path
) -> None:
    """A second capture brings images, and a curator removes one of the first."""
    size = "64" if form == "parquet" else "original"
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    own.export(out, form, size)
    before, when = digests(out), times(out)
    removed = next(e for e in own.shown if e.leaves() and e.split == "train" and e.kind == "jpg")
    later = without(own.shown, removed.number, kept=False) + exhibits(12, 18, SECOND)
    build(own.root, later)
    own.export(out, form, size)
    own.export(fresh, form, size)
    assert digests(out) == digests(fresh)
    assert check(out).problems == []
    after = digests(out)
    kept = {path for path in before if after.get(path) == before[path]}
    assert {path for path in kept if times(out)[path] != when[path]} == set()
    pictures = {p for p in before if p.endswith((".tar", ".jpg", ".png")) or p.startswith("data/")}
    if form == "folder":
        lost = pictures - kept
        assert [Path(path).stem for path in lost] == [removed.image_id]
        assert not (out / lost.pop()).exists()
    else:
        assert len(pictures - kept) == 1
        assert len(pictures) > 2


def test_what_a_person_wrote_into_the_datasheet_stays(own: Collection, tmp_path: Path) -> None:
    out = tmp_path / "out"
    own.export(out, "webdataset")
    sheet = out / "DATASHEET.md"
    opened = sheet.read_text()
    for name, question in documents.HUMAN_SECTIONS.items():
        assert f"## {name}\n\n> **To be written by a person.** {question}" in opened
    written = opened.replace(
        f"> **To be written by a person.** {documents.HUMAN_SECTIONS['Uses']}", "For my thesis.\n"
    )
    sheet.write_text(written)
    checked = check(out)
    assert (checked.problems, len(checked.notes)) == ([], 1)
    write_tables(Paths(own.root, NAME), without(own.shown, 0, kept=False))
    own.export(out, "webdataset")
    again = sheet.read_text()
    assert "## Uses\n\nFor my thesis.\n" in again
    assert "## Motivation\n\n> **To be written" in again


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """Lets no file grow beyond a limit, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def limit(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, ignored)


def unfinished(out: Path) -> list[str]:
    """What lies there under a final name."""
    return [path.name for path in out.iterdir() if path.name != STAGING] if out.exists() else []


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("room", [4_000, 60_000])
def test_a_full_disk_leaves_nothing_under_a_final_name(
    form: str, room: int, own: Collection, tmp_path: Path, small_files: Callable[[int], None]
) -> None:
    """Too little room for the rows, or for a file of pictures; then there is room again."""
    out = tmp_path / "out"
    small_files(room)
    with pytest.raises(StorageError, match="make room and run the same command again"):
        own.export(out, form, "256")
    assert unfinished(out) == []
    small_files(resource.RLIM_INFINITY)
    own.export(out, form, "256")
    assert check(out).problems == []


@pytest.mark.parametrize(
    "name",
    ["job.json", "parts.jsonl", "train-00000.csv", "LICENSES.csv", "README.md", "MANIFEST.jsonl"],
)
def test_no_room_for_whatever_file_is_said_in_a_sentence(
    name: str, own: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, opened = tmp_path / "out", Path.open

    def full(path: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if name in path.name and "w" in mode:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, *rest, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        with pytest.raises(StorageError, match="make room and run the same command again"):
            own.export(out, "webdataset")
    assert unfinished(out) == []
    own.export(out, "webdataset")
    assert check(out).problems == []


def test_a_full_disk_leaves_an_earlier_export_as_it_was(
    own: Collection, tmp_path: Path, small_files: Callable[[int], None]
) -> None:
    out = tmp_path / "out"
    own.export(out, "webdataset", "256")
    before = digests(out)
    write_tables(Paths(own.root, NAME), without(own.shown, 0, kept=False))
    small_files(60_000)
    with pytest.raises(StorageError):
        own.export(out, "webdataset", "256")
    small_files(resource.RLIM_INFINITY)
    now = digests(out)
    assert {path: now[path] for path in before} == before
    assert {path.split("/")[0] for path in now.keys() - before.keys()} <= {STAGING}
    with pytest.raises(UsageError, match="choose another folder"):
        own.export(out, "parquet")


def test_a_killed_export_goes_on_behind_its_last_part(
    own: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    made: list[str] = []

    def dies_at_the_third(task: parts.PartTask) -> PartRecord:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(task.part.name)
        return parts.write_part(task)

    with monkeypatch.context() as patched:
        patched.setattr(export, "write_part", dies_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            own.export(out, "webdataset")
    assert unfinished(out) == []
    with pytest.raises(UsageError, match="run the same command again"):
        check(out)
    staged = times(out / STAGING / "files")
    assert set(staged) == {f"{name}.tar" for name in made}
    own.export(out, "webdataset")
    assert {name: times(out)[name] for name in staged} == staged, "made once"
    assert check(out).problems == []


def test_what_a_stopped_export_of_another_version_made_is_not_used(
    own: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    out, fresh = tmp_path / "out", tmp_path / "fresh"
    with monkeypatch.context() as patched:
        patched.setattr(export, "publish_export", dies)
        with pytest.raises(KeyboardInterrupt):
            own.export(out, "folder")
    write_tables(Paths(own.root, NAME), without(own.shown, 0, kept=False))
    own.export(out, "folder")
    own.export(fresh, "folder")
    assert digests(out) == digests(fresh)


@pytest.mark.parametrize("form", ["folder", "webdataset"])
def test_a_kill_while_files_get_their_names_is_told_and_mended(
    form: str, own: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    renames: list[Path] = []
    replace = Path.replace

    def dies_in_the_middle(path: Path, target: Path) -> Path:
        if STAGING in path.parts and not path.name.endswith(".partial") and "files" in path.parts:
            renames.append(path)
            if len(renames) == 4:
                raise KeyboardInterrupt
        return replace(path, target)

    own.export(out, form)
    write_tables(Paths(own.root, NAME), exhibits(18, 0))
    shutil.rmtree(out)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", dies_in_the_middle)
        with pytest.raises(KeyboardInterrupt):
            own.export(out, form)
    assert len(unfinished(out)) == 3
    with pytest.raises(UsageError, match="run the same command again"):
        check(out)
    own.export(out, form)
    own.export(fresh, form)
    assert digests(out) == digests(fresh)


def test_kill_dash_nine_leaves_nothing_under_a_final_name(own: Collection, tmp_path: Path) -> None:
    """A process that cannot clean up, stopped at whatever it is doing."""
    out = tmp_path / "out"
    script = (
        "import time\nfrom pathlib import Path\nfrom pipeline.export import export, parts\n"
        "from pipeline.export.contents import ExportOptions\n"
        "def slow(task):\n    record = parts.write_part(task)\n    time.sleep(60)\n"
        "    return record\n"
        f"asked = ExportOptions({NAME!r}, 'webdataset', '64', False, ())\n"
        f"export.write_part = slow\nexport.export_version(Path.cwd(), asked, Path({str(out)!r}))\n"
    )
    variables = {"SALON_WORKERS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=own.root, env={**os.environ, **variables}
    )
    try:
        while not list(out.glob(f"{STAGING}/records/*.json")):
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    assert unfinished(out) == []
    own.export(out, "webdataset")
    assert check(out).problems == []


def test_two_at_once_are_one_too_many(own: Collection, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with (
        exclusive(out / STAGING / "lock", what="the export"),
        pytest.raises(BusyError, match="another process works on the export in"),
    ):
        own.export(out, "folder")


def _grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"!")


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("name", "spoil", "said"),
    [
        ("train-00000.tar", Path.unlink, "train-00000.tar: missing"),
        ("train-00000.tar", _grow, "bytes instead of"),
        ("train-00000.tar", _flip, "its bytes have changed"),
        ("LICENSES.csv", _flip, "LICENSES.csv: its bytes have changed"),
        ("train-99999.tar", lambda path: path.write_bytes(b"?"), "not of this export"),
    ],
)
def test_a_check_names_what_is_wrong_and_an_export_mends_it(
    name: str, spoil: Callable[[Path], None], said: str, own: Collection, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    own.export(out, "webdataset")
    spoil(out / name)
    problems = check(out).problems
    assert len(problems) == 1
    assert said in problems[0]
    own.export(out, "webdataset")
    assert check(out).problems == ([] if "99999" not in name else problems)


@pytest.mark.parametrize("line", [0, 1, -1])
def test_a_torn_manifest_is_known_as_one(line: int, own: Collection, tmp_path: Path) -> None:
    out = tmp_path / "out"
    own.export(out, "webdataset")
    manifest = out / "MANIFEST.jsonl"
    lines = manifest.read_text().splitlines()
    del lines[line]
    manifest.write_text("\n".join(lines) + "\n")
    with pytest.raises(TableError, match=r"MANIFEST\.jsonl: torn"):
        check(out)
    with pytest.raises(TableError, match=r"MANIFEST\.jsonl: torn"):
        own.export(out, "webdataset")


def test_a_folder_that_holds_other_things_is_not_written_into(
    own: Collection, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.tex").write_text("!")
    with pytest.raises(UsageError, match=r"holds other files \(thesis.tex\)"):
        own.export(out, "folder")
    assert [path.name for path in out.iterdir()] == ["thesis.tex"]


def test_missing_bytes_and_pixels_are_said_in_a_sentence(own: Collection, tmp_path: Path) -> None:
    out = tmp_path / "out"
    paths = Paths(own.root, NAME)
    shutil.rmtree(paths.pixels / "256")
    with pytest.raises(UsageError, match="no squares of 256 pixels"):
        own.export(out, "folder", "256")
    shutil.rmtree(paths.capture(FIRST))
    with pytest.raises(CaptureError, match=r"the bytes of \d+ images are in no capture"):
        own.export(out, "folder", "original")
    assert not out.exists()
    json.loads(paths.funnel.read_text())
