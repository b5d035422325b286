"""`salon export` at the terminal: what it says, and with which code it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.core.errors import TableError, UsageError
from tests.export.exhibition import build, exhibits


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    build(tmp_path, exhibits(12))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SALON_WORKERS", "1")
    return tmp_path


def salon(*words: str) -> str:
    done = CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)
    return done.output


def test_it_tells_what_left_what_stayed_and_what_was_written(project: Path) -> None:
    """Counted by hand: 0, 1, 5, 6, 10 and 11 are in the public domain, 5 is held out, 7 is out."""
    words = ("export", "paintings", "--format", "parquet", "--out", "out")
    left, stayed, written = salon(*words, "--rights", "Public domain").splitlines()
    assert left == (
        "export paintings (workspace): 6 pictures from WikiArt (the gallery of Salon that stands "
        "in for it): 5 pictures in train and 1 picture in held_out, in 4 classes, captured on "
        "2026-05-04."
    )
    assert stayed == (
        "left behind for their label: Fair Use / Public domain (2), no label (2), Fair Use (1); "
        "the labels of this version: Public domain (6), Fair Use / Public domain (2), "
        "no label (2), Fair Use (1)"
    )
    assert written == "out: 8 files written; what lay there already, byte for byte, was left alone"
    assert salon("export", "--check", "out") == (
        "out: 6 pictures in 8 files, each as it was written, and nothing else\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), r"name a COLLECTION, --format and --out"),
        (("prints", "--format", "folder", "--out", "out"), r"no collection 'prints'"),
        (
            ("paintings", "--format", "stylegan", "--size", "original", "--out", "out"),
            r"--format stylegan takes squares; choose --size 256 or 64",
        ),
        (
            ("paintings", "--format", "folder", "--variants", "--out", "out"),
            r"--variants are made of squares; choose --size 256 or 64",
        ),
        (("--check", "nowhere"), r"nowhere: no export here \(MANIFEST.jsonl is missing\)"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    words: tuple[str, ...], said: str, project: Path
) -> None:
    from click import UsageError as ClickUsageError

    with pytest.raises((UsageError, ClickUsageError), match=said):
        salon("export", *words)
    assert not (project / "out").exists()


def test_a_check_that_fails_leaves_with_a_code_of_its_own(project: Path) -> None:
    salon("export", "paintings", "--format", "webdataset", "--size", "64", "--out", "out")
    (project / "out" / "train-00000.tar").unlink()
    with pytest.raises(TableError, match="out: 1 file not as exported"):
        salon("export", "--check", "out")
