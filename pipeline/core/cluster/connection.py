"""From what `SALON_CLUSTER` says to a connection with the scheduler."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.core.errors import ClusterError

if TYPE_CHECKING:
    from distributed import Client

VARIABLE: Final = "SALON_CLUSTER"
CONNECT_S: Final = 10
"""Until a scheduler that does not answer counts as none."""
_ALONE: Final = f"or unset {VARIABLE} to work on this machine alone"


@contextmanager
def connected(named: str) -> Iterator[Client]:
    """A client of the scheduler that ``named`` (an address, or a scheduler file) stands for.

    Raises:
        ClusterError: the extra is missing, or there is no such scheduler.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"{VARIABLE}={named}: {error.name} is not installed; pip install 'salon[cluster]' here "
            f"and wherever the scheduler and the workers run, {_ALONE}"
        ) from error
    # What it says of a lost worker or scheduler comes out as a sentence of ours, or does no harm.
    for logger in ("distributed", "distributed.client"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    address = _address(named)
    try:
        client = Client(address, timeout=CONNECT_S)
    except (OSError, ValueError, TypeError) as error:  # ValueError: no such protocol, or no port
        raise ClusterError(
            f"{VARIABLE}={named}: no scheduler answers at {address} ({error}); start one "
            f"(docs/cluster.md), {_ALONE}"
        ) from error
    with client:
        yield client


def _address(named: str) -> str:
    """The scheduler's address, which a scheduler file holds.

    Raises:
        ClusterError: there is no such file, or it is none of a scheduler.
    """
    if "://" in named or not ("/" in named or named.endswith(".json")):
        return named
    try:
        return str(json.loads(Path(named).read_text("utf-8"))["address"])
    except FileNotFoundError as error:
        raise ClusterError(
            f"{VARIABLE}={named}: no such file; start `dask scheduler --scheduler-file {named}`, "
            f"{_ALONE}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ClusterError(
            f"{VARIABLE}={named}: not a file that `dask scheduler --scheduler-file` writes "
            f"({error!r}); start the scheduler anew, {_ALONE}"
        ) from error
