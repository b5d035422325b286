"""The engine on a real cluster: a scheduler and workers as processes."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.core import engine
from pipeline.core.cluster import connection, parcel, running
from pipeline.core.errors import CaptureError, ClusterError
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.stages import ingest
from tests.cluster import tasks
from tests.cluster.processes import Cluster
from tests.stages.captured import capture, contents, jpeg


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Cluster]]:
    """One with two workers, one with none."""
    started = [Cluster(tmp_path_factory.mktemp(name)) for name in ("two", "none")]
    try:
        for _ in range(2):
            started[0].add_worker()
        for cluster in started:
            cluster.wait()
        yield started[0], started[1]
    finally:
        for cluster in started:
            cluster.stop()


@pytest.fixture
def two(
    clusters: tuple[Cluster, Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Cluster:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(engine.WORKERS_VARIABLE, raising=False)
    monkeypatch.setenv(connection.VARIABLE, str(clusters[0].file))
    return clusters[0]


@pytest.fixture
def empty(
    clusters: tuple[Cluster, Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Cluster:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(connection.VARIABLE, clusters[1].address)
    return clusters[1]


def squares(count: int = 8, **options: Any) -> list[tuple[int, int]]:
    return list(engine.run(tasks.square, range(count), title="squares", **options))


def test_ingest_makes_the_bytes_of_a_single_process(
    two: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(ingest, "LEAST_PART_IMAGES", 4)
    monkeypatch.setenv(engine.WORKERS_VARIABLE, "1")
    images = [jpeg(seed) for seed in range(24)] + [b"<html>Sorry</html>"]
    made = []
    for name in ("cluster", "alone"):
        paths = Paths(tmp_path / name, "paintings")
        capture(paths, "2026-05-01", images)
        ingest.run(paths, Ingest(sizes=(64, 256)))
        made.append(contents(paths))
        monkeypatch.delenv(connection.VARIABLE, raising=False)
    assert made[0] == made[1]
    assert "SALON_WORKERS (or --workers) means nothing" in capsys.readouterr().err
    assert list((tmp_path / "work").iterdir()) == [], "what the workers were handed is gone"


def test_a_killed_worker_costs_no_result_and_no_order(two: Cluster) -> None:
    numbers = range(24)
    results = engine.run(tasks.square, numbers, title="squares")
    made = [next(results)]
    os.kill(made[0][1], signal.SIGKILL)
    made += results
    assert [square for square, _ in made] == [number * number for number in numbers]
    assert len({process for _, process in made}) > 1


def test_a_task_that_ends_its_workers_is_named(two: Cluster) -> None:
    """Or one that waited beside it each time: dask tells no more."""
    with pytest.raises(ClusterError, match=r"^task \d of 5 lay on 2 workers that died") as error:
        list(engine.run(tasks.poison, range(5), title="poison"))
    assert error.value.exit_code == 51


@pytest.mark.parametrize(
    ("function", "error", "words"),
    [
        (tasks.torn, CaptureError, "images-00000.tar: torn"),
        (tasks.missing, FileNotFoundError, "/nowhere/0"),
    ],
)
def test_what_fails_on_a_worker_fails_as_it_would_here(
    two: Cluster, function: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        list(engine.run(function, range(5), title="failing"))


def test_without_workers_it_says_so(empty: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "NO_WORKER_S", 0.3)
    with pytest.raises(ClusterError, match="no worker has joined the scheduler within"):
        squares()


def test_a_worker_that_would_write_elsewhere_or_otherwise_is_named(
    empty: Cluster, tmp_path: Path
) -> None:
    """Its Pillow is an older one, and what its /proc/self/cwd holds is not what ours does."""
    other = tmp_path / "other"
    (other / "pillow-1.1.dist-info").mkdir(parents=True)
    (other / "pillow-1.1.dist-info" / "METADATA").write_text("Name: pillow\nVersion: 1.1\n")
    empty.add_worker({"PYTHONPATH": f"{other}{os.pathsep}{Path(__file__).parents[2]}"}, other)
    host = f"the worker on {socket.gethostname()}"
    with pytest.raises(ClusterError, match=f"{host} has pillow 1.1 instead of [0-9.]+; use"):
        squares()
    with pytest.raises(ClusterError, match=f"{host} does not see /proc/self/cwd; every host"):
        squares(folder=Path("/proc/self/cwd"))


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("tcp://127.0.0.1:9", "no scheduler answers at tcp://127.0.0.1:9"),
        ("nonsense://1", "no scheduler answers at nonsense://1"),
        ("missing.json", "start `dask scheduler --scheduler-file missing.json`"),
        ("torn.json", "not a file that `dask scheduler --scheduler-file` writes"),
    ],
)
def test_what_names_no_cluster_is_one_sentence(
    named: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "torn.json").write_text('{"addr')
    monkeypatch.setattr(connection, "CONNECT_S", 0.5)
    monkeypatch.setenv(connection.VARIABLE, named)
    with pytest.raises(ClusterError, match=words):
        squares()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(connection.VARIABLE, "tcp://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'salon\[cluster\]'"):
        squares()


def test_a_worker_whose_writing_is_not_seen_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a container lays a folder of its own over the shared one."""
    monkeypatch.setattr(parcel, "_LATE_S", 0)
    with pytest.raises(ClusterError, match=r"the worker on node-2 has a .* of its own"):
        parcel.check_answer(tmp_path / "parcel", "node-2-17", "node-2")


def test_a_scheduler_that_dies_is_one_sentence(two: Cluster) -> None:
    """The last one of this file: no other can use the cluster any more."""
    results = engine.run(tasks.square, range(40), title="squares")
    assert next(results)[0] == 0
    two.processes[0].kill()
    with pytest.raises(ClusterError, match="the scheduler is gone; start it and its workers"):
        list(results)
