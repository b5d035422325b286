"""Asking for one address of a list: whatever its host does is a row, and stops no other host."""

from __future__ import annotations

import threading
from collections import Counter
from enum import Enum

from pipeline.core.errors import (
    BudgetSpentError,
    ChallengedError,
    RobotsForbidError,
    ScrapeError,
    SiteDownError,
)
from pipeline.core.schema import Fetch
from scrapers.address import origin_of
from scrapers.capture.outcome import Outcome, now
from scrapers.crawl.host_health import FAILURES_IN_A_ROW
from scrapers.http.image_fetch import ImageFetcher
from scrapers.http.robots import Robots


class Left(Enum):
    """Why a host is left alone."""

    DOWN = "down"
    """It does not answer; it is asked again in the next walk."""
    REFUSES = "refuses"
    """It asked Salon to stop, or hides its rules; it is asked again in the next capture."""


class Asker:
    """Asks the hosts of a list; may be used by several threads."""

    def __init__(self, images: ImageFetcher, robots: Robots) -> None:
        self._images, self._robots = images, robots
        self._lock = threading.Lock()
        self._in_a_row: Counter[str] = Counter()
        self.left: dict[str, tuple[Left, str]] = {}
        """Hosts that are left alone, and what they did."""

    def begin_walk(self) -> None:
        """Give hosts that were down another chance."""
        with self._lock:
            self._in_a_row.clear()
            self.left = {h: why for h, why in self.left.items() if why[0] is not Left.DOWN}

    def fetch(self, url: str, referer: str) -> Outcome:
        """What becomes of an address; whatever its host does is in the outcome.

        Raises:
            BudgetSpentError: as many requests were made as the params allow.
        """
        host = origin_of(url)
        with self._lock:
            why = self.left.get(host)
        if why is not None:
            return _failed(url, referer, f"not asked for: {why[1]}", why[0] is Left.DOWN)
        try:
            outcome = self._images.fetch([url], referer)
        except BudgetSpentError:
            raise
        except ScrapeError as error:
            return self._refused(host, url, referer, error)
        self._count(host, outcome)
        return outcome

    def _refused(self, host: str, url: str, referer: str, error: ScrapeError) -> Outcome:
        if isinstance(error, SiteDownError):
            self._leave(host, Left.DOWN, f"{host} does not answer")
        elif isinstance(error, ChallengedError):
            self._leave(host, Left.REFUSES, f"{host} does not want to be asked by a program")
        elif isinstance(error, RobotsForbidError) and not self._robots.knows(url):
            self._leave(host, Left.REFUSES, f"{host}/robots.txt cannot be read")
        return _failed(url, referer, str(error), isinstance(error, SiteDownError))

    def _count(self, host: str, outcome: Outcome) -> None:
        with self._lock:
            self._in_a_row[host] = self._in_a_row[host] + 1 if outcome.may_pass else 0
            is_down = self._in_a_row[host] >= FAILURES_IN_A_ROW
        if is_down:
            self._leave(host, Left.DOWN, f"{host}: {FAILURES_IN_A_ROW} in a row failed")

    def _leave(self, host: str, how: Left, why: str) -> None:
        with self._lock:
            self.left.setdefault(host, (how, why))


def _failed(url: str, referer: str, error: str, may_pass: bool) -> Outcome:
    return Outcome(
        url,
        origin_of(url),
        Fetch.FAILED,
        now(),
        referer=referer or None,
        error=error,
        may_pass=may_pass,
    )
