"""An installation in which nothing can be written, as a service without a home meets it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import curation
import pipeline
import train

LOOP = """
import numba

@numba.njit("int64(int64)", cache=True)
def twice(number):
    return 2 * number
"""


@pytest.mark.parametrize("room", ["curation.images", "train.data"])
def test_a_read_only_installation_says_one_sentence_and_works(tmp_path: Path, room: str) -> None:
    for package in (curation, pipeline, train):
        source = Path(str(package.__file__)).parent
        shutil.copytree(source, tmp_path / source.name,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    folder = tmp_path.joinpath(*room.split("."))
    (folder / "loop.py").write_text(LOOP)
    # Nobody can write into a file, not even root, whom permissions do not stop.
    (folder / "__pycache__").touch()
    env = os.environ | {
        "PYTHONPATH": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/dev/null",
        "TMPDIR": str(tmp_path),
    }
    env = {
        name: value
        for name, value in env.items()
        if name not in {"NUMBA_CACHE_DIR", "XDG_CACHE_HOME"}
    }
    code = (
        f"import os; from {room}.loop import twice;"
        "print(twice(21), len(os.listdir(os.environ['NUMBA_CACHE_DIR'])))"
    )
    child = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (child.returncode, child.stdout) == (0, "42 1\n"), child.stderr
    assert child.stderr.count("\n") == 1
    assert "set NUMBA_CACHE_DIR to a folder that keeps them" in child.stderr
    assert list(tmp_path.glob("salon-numba-*")) == [], "gone with the run"
