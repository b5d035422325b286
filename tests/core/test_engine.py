from __future__ import annotations

import os
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
