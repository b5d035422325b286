"""A scheduler and workers as processes, started as a person starts them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DASK: Final = [sys.executable, "-m", "dask"]
VARIABLES: Final = {
    "PYTHONPATH": str(ROOT),
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",  # samples each process all the time
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",  # 3 would be two more starts of a worker
}


class Cluster:
    """One scheduler, its workers, and the file that tells its address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []
        self._start("scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1")

    @property
    def address(self) -> str:
        return str(json.loads(self.file.read_text())["address"])

    def add_worker(
        self, variables: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> subprocess.Popen[bytes]:
        return self._start(
            "worker", "--nthreads", "1", "--memory-limit", "0", "--no-dashboard",
            "--local-directory", str(self.folder), variables=variables, cwd=cwd,
        )  # fmt: skip

    def _start(
        self, *words: str, variables: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{len(self.processes)}-{words[0]}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [*DASK, *words, "--scheduler-file", str(self.file)], stdout=log, stderr=log,
                cwd=cwd, env=os.environ | VARIABLES | dict(variables or {}), start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def wait(self) -> None:
        deadline = time.monotonic() + 120
        while not self.file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self) -> None:
        """End all of them at once, with the children of those that restart their workers."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
