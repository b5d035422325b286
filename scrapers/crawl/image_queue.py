"""Images fetched a few at a time from each host, handed on in the order they were asked for.

A capture that was interrupted therefore continues to the same shards as one that was not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from scrapers.capture.outcome import Outcome
from scrapers.crawl.failures import Keep, Streak

_AHEAD_A_CONNECTION: Final = 4

Fetching = Callable[[], Outcome]


class ImageQueue:
    """A line of requests; ``keep`` is called in its order, from the thread that calls `add`."""

    def __init__(self, connections: int, keep: Keep) -> None:
        """Begin an empty line with so many connections a host."""
        self._connections = connections
        self._streak = Streak("images", keep)
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._line: deque[tuple[int, Future[Outcome]]] = deque()

    def add(self, seq: int, host: str, fetching: Fetching) -> None:
        """Put a request to ``host`` at the end of the line and hand on what came at its head.

        Raises:
            SiteDownError: nothing but failures for a while.
            ScrapeError: whatever stopped a request.
        """
        self._line.append((seq, self._pool(host).submit(fetching)))
        longest = self._connections * _AHEAD_A_CONNECTION * len(self._pools)
        while self._line and (self._line[0][1].done() or len(self._line) > longest):
            self._hand_on()

    def finish(self) -> None:
        """Wait for the whole line and hand it on.

        Raises:
            ScrapeError: as in `add`.
        """
        while self._line:
            self._hand_on()
        self._streak.release()

    def close(self) -> None:
        """Drop what has not begun, and wait for what has."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        for pool in self._pools.values():
            pool.shutdown(wait=True)

    def _pool(self, host: str) -> ThreadPoolExecutor:
        if host not in self._pools:
            self._pools[host] = ThreadPoolExecutor(self._connections, thread_name_prefix="image")
        return self._pools[host]

    def _hand_on(self) -> None:
        seq, future = self._line.popleft()
        self._streak.take(seq, future.result())
