"""The one gate before the network: every request waits here for its turn, and is counted.

Turns of one host are handed out one after the other, and the time between two of them runs from
the moment at which the first was really given. A thread that woke up late therefore never makes
the next request follow too closely.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Final

from pipeline.core.errors import BudgetSpentError

_JITTER: Final = 0.25
"""A turn comes up to so much later than it might, because machines alone are punctual."""


class RateLimiterStoppedError(Exception):
    """The capture has ended; whoever still waits for a turn will not get one."""


class _Host:
    def __init__(self) -> None:
        self.turns = threading.Lock()
        self.last = self.free_at = float("-inf")


class RateLimiter:
    """Turns for every host; may be used by several threads."""

    def __init__(
        self,
        *,
        most_requests: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        random_: random.Random | None = None,
    ) -> None:
        """Begin to count.

        Args:
            most_requests: turns there are in all; None for any number.
            clock: seconds, from any start.
            sleep: waits for so many seconds; by default until `stop`, at most.
            random_: decides by how much each turn is late.
        """
        self._most_requests, self._clock = most_requests, clock
        self._random = random_ or random.Random()
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._hosts: defaultdict[str, _Host] = defaultdict(_Host)
        self._lock = threading.Lock()
        self._given = 0

    def wait(self, origin: str, seconds: float) -> None:
        """Return when it is time for the next request to ``origin``.

        Args:
            origin: scheme, host and port.
            seconds: least time since the last request to the same host.

        Raises:
            BudgetSpentError: all turns of this run are used up.
            RateLimiterStoppedError: `stop` was called.
        """
        host = self._host(origin)
        # Held while asleep: the next thread's time begins when this turn is given, not when both
        # came. Threads of other hosts have locks of their own.
        with host.turns:
            due = host.last + seconds * self._random.uniform(1, 1 + _JITTER)
            # A loop, because `hold` may move `free_at` on while this thread sleeps.
            while (left := max(due, host.free_at) - self._clock()) > 0:
                self.sleep(left)
            self._count(origin)
            host.last = self._clock()

    def hold(self, origin: str, seconds: float) -> None:
        """Give no turn of ``origin`` for so many seconds, to nobody: the host asked for it."""
        host = self._host(origin)
        host.free_at = max(host.free_at, self._clock() + seconds)

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the end of the capture.

        Raises:
            RateLimiterStoppedError: `stop` was called.
        """
        self._sleep(seconds)
        if self._stopped.is_set():
            raise RateLimiterStoppedError

    def stop(self) -> None:
        """Send home everybody who waits."""
        self._stopped.set()

    def _host(self, origin: str) -> _Host:
        with self._lock:
            return self._hosts[origin]

    def _count(self, origin: str) -> None:
        with self._lock:
            if self._given == self._most_requests:
                raise BudgetSpentError(
                    f"{origin}: {self._given:,} requests were made in this run, as many as "
                    f"scrape.max_requests allows; run the same command again to go on"
                )
            self._given += 1
