"""What the command line says of faults that no stage expects."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from pipeline import cli


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/a.tar")


def short_write(*_: object, **__: object) -> None:
    raise OSError("4096 requested and 0 written")  # as numpy says it


def many_files(*_: object, **__: object) -> None:
    why = f"[Errno {errno.ENOSPC}] {os.strerror(errno.ENOSPC)}"
    raise shutil.Error([("/data/samples/1.png", "/models/samples/1.png", why)])


@pytest.mark.parametrize("fault", [full_disk, short_write, many_files])
def test_a_full_disk_is_a_sentence_whoever_meets_it(
    fault: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.cli, "main", fault)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 50
    said = capsys.readouterr().err
    assert said.endswith("make room and run the same command again\n")
    assert "Traceback" not in said


def test_any_other_fault_of_the_system_is_none_of_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(cli.cli, "main", fault)
    with pytest.raises(OSError, match="open files"):
        cli.main()


def test_arrow_makes_arrays_without_pandas() -> None:
    script = (
        "import sys\nfrom pipeline.stage_command import without_pandas\n"
        "with without_pandas():\n import numpy as np, pyarrow as pa\n pa.array(np.arange(3))\n"
        "print('pandas' in sys.modules)\nimport pandas\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"
