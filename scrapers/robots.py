"""robots.txt, read live for every host before its first other request, and obeyed (RFC 9309)."""

from __future__ import annotations

import threading
from typing import Final

from protego import Protego

from pipeline.core.errors import RobotsForbidError
from scrapers.address import origin_of
from scrapers.session import NAME, Session, TransferError

_MOST_BYTES: Final = 512 * 1024
_MISSING: Final = frozenset({404, 410})
_FOUND: Final = 200


class Robots:
    """The rules of every host met so far; may be used by several threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rules: dict[str, Protego] = {}
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """Pass ``url`` (canonical) if its host lets Salon fetch it.

        Raises:
            RobotsForbidError: it does not, or its robots.txt exists and cannot be read.
            SiteDownError: the host does not answer.
        """
        rules = self._of(origin_of(url))
        if not rules.can_fetch(url, NAME):
            raise RobotsForbidError(
                f"{url}: forbidden by {origin_of(url)}/robots.txt; ask for another part of the "
                f"site in params.yaml, or ask the site"
            )

    def seconds_between(self, url: str, wanted: float) -> float:
        """``wanted`` seconds between requests to the host of ``url``, or its longer crawl-delay."""
        return max(wanted, self._of(origin_of(url)).crawl_delay(NAME) or 0.0)

    def _of(self, origin: str) -> Protego:
        with self._lock:
            if origin not in self._rules:
                self._rules[origin] = self._read(f"{origin}/robots.txt")
            return self._rules[origin]

    def _read(self, url: str) -> Protego:
        try:
            answer = self._session.get(url, seconds=0.0, max_bytes=_MOST_BYTES)
        except TransferError as error:
            raise RobotsForbidError(f"{error}; without its rules Salon fetches nothing") from error
        if answer.status in _MISSING:
            return Protego.parse("")
        if answer.status != _FOUND:
            raise RobotsForbidError(
                f"{url}: HTTP {answer.status}; without its rules Salon fetches nothing there"
            )
        return Protego.parse(answer.body.decode("utf-8", "replace"))
