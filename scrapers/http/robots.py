"""robots.txt, read live for every host before its first other request, and obeyed (RFC 9309)."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from protego import Protego

from pipeline.core.errors import RobotsForbidError, SiteDownError
from pipeline.core.log import say
from scrapers.address import origin_of
from scrapers.http.http_session import Session, TransferError
from scrapers.politeness.challenge import check_signs
from scrapers.politeness.opt_out import ContentSignals
from scrapers.politeness.user_agent import NAME

# RFC 9309, 2.5: a crawler must read at least 500 kibibytes.
_MOST_BYTES: Final = 512 * 1024
_MISSING: Final = frozenset({404, 410})
_OK: Final = 200
_VALID_S: Final = 24 * 3600.0
"""RFC 9309, 2.4: rules older than a day are read again."""


class _Rules(NamedTuple):
    robots: Protego
    signals: ContentSignals
    read_at: float


class Robots:
    """The rules of every host met so far; may be used by several threads."""

    def __init__(
        self,
        session: Session,
        *,
        seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Know no rules yet.

        Args:
            session: fetches them.
            seconds: since the last request to the same host, when they are fetched again.
            clock: tells how old they are, in seconds.
        """
        self._session, self._seconds, self._clock = session, seconds, clock
        self._rules: dict[str, _Rules] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        """One a host: a host that is slow with its rules holds up nobody else."""
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """Pass ``url`` (canonical) if its host lets Salon fetch it.

        Raises:
            RobotsForbidError: it does not, or its robots.txt exists and cannot be read.
            ChallengedError: a challenge came in its place.
            OutOfBoundsError: the address is none of the site's.
            SiteDownError: the host does not answer, or its answer breaks off.
        """
        rules = self._of(origin_of(url)).robots
        if not rules.can_fetch(url, NAME):
            raise RobotsForbidError(
                f"{url}: forbidden by {origin_of(url)}/robots.txt; ask for another part of the "
                f"site in params.yaml, or ask the site"
            )

    def opts_out(self, url: str) -> bool:
        """Whether the host lets nobody train on what is at ``url``.

        Raises:
            ScrapeError: as in `check`.
        """
        return self._of(origin_of(url)).signals.opts_out(urlsplit(url).path or "/")

    def seconds_between(self, url: str, asked: float) -> float:
        """``wanted`` seconds between requests to the host of ``url``, or more if it asks for more.

        The host asks by Crawl-delay or by Request-rate.
        """
        rules = self._of(origin_of(url)).robots
        rate = rules.request_rate(NAME)
        by_rate = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return float(max(asked, rules.crawl_delay(NAME) or 0.0, by_rate))

    def knows(self, url: str) -> bool:
        """Whether the rules of the host of ``url`` were read."""
        return origin_of(url) in self._rules

    def _of(self, origin: str) -> _Rules:
        with self._lock:
            lock = self._locks[origin]
        with lock:
            known = self._rules.get(origin)
            if known is None or self._clock() - known.read_at > _VALID_S:
                text = self._read(f"{origin}/robots.txt")
                known = _Rules(Protego.parse(text), ContentSignals(text, NAME), self._clock())
                self._rules[origin] = known
                if known.signals.opts_out("/"):
                    say(
                        f"{origin}/robots.txt: asks that nobody trains on this host's works "
                        f"(ai-train=no); they are recorded as opted out and not fetched"
                    )
            return known

    def _read(self, url: str) -> str:
        try:
            answer = self._session.get(url, seconds=self._seconds, max_bytes=_MOST_BYTES)
        except TransferError as error:
            if error.may_pass and error.status is None:
                raise SiteDownError(
                    f"{error}; without its rules Salon fetches nothing there; run the same "
                    f"command again to go on"
                ) from error
            raise RobotsForbidError(f"{error}; without its rules Salon fetches nothing") from error
        if answer.status in _MISSING:
            return ""
        text = answer.body.decode("utf-8", "replace")
        check_signs(url, answer.status, answer.headers, text)
        if answer.status != _OK:
            raise RobotsForbidError(
                f"{url}: HTTP {answer.status}; without its rules Salon fetches nothing there"
            )
        if text.lstrip("\ufeff \t\r\n").startswith("<"):
            raise RobotsForbidError(
                f"{url}: a page came in place of the rules; without them Salon fetches nothing"
            )
        return text
