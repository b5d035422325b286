"""Imports the libraries, then forks for each client: `server.py SOCKET`. Never imports our code."""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIBRARIES: Final = (
    *("numpy", "numba", "PIL.Image", "imagehash", "xxhash", "grimp", "matplotlib.pyplot"),
    *("scipy.ndimage", "scipy.fft", "scipy.optimize", "scipy.spatial", "scipy.stats", "joblib"),
    *("torch", "torch.utils.tensorboard", "safetensors.torch"),
    *("click", "pydantic", "yaml", "jinja2", "rich.progress", "rich.table", "requests"),
    *("lxml.html", "selenium.webdriver", "warcio", "parsel", "protego", "tenacity"),
    *("dvc.cli.parser", "dvc.repo", "dvc.repo.reproduce", "dvc.stage"),
)
"""Not pandas, which pyarrow looks for and table stages do without; not pyarrow, which begins a
thread that a fork would not have."""


@dataclass(frozen=True)
class Request:
    """What a client asks for."""

    words: list[str]
    """The script, and its arguments."""
    folder: str
    variables: dict[str, str]
    files: list[int]
    """Its standard input, output and error."""


def next_request(listening: socket.socket) -> Request:
    """Wait for clients; returns in a child of its own for each, and never in this process."""
    while True:
        connection, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            return _request(connection)
        connection.close()


def _request(connection: socket.socket) -> Request:
    """In the child: fork once more, return there, and here tell the client how that one ended."""
    head, files, _, _ = socket.recv_fds(connection, 4, 3)
    length = int.from_bytes(head, "big")
    text = b""
    while len(text) < length:
        text += connection.recv(length - len(text))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        connection.close()
        return Request(**json.loads(text), files=files)
    for file in files:
        os.close(file)
    _watch(child, connection)
    os._exit(0)


def _watch(child: int, connection: socket.socket) -> None:
    """Pass signals on to the child until it ends, then its exit code to the client."""
    ending = os.pidfd_open(child)
    asking = connection.fileno()
    is_watched = [ending, asking]
    while ending not in (ready := select.select(is_watched, [], [])[0]):
        assert ready == [asking]
        number = connection.recv(1)
        os.kill(child, number[0] if number else signal.SIGTERM)
        if not number:
            is_watched.remove(asking)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if asking in is_watched:
        # As shells do with what a signal ended.
        connection.send(bytes([code if code >= 0 else 128 - code]))


def become(request: Request) -> None:
    """Be the process that was asked for, up to its first line."""
    for number, file in enumerate(request.files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.variables)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdin = os.fdopen(0, closefd=False)
    lines = 1 if request.variables.get("PYTHONUNBUFFERED") else -1
    sys.stdout = os.fdopen(1, "w", lines, closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    sys.argv = request.words
    folders = request.variables.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:1] = [str(Path(request.words[0]).parent), *filter(None, folders)]


def main() -> None:
    """Serve until ended by a signal."""
    address = Path(sys.argv[1])
    for name in LIBRARIES:
        importlib.import_module(name)
    threads = [*Path("/proc/self/task").iterdir()]
    assert len(threads) == 1, "a fork would lose the other threads of a library"
    assert "pipeline" not in sys.modules, "each project has its own copy of our code"
    gc.freeze()  # a collection in a fork would copy the memory of the libraries
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the tests is for who waits
    with socket.socket(socket.AF_UNIX) as listening:
        unfinished = address.with_suffix(".begun")
        listening.bind(str(unfinished))
        listening.listen(64)
        unfinished.rename(address)
        request = next_request(listening)
    become(request)
    _end_with(_exit_code(lambda: runpy.run_path(request.words[0], run_name="__main__")))


def _exit_code(script: Callable[[], object]) -> int:
    """Run ``script``; what an interpreter would end with, having said what it would say."""
    try:
        script()
    except SystemExit as ending:
        if isinstance(ending.code, str):
            sys.stderr.write(f"{ending.code}\n")
            return 1
        return ending.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _end_with(code: int) -> None:
    """End as an interpreter does, but leave the libraries' memory alone.

    Taking apart what all forks share would copy it first: 1.2 seconds of CPU for `salon --version`.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


main()
