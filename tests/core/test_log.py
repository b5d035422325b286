from __future__ import annotations

import pytest

from pipeline.core import log


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr(log, "time", clock)
    return clock


def test_a_log_file_gets_lines_now_and_then(
    clock: _Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with log.progress("train", 12_000, start=6_000) as bar:
        for _ in range(70):
            clock.now += 1
            bar.advance(20, note="64 px  generator 1.20")
    assert capsys.readouterr().err.splitlines() == [
        "train: 6,600 of 12,000, 20.0/s, 4 min left, 64 px  generator 1.20",
        "train: 7,200 of 12,000, 20.0/s, 4 min left, 64 px  generator 1.20",
    ]


def test_of_what_is_soon_over_a_log_file_gets_none(
    clock: _Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with log.progress("pages") as bar:
        clock.now += 10
        bar.advance(500)
    assert capsys.readouterr().err == ""


def test_without_a_total_there_is_no_time_left_until_one_is_known(
    clock: _Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with log.progress("pages", words=lambda: "[two] waiting") as bar:
        clock.now += 30
        bar.advance(60)
        bar.expect(1_860)
        clock.now += 30
        bar.advance(0)
        clock.now += 30
        bar.advance(900)
    assert capsys.readouterr().err.splitlines() == [
        "pages: 60, 2.0/s, [two] waiting",
        "pages: 60 of 1,860, 0.0/s, [two] waiting",
        "pages: 960 of 1,860, 30.0/s, 0 min left, [two] waiting",
    ]
