"""The gate before the network: turns in time, seen from this side and from the host's."""

from __future__ import annotations

import itertools
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.core.errors import BudgetSpentError
from scrapers.politeness.rate_limit import RateLimiter, RateLimiterStoppedError
from tests.scrapers.hosts import Reply, serving
from tests.scrapers.http.test_session import WWW, session_to


class Clock:
    """Time that passes only while somebody sleeps, and wakes them too late."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds + 0.3


def turns(rate_limiter: RateLimiter, clock: Clock, seconds: float, count: int) -> list[float]:
    given = []
    for _ in range(count):
        rate_limiter.wait(WWW, seconds)
        given.append(clock.now)
    return given


def test_the_first_turn_comes_at_once_and_no_other_too_early() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(clock=clock, sleep=clock.sleep, random_=random.Random(1))
    given = turns(rate_limiter, clock, 2.0, 50)
    gaps = [later - earlier for earlier, later in itertools.pairwise(given)]
    assert given[0] == 0.0
    assert min(gaps) >= 2.0  # although everybody woke up late
    assert max(gaps) <= 2.0 * 1.25 + 0.3
    assert len(set(gaps)) == len(gaps)


def test_the_same_chance_gives_the_same_turns() -> None:
    given = []
    for _ in range(2):
        clock = Clock()
        rate_limiter = RateLimiter(clock=clock, sleep=clock.sleep, random_=random.Random(7))
        given.append(turns(rate_limiter, clock, 1.0, 10))
    assert given[0] == given[1]


def test_hosts_do_not_wait_for_each_other() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(clock=clock, sleep=clock.sleep)
    rate_limiter.wait(WWW, 60.0)
    rate_limiter.wait("https://img.example.org", 60.0)
    assert clock.now == 0.0


def test_a_host_that_asks_for_time_gets_it_from_everybody() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(clock=clock, sleep=clock.sleep)
    rate_limiter.wait(WWW, 0.0)
    rate_limiter.hold(WWW, 30.0)
    rate_limiter.hold(WWW, 5.0)
    rate_limiter.wait(WWW, 0.0)
    assert clock.now >= 30.0


def test_a_budget_is_for_all_hosts_together() -> None:
    rate_limiter = RateLimiter(most_requests=2)
    rate_limiter.wait(WWW, 0.0)
    rate_limiter.wait("https://img.example.org", 0.0)
    with pytest.raises(BudgetSpentError, match=r"2 requests were made.*scrape\.max_requests"):
        rate_limiter.wait(WWW, 0.0)


def test_whoever_waits_is_sent_home_at_the_end() -> None:
    rate_limiter = RateLimiter()
    rate_limiter.wait(WWW, 0.0)
    rate_limiter.hold(WWW, 3600.0)
    threading.Timer(0.1, rate_limiter.stop).start()
    with pytest.raises(RateLimiterStoppedError):
        rate_limiter.wait(WWW, 0.0)


@pytest.mark.parametrize("workers", [1, 8])
def test_the_host_never_sees_more_than_the_limit(workers: int) -> None:
    seconds, count = 0.1, 25
    arrivals: list[float] = []
    reply = Reply(b"x", before=lambda: arrivals.append(time.monotonic()))
    with serving({"/a": [reply]}) as host, ThreadPoolExecutor(workers) as pool:
        session = session_to(host.origin)
        list(
            pool.map(
                lambda _: session.get(f"{WWW}/a", seconds=seconds, max_bytes=100), range(count)
            )
        )
    assert len(arrivals) == count
    arrivals.sort()
    for first, last in itertools.combinations(range(count), 2):
        allowed = (arrivals[last] - arrivals[first]) / seconds + 1
        # One more than allowed may be under way while the machine looks elsewhere.
        assert last - first + 1 <= allowed + 1
