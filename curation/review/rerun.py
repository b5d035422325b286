"""`dvc repro` at the press of a button, with all that it says."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.core.errors import BusyError


class Rerun:
    """One run at a time; it goes on when the page is closed, and ends with the server."""

    def __init__(self, root: Path) -> None:
        """Run in the project at ``root``."""
        self._root = root
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []

    def start(self, command: Sequence[str]) -> None:
        """Start ``command``.

        Raises:
            BusyError: the last one has not ended.
        """
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                raise BusyError("a run is under way; wait for it to end")
            self._lines = [f"$ {' '.join(command[-3:])}"]
            self._process = subprocess.Popen(  # noqa: S603 - our own words only
                command,
                cwd=self._root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def status(self, since: int = 0) -> dict[str, Any]:
        """The lines from number ``since`` on, and how the run ended (None while it goes on)."""
        with self._lock:
            process = self._process
            ended = process.poll() if process is not None else None
            return {
                "started": process is not None,
                "lines": self._lines[since:],
                "next": len(self._lines),
                "exit": ended,
            }

    def stop(self) -> None:
        """End what is running, as Ctrl-C would."""
        with self._lock:
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            process.wait()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            with self._lock:
                self._lines.append(line.rstrip())
        process.wait()
