"""What a task costs on a cluster, beside one machine's own processes.

    python -m tests.benches.cluster [TASKS]

runs TASKS (300) tasks of 10 ms and of 200 ms on two workers of a cluster on this machine, for some
numbers of tasks on their way (`AHEAD`), and on two processes of the engine's own. It prints
milliseconds beyond what two workers need at least, and the CPU that the driver spends, a task. The
first run of each pays for starting the processes, or for connecting, and is not counted.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console

from pipeline.core import engine
from pipeline.core.cluster import connection, running
from tests.cluster.processes import Cluster
from tests.cluster.tasks import rest

WORKERS: Final = 2


def measured(tasks: int, seconds: float) -> str:
    """Milliseconds a task: beyond the least, and of the driver's CPU."""
    start, cpu = time.perf_counter(), time.process_time()
    for _ in engine.run(partial(rest, seconds=seconds), range(tasks), title="tasks"):
        pass
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    beyond = wall - tasks * seconds / WORKERS
    return f"{1000 * beyond / tasks:7.1f} ms beyond, {1000 * cpu / tasks:5.1f} ms of CPU"


def main() -> None:
    """Print a line for each way and length of a task."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    console = Console(highlight=False)
    lengths = {0.01: tasks, 0.2: tasks // 10}
    os.environ[engine.WORKERS_VARIABLE] = str(WORKERS)
    measured(WORKERS, 0.01)
    for seconds, count in lengths.items():
        console.print(f"processes          {seconds:4} s: {measured(count, seconds)}")
    del os.environ[engine.WORKERS_VARIABLE]
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder))
        try:
            for _ in range(WORKERS):
                cluster.add_worker()
            cluster.wait()
            os.environ[connection.VARIABLE] = str(cluster.file)
            measured(10 * WORKERS, 0.01)
            for ahead in (1, 2, 4, 16):
                vars(running)["AHEAD"] = ahead
                for seconds, count in lengths.items():
                    console.print(
                        f"cluster, {ahead:2} ahead  {seconds:4} s: {measured(count, seconds)}"
                    )
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
