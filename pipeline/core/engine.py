"""One way to run a pure function over many shards, on as many processes as there are.

Where ``SALON_CLUSTER`` names a cluster, its workers are the processes (`pipeline.core.cluster`).

The function gets one task and returns one small result; it must be picklable and must not care
where it runs. Results come in the order of the tasks, so the number of workers never changes a
byte, and is therefore no param: it comes from ``--workers`` or ``SALON_WORKERS``.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import TypeVar

from pipeline.core.cluster.connection import VARIABLE as CLUSTER_VARIABLE
from pipeline.core.errors import SalonError, UsageError
from pipeline.core.log import progress, say

Task = TypeVar("Task")
Result = TypeVar("Result")

WORKERS_VARIABLE = "SALON_WORKERS"

_EXPECTED = (SalonError, OSError, MemoryError)
"""What `pipeline.cli` has a sentence for; an ``OSError`` may be a full disk."""


def worker_count() -> int:
    """How many processes to use: ``SALON_WORKERS``, or as many as this process may run on.

    Raises:
        UsageError: the variable is set to something that is not a positive number.
    """
    asked = os.environ.get(WORKERS_VARIABLE, "")
    if not asked:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    if not asked.isdecimal() or int(asked) < 1:
        raise UsageError(f"{WORKERS_VARIABLE}={asked!r}: give a whole number of at least 1")
    return int(asked)


def run(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    title: str,
    folder: Path | None = None,
) -> Iterator[Result]:
    """Yield ``function(task)`` for every task, in the order of ``tasks``.

    What is large and common to all tasks belongs to ``function`` (`functools.partial`): a cluster
    is handed it once. ``folder`` is where the tasks write, if not below the current folder; the
    hosts of a cluster must share it.
    """
    cluster = os.environ.get(CLUSTER_VARIABLE)
    with progress(title, len(tasks)) as bar:
        # A single task would gain nothing elsewhere.
        if cluster and len(tasks) > 1:
            from pipeline.core.cluster import running

            _say_that_workers_mean_nothing()
            yield from running.run_on_cluster(
                function, tasks, cluster, folder or Path.cwd() / "work", bar
            )
            return
        for result in _results(function, tasks, min(worker_count(), len(tasks))):
            bar.advance()
            yield result


@cache  # once a process
def _say_that_workers_mean_nothing() -> None:
    if WORKERS_VARIABLE in os.environ:
        say(
            f"{WORKERS_VARIABLE} (or --workers) means nothing while {CLUSTER_VARIABLE} is set: the "
            f"cluster has the workers it was started with"
        )


def _results(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int
) -> Iterator[Result]:
    if workers <= 1:
        yield from map(function, tasks)
        return
    # Imported here: joblib takes a quarter of a second that a single task need not pay.
    import joblib

    is_over = Event()
    # An error ends the tasks instead of the workers. joblib would kill them otherwise, and lines
    # about "leaked semlock objects" would stand behind the sentence of the error.
    until_error = takewhile(lambda _: not is_over.is_set(), tasks)
    parallel = joblib.Parallel(n_jobs=workers, return_as="generator", pre_dispatch="2*n_jobs")
    outcomes = parallel(joblib.delayed(_outcome)(function, task) for task in until_error)
    try:
        for outcome in outcomes:
            if isinstance(outcome, _EXPECTED):
                raise outcome
            yield outcome
    finally:
        is_over.set()
        deque(outcomes, maxlen=0)  # at most two tasks a worker are under way


def _outcome(function: Callable[[Task], Result], task: Task) -> Result | Exception:
    """The result of a task, or the error that a sentence is written for."""
    try:
        return function(task)
    except _EXPECTED as error:
        return error
