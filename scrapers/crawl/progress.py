"""What the person watching a capture is told besides its progress."""

from __future__ import annotations

import threading

from pipeline.core.log import counted
from scrapers.capture.layout import IMAGE, PAGE
from scrapers.capture.writer import CaptureWriter


class CrawlProgress:
    """The counts of a capture in the making; retries may come from several threads."""

    def __init__(self, writer: CaptureWriter) -> None:
        self._writer = writer
        self._lock = threading.Lock()
        self._retried = 0

    def retried(self) -> None:
        """Count a request that is made again."""
        with self._lock:
            self._retried += 1

    def words(self) -> str:
        """Pages, images, megabytes, retries and refusals so far, earlier runs included."""
        counts = self._writer.counts
        return (
            f"{counted(counts[PAGE].total(), PAGE)}  "
            f"{counted(counts[IMAGE].total(), IMAGE)}  "
            f"{self._writer.stored_bytes / 1e6:,.1f} MB  {self._retried:,} retried  "
            f"{self._writer.refused:,} refused"
        )
