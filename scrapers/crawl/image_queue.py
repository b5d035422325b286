"""Images fetched a few at a time from each host, handed on in the order they were asked for.

A capture that was interrupted therefore continues to the same shards as one that was not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, NamedTuple

from scrapers.capture.outcome import Outcome

# Images that may be here before the first of the queue is: a slow one holds up its order, not
# its host. With few, connections stand idle behind it; with many, bodies pile up in memory.
_AHEAD_A_CONNECTION: Final = 4

Keep = Callable[[Outcome], None]


class _Pending(NamedTuple):
    outcome: Future[Outcome]
    keep: Keep


class ImageQueue:
    """A queue of requests; what becomes of each is kept by the thread that calls `add`."""

    def __init__(self, connections: int) -> None:
        """Begin an empty queue with so many connections a host."""
        self._connections = connections
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._pending: deque[_Pending] = deque()

    def add(self, host: str, fetch: Callable[[], Outcome], keep: Keep) -> None:
        """Put a request to ``host`` at the end of the queue, and keep what came at its head.

        Raises:
            ScrapeError: whatever stopped a request, or refused to go on behind one.
        """
        self._pending.append(_Pending(self._threads_of(host).submit(fetch), keep))
        longest = self._connections * _AHEAD_A_CONNECTION * len(self._pools)
        while self._pending and (self._pending[0].outcome.done() or len(self._pending) > longest):
            self._keep_first()

    def finish(self) -> None:
        """Wait for the whole queue and keep it.

        Raises:
            ScrapeError: as in `add`.
        """
        while self._pending:
            self._keep_first()

    def close(self) -> None:
        """Drop what has not begun, and wait for what has."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        for pool in self._pools.values():
            pool.shutdown(wait=True)

    def _threads_of(self, host: str) -> ThreadPoolExecutor:
        if host not in self._pools:
            self._pools[host] = ThreadPoolExecutor(self._connections, thread_name_prefix="image")
        return self._pools[host]

    def _keep_first(self) -> None:
        first = self._pending.popleft()
        first.keep(first.outcome.result())
