"""The journal of a training: what it leaves open while weeks go by."""

from __future__ import annotations

import gc
import subprocess
import warnings
from pathlib import Path

import pytest

from train.journal import Journal

COMMANDS = (
    "git init -q",
    "git -c user.name=A -c user.email=a@b.c commit -q --allow-empty -m first",
    "git repack -q -a -d",
    "dvc init -q",
)


def test_the_packs_of_git_are_not_held_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone has packs, and DVCLive looks into them for its experiments' names."""
    for command in COMMANDS:
        subprocess.run(command.split(), cwd=tmp_path, check=True)
    assert list((tmp_path / ".git/objects/pack").glob("*.pack"))
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with Journal(tmp_path / "dvclive", tmp_path / "board", []) as journal:
            journal.add({"images": 8, "step": 1, "loss": 0.5})
        del journal
        gc.collect()
    assert [str(warning.message) for warning in seen if "pack" in str(warning.message)] == []
    assert (tmp_path / "dvclive/plots/metrics/loss.tsv").is_file()
