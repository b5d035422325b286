"""A run on a cluster: results in the order of the tasks, a bounded number of them on their way."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.core.cluster.connection import VARIABLE, connected
from pipeline.core.cluster.parcel import (
    Environment,
    answer,
    check_answer,
    check_same,
    opened,
    packed_function,
    worker_environment,
)  # fmt: skip
from pipeline.core.errors import ClusterError, SalonError
from pipeline.core.log import Bar, say

if TYPE_CHECKING:
    from distributed import Client, Future

NO_WORKER_S: Final = 60
"""Until a scheduler without workers counts as an empty one; Slurm starts some of them late."""
SILENT_S: Final = 30
"""Without a word from a worker until that is said. Workers speak every second, or every few."""
AHEAD: Final = 2
"""Tasks on their way for each thread of the cluster: one at work, one that waits beside it. More of
them save nothing (`python -m tests.benches.cluster`), and their results fill the memory."""
_LOOK_S: Final = 1.0


def run_on_cluster(
    function: Callable[[Any], Any], tasks: Sequence[Any], named: str, folder: Path, bar: Bar
) -> Iterator[Any]:
    """Yield ``function(task)`` for every task, in their order, from the cluster ``named``.

    Args:
        function: as for the engine.
        tasks: likewise; what is large and common to all belongs to the function.
        named: what `SALON_CLUSTER` says.
        folder: a folder that all hosts share.
        bar: is told of tasks when they are finished, in whatever order.

    Raises:
        ClusterError: the cluster cannot do it.
    """
    with connected(named) as client, packed_function(function, folder) as parcel:
        from distributed.comm import CommClosedError

        try:
            _admit(client, named, parcel)
            yield from _in_order(client, named, parcel, tasks, bar)
        except (CancelledError, OSError) as error:
            lost = isinstance(error, CommClosedError)  # the client has perhaps not noticed yet
            if isinstance(error, OSError) and not lost and client.status == "running":
                raise  # a task's own
            raise ClusterError(
                f"{VARIABLE}={named}: the scheduler is gone; start it and its workers, "
                f"and run the same command again: it goes on from the last finished part"
            ) from error


def _admit(client: Client, named: str, parcel: Path) -> None:
    """See that the scheduler and each worker can do Salon's work."""
    from dask.distributed import TimeoutError as NoWorkerError
    from distributed.comm import CommClosedError

    try:
        client.wait_for_workers(1, timeout=NO_WORKER_S)
    except NoWorkerError as error:
        raise ClusterError(_no_workers(named, "no worker has joined the scheduler")) from error
    hosts = client.run(socket.gethostname, on_error="return")
    answers = client.run(answer, parcel, on_error="return")
    there = client.scheduler_info()["workers"]
    for address, answered in answers.items():
        if isinstance(answered, CommClosedError) or address not in there:
            continue  # it died meanwhile; the one in its place is checked at its first task
        _check(answered, parcel, f"{hosts.get(address, 'an unknown host')} ({address})")
    try:
        client.run_on_scheduler(_check_scheduler, worker_environment())
    except (ImportError, AttributeError) as error:
        raise _without_salon("the scheduler", error) from error


def _check(answered: Any, parcel: Path, host: str) -> None:
    """Look at what a worker on ``host`` answered: the name of a file, or what went wrong."""
    if isinstance(answered, SalonError):
        raise answered
    if isinstance(answered, (ImportError, AttributeError)):
        raise _without_salon(f"the worker on {host}", answered) from answered
    if isinstance(answered, Exception):
        raise ClusterError(f"the worker on {host} cannot be used: {answered!r}") from answered
    check_answer(parcel, answered, host)


def _check_scheduler(driver: Environment) -> None:
    check_same(driver, f"the scheduler on {socket.gethostname()}")


def _without_salon(who: str, error: BaseException) -> ClusterError:
    return ClusterError(
        f"{who} has no Salon, or another one ({error}); start it in the same environment as here"
    )


def _no_workers(named: str, what: str) -> str:
    return (
        f"{VARIABLE}={named}: {what} within {NO_WORKER_S} s; start `dask worker` on the hosts "
        f"(docs/cluster.md) and run the same command again"
    )


def carry_out(parcel: Path, task: Any) -> Any:
    """On a worker: run the function in ``parcel`` on one task."""
    return opened(parcel)(task)


def _in_order(
    client: Client, named: str, parcel: Path, tasks: Sequence[Any], bar: Bar
) -> Iterator[Any]:
    watch = _Watch(client, named)
    line: deque[Future] = deque()
    left = iter(tasks)
    yielded = told = 0
    try:
        while True:
            room = AHEAD * watch.threads + 2 - len(line)
            line.extend(
                client.submit(carry_out, parcel, task, pure=False)
                for task in islice(left, max(room, 0))
            )
            if not line:
                return
            _wait(line[0])
            watch.look()
            finished = yielded + sum(future.done() for future in line)
            bar.advance(finished - told)
            told = finished
            if line[0].done():
                result = _result(line.popleft(), f"task {yielded + 1} of {len(tasks)}")
                yielded += 1
                yield result
    finally:
        if line:
            client.cancel(list(line), force=True)


def _wait(future: Future) -> None:
    """Until ``future`` is done, or it is time to look about."""
    from dask.distributed import TimeoutError as NotYetError
    from distributed import wait

    try:
        wait([future], timeout=_LOOK_S)
    except NotYetError:
        return


def _result(future: Future, which: str) -> Any:
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        raise ClusterError(
            f"{which} lay on {error.allowed_failures + 1} workers that died one after another, the "
            f"last at {error.last_worker.address}: it ends them, or one that waited beside it; see "
            f"their logs (out of memory?), and try the same command with {VARIABLE} unset"
        ) from error
    except (RuntimeError, ImportError) as error:
        if isinstance(error.__cause__ or error, ImportError):
            raise _without_salon("the scheduler or a worker", error.__cause__ or error) from error
        raise


@dataclass
class _Watch:
    """What is known of the workers; asked at most once in a while."""

    client: Client
    named: str
    threads: int = 0
    _asked: float = -_LOOK_S
    _seen: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By address: when a worker spoke by the scheduler's clock, and when that was noticed here."""
    _said: set[str] = field(default_factory=set)
    _empty_since: float | None = None

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> None:
        """Learn how many threads there are, and which workers are silent.

        Raises:
            ClusterError: there has been no worker for too long.
        """
        now = time.monotonic()
        if now - self._asked < _LOOK_S:
            return
        self._asked = now
        workers = self.client.scheduler_info()["workers"]
        self.threads = sum(worker["nthreads"] for worker in workers.values())
        self._look_for_none(now)
        for address, worker in workers.items():
            self._look_at(address, worker, now)

    def _look_for_none(self, now: float) -> None:
        if self.threads:
            self._empty_since = None
            return
        self._empty_since = self._empty_since or now
        if now - self._empty_since > NO_WORKER_S:
            raise ClusterError(
                _no_workers(self.named, "all workers are gone, and none has come back")
            )

    def _look_at(self, address: str, worker: dict[str, Any], now: float) -> None:
        spoke, noticed = self._seen.get(address, (None, now))
        if worker["last_seen"] != spoke:
            self._seen[address] = (worker["last_seen"], now)
            self._said.discard(address)
        elif now - noticed > SILENT_S and address not in self._said:
            self._said.add(address)
            say(
                f"the worker at {address} has been silent for {SILENT_S} s; its tasks go to others "
                f"once the scheduler gives it up (its worker-ttl, 5 minutes if not set)"
            )
