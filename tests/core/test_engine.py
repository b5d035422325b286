from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from pipeline.core import engine
from pipeline.core.errors import UsageError


def _slow_square(number: int) -> tuple[int, int]:
    time.sleep(0.02 * (number % 3 == 0))
    return number * number, os.getpid()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_results_come_in_the_order_of_the_tasks(
    monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    monkeypatch.setenv(engine.WORKERS_VARIABLE, workers)
    results = list(engine.run(_slow_square, range(12), title="squares"))
    assert [square for square, _ in results] == [n * n for n in range(12)]
    assert (os.getpid() in {process for _, process in results}) == (workers == "1")


@pytest.mark.parametrize("asked", ["0", "-1", "many", "1.5"])
def test_a_wrong_number_of_workers_is_named(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setenv(engine.WORKERS_VARIABLE, asked)
    with pytest.raises(UsageError, match="SALON_WORKERS="):
        engine.worker_count()


_STOPS = """
import sys
from pipeline.core import engine
from pipeline.core.errors import UsageError

def torn(number):
    if number == 5 and sys.argv[1] == "task":
        raise UsageError("torn")
    return number

try:
    for number in engine.run(torn, range(40), title="numbers"):
        if number == 5:
            raise UsageError("torn")
except UsageError as error:
    sys.exit(f"salon: {error}")
"""


@pytest.mark.parametrize("raises", ["task", "consumer"])
def test_nothing_stands_behind_the_sentence_of_an_error(raises: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _STOPS, raises],
        env=os.environ | {engine.WORKERS_VARIABLE: "2"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (1, "salon: torn\n")
