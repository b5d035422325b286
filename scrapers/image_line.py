"""Images fetched a few at a time and handed on one by one, in the order they were asked for.

A capture that was interrupted therefore continues to the same shards as one that was not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from pipeline.core.errors import SiteDownError
from pipeline.core.schema import Fetch
from scrapers.capture.outcome import Outcome

_AHEAD_A_CONNECTION: Final = 4
FAILURES_IN_A_ROW: Final = 8
"""So many images without a usable answer, one behind the other, mean that the site is down."""

Fetching = Callable[[], Outcome]
Keep = Callable[[int, Outcome], None]


class ImageLine:
    """A line of requests; ``keep`` is called in its order, from the thread that calls `add`."""

    def __init__(self, connections: int, keep: Keep) -> None:
        self._keep = keep
        self._longest = connections * _AHEAD_A_CONNECTION
        self._pool = ThreadPoolExecutor(connections, thread_name_prefix="image")
        self._line: deque[tuple[int, Future[Outcome]]] = deque()
        self._failed: list[tuple[int, Outcome]] = []

    def add(self, seq: int, fetching: Fetching) -> None:
        """Put a request at the end of the line and hand on what has come at its head.

        Raises:
            SiteDownError: nothing but failures for a while; those are not kept, so that the next
                run asks again.
            ScrapeError: whatever stopped a request.
        """
        self._line.append((seq, self._pool.submit(fetching)))
        while self._line and (self._line[0][1].done() or len(self._line) > self._longest):
            self._hand_on()

    def finish(self) -> None:
        """Wait for the whole line and hand it on.

        Raises:
            ScrapeError: as in `add`.
        """
        while self._line:
            self._hand_on()
        self._keep_failed()

    def close(self) -> None:
        """Drop what has not begun, and wait for what has."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _hand_on(self) -> None:
        seq, future = self._line.popleft()
        outcome = future.result()
        if outcome.fetch is Fetch.FAILED:
            self._failed.append((seq, outcome))
            if len(self._failed) >= FAILURES_IN_A_ROW:
                raise SiteDownError(
                    f"{FAILURES_IN_A_ROW} images in a row failed, the last with: {outcome.error}; "
                    f"run the same command again to go on"
                )
            return
        self._keep_failed()
        self._keep(seq, outcome)

    def _keep_failed(self) -> None:
        for seq, outcome in self._failed:
            self._keep(seq, outcome)
        self._failed.clear()
