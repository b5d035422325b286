"""The function of a run, in a file of the shared folder: what its tasks share travels once.

A worker opens the file at its first task. One that cannot does not share the folder, and one whose
libraries or whose Salon is another would write other bytes: either stops the run, by its host's
name, also where the worker came late.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement

from pipeline.core.code import PACKAGES
from pipeline.core.errors import ClusterError, SalonError
from pipeline.core.files import partial_name, storage_errors

_FUNCTION: Final = "function.pickle"
_LATE_S: Final = 5.0
"""A folder on another machine may show a new file some seconds late."""
_EXTRAS: Final = ("cluster", "heic", "jxl")
"""Extras that decide about the bytes of a result, or about what is sent to and fro."""
SHARE: Final = (
    "every host of the cluster must see the project's folder under the same path, and may write "
    "there (docs/cluster.md)"
)

Environment = dict[str, str | None]


@contextmanager
def packed_function(function: Callable[..., Any], folder: Path) -> Iterator[Path]:
    """A folder of its own below ``folder`` that holds ``function``, for the block."""
    parcel = partial_name(folder / "cluster")
    with storage_errors(parcel):
        parcel.mkdir(parents=True)
    try:
        with storage_errors(parcel), (parcel / _FUNCTION).open("wb") as file:
            pickle.dump(worker_environment(), file, protocol=5)
            pickle.dump(function, file, protocol=5)
        yield parcel
    finally:
        shutil.rmtree(parcel, ignore_errors=True)


def answer(parcel: Path) -> str:
    """On a worker: make sure that it can work, and write an answer into ``parcel``; its name.

    Raises:
        ClusterError: it cannot.
    """
    opened(parcel)
    return _write_answer(parcel)


def check_answer(parcel: Path, name: str, host: str) -> None:
    """See that what a worker on ``host`` wrote is to be seen here.

    Raises:
        ClusterError: it is not, so that both have a folder of that name.
    """
    if not _there(parcel / name):
        raise ClusterError(
            f"the worker on {host} has a {parcel.parent} of its own: what it writes there is not "
            f"seen here; {SHARE}"
        )


@lru_cache(maxsize=2)  # a stage's passes take turns with one function or two
def opened(parcel: Path) -> Callable[[Any], Any]:
    """On a worker: the function in ``parcel``.

    Raises:
        ClusterError: the folder is not shared, or Salon or a library is another here.
    """
    host = socket.gethostname()
    if not _there(parcel / _FUNCTION):
        raise ClusterError(f"the worker on {host} does not see {parcel.parent}; {SHARE}")
    with (parcel / _FUNCTION).open("rb") as file:
        check_same(pickle.load(file), f"the worker on {host}")  # noqa: S301 - our own file
        try:
            function: Callable[[Any], Any] = pickle.load(file)  # noqa: S301
        except (ImportError, AttributeError) as error:
            raise ClusterError(
                f"the worker on {host} cannot import what it is to run ({error}); install there "
                f"what is installed here"
            ) from error
    return function


def check_same(there: Environment, who: str) -> None:
    """Compare the environment ``there``, of the driver, with the one here, that of ``who``.

    Raises:
        ClusterError: they differ.
    """
    here = worker_environment()
    differ = [
        f"{name} {here.get(name) or 'missing'} instead of {there.get(name) or 'none'}"
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    ]
    if differ:
        raise ClusterError(
            f"{who} has {', '.join(differ)}; use the same environment everywhere, or other bytes "
            f"might come out"
        )


@cache
def worker_environment() -> Environment:
    """What decides, besides task and function, about the bytes of a result, by name."""
    needed = (Requirement(line) for line in requires("salon") or ())
    names = sorted(
        requirement.name
        for requirement in needed
        if requirement.marker is None
        or any(requirement.marker.evaluate({"extra": extra}) for extra in _EXTRAS)
    )
    return {
        "Python": platform.python_version(),
        "processor": platform.machine(),
        "Salon's code": _code(),
    } | {name: _version(name) for name in names}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _code() -> str:
    """Names the sources of Salon in use, as its version stays while it is worked on."""
    root, digest = Path(__file__).parents[3], hashlib.sha256()
    for path in sorted(path for name in PACKAGES for path in (root / name).rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _there(path: Path) -> bool:
    deadline = time.monotonic() + _LATE_S
    while not path.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _write_answer(parcel: Path) -> str:
    name = f"{socket.gethostname()}-{os.getpid()}"
    try:
        with storage_errors(parcel):
            (parcel / name).touch()
    except SalonError as error:
        raise ClusterError(f"the worker on {socket.gethostname()}: {error}; {SHARE}") from error
    return name
