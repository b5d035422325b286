"""What the person watching a capture is told besides its progress."""

from __future__ import annotations

import threading

from pipeline.core.log import counted
from scrapers.capture.layout import IMAGE, PAGE
from scrapers.capture.recovery import Holdings


class CrawlProgress:
    """The counts of a capture in the making; retries may come from several threads."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._lock = threading.Lock()
        self._retried = 0

    def retried(self) -> None:
        """Count a request that is made again."""
        with self._lock:
            self._retried += 1

    def words(self) -> str:
        """Pages, images, megabytes, retries and refusals so far, earlier runs included."""
        held = self._holdings
        return (
            f"{counted(held.counts[PAGE].total(), PAGE)}  "
            f"{counted(held.counts[IMAGE].total(), IMAGE)}  "
            f"{held.stored_bytes / 1e6:,.1f} MB  {self._retried:,} retried  "
            f"{held.refused:,} refused"
        )
