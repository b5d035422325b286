"""What the tests of a cluster let its workers do."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from pipeline.core.errors import CaptureError


def square(number: int) -> tuple[int, int]:
    """The square of ``number``, some of them late, and the process that made it."""
    time.sleep(0.2 if number % 4 == 0 else 0.02)
    return number * number, os.getpid()


def rest(_number: int, seconds: float) -> None:
    """Take ``seconds``."""
    time.sleep(seconds)


def poison(number: int) -> int:
    """End the worker that is handed 2."""
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def torn(number: int) -> int:
    """Fail as a stage does."""
    raise CaptureError(f"images-{number:05d}.tar: torn")


def missing(number: int) -> int:
    """Fail as nobody foresaw."""
    return len(Path(f"/nowhere/{number}").read_bytes())
