"""`salon` and `dvc` for tests: their own scripts, in a process that has the libraries.

Importing torch, pyarrow, numba and DVC takes a second or three of CPU time, and a run of all stages
of one collection does so fourteen times. Here one process imports them and nothing of ours, and
each command is a fork of it: it has the arguments, the folder, the variables and the open files of
who called it, imports the project's own code, and ends as any process does. So what a test sees is
what a new interpreter would do, only sooner.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Final

PROGRAMS: Final = ("salon", "dvc")
_HERE: Final = Path(__file__).parent
_LONGEST_START_S: Final = 300


@cache
def folder() -> Path:
    """A folder for the front of PATH with the programs in it; it serves until this process ends."""
    # Names of sockets may not be longer than 107 bytes; those of pytest's folders easily are.
    made = tempfile.TemporaryDirectory(prefix="salon-")
    programs = Path(made.name)
    socket = programs / "socket"
    server = subprocess.Popen([sys.executable, str(_HERE / "server.py"), str(socket)])
    atexit.register(_end, server, made)
    deadline = time.monotonic() + _LONGEST_START_S
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{_HERE / 'server.py'} did not begin to listen")
        time.sleep(0.02)
    for name in PROGRAMS:
        script = Path(sys.executable).with_name(name)
        words = (sys.executable, "-IS", _HERE / "client.py", socket, script)
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {" ".join(map(str, words))} "$@"\n')
        program.chmod(0o755)
    return programs


def path() -> dict[str, str]:
    """The variable by which a shell has them."""
    own = str(Path(sys.executable).parent)
    return {"PATH": os.pathsep.join((str(folder()), own, os.environ["PATH"]))}


def _end(server: subprocess.Popen[bytes], made: tempfile.TemporaryDirectory[str]) -> None:
    server.terminate()
    server.wait()
    made.cleanup()
