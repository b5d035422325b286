"""One way to run a pure function over many shards, on as many processes as there are.

The function gets one task and returns one small result; it must be picklable and must not care
where it runs. Results come in the order of the tasks, so the number of workers never changes a
byte, and is therefore no param: it comes from ``--workers`` or ``SALON_WORKERS``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from pipeline.core.errors import UsageError
from pipeline.core.log import progress

Task = TypeVar("Task")
Result = TypeVar("Result")

WORKERS_VARIABLE = "SALON_WORKERS"


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
    function: Callable[[Task], Result], tasks: Sequence[Task], *, title: str
) -> Iterator[Result]:
    """Yield ``function(task)`` for every task, in the order of ``tasks``."""
    workers = min(worker_count(), len(tasks))
    with progress(title, len(tasks)) as bar:
        for result in _results(function, tasks, workers):
            bar.advance()
            yield result


def _results(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int
) -> Iterator[Result]:
    if workers <= 1:
        yield from map(function, tasks)
        return
    # Imported here: joblib takes a quarter of a second that a single task need not pay.
    import joblib

    parallel = joblib.Parallel(n_jobs=workers, return_as="generator", pre_dispatch="2*n_jobs")
    yield from parallel(joblib.delayed(function)(task) for task in tasks)
