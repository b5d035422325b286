"""One page: through the browser, as politely and as patiently as every other request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from pipeline.core.errors import ChallengedError, NotJsonError, ScrapeError, SiteDownError
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook, origin_of
from scrapers.browser import Browser, Document, NoPageError
from scrapers.capture.outcome import Outcome, now
from scrapers.challenge import check_refusal, check_signs
from scrapers.patience import TRY_AGAIN, Pace, Patience, TryAgainError
from scrapers.robots import Robots

_ABSENT: Final = frozenset({404, 410})
_TOO_MANY: Final = 429
_FIRST_ERROR: Final = 400


class PageFetcher:
    """Opens pages in the one tab there is."""

    def __init__(
        self,
        browser: Browser,
        robots: Robots,
        book: AddressBook,
        *,
        seconds: float,
        patience: Patience,
        pace: Pace,
    ) -> None:
        self._browser, self._robots, self._book = browser, robots, book
        self._seconds, self._patience, self._pace = seconds, patience, pace

    def open(self, url: str) -> Outcome:
        """The document at ``url`` as its scripts leave it; GONE where there is none.

        Raises:
            ChallengedError: a challenge, a refusal, a login form or 429 after all retries.
            RobotsForbidError: robots.txt forbids the address.
            SiteDownError: no page after all retries.
        """
        return self._outcome(url, lambda: self._browser.open(self._book.to_wire(url)))

    def json(self, url: str, within: str) -> Outcome:
        """The JSON at ``url``, requested from inside the page ``within`` as its scripts do it.

        Raises:
            NotJsonError: something else came.
            ChallengedError, RobotsForbidError, SiteDownError: as in `open`.
        """
        wire, page = self._book.to_wire(url), self._book.to_wire(within)
        self._robots.check(within)
        outcome = self._outcome(url, lambda: self._browser.fetch(wire, page), referer=within)
        if (outcome.body or b"").lstrip()[:1] not in {b"{", b"["}:
            raise NotJsonError(
                f"{url}: {outcome.content_type or 'nothing'} came where JSON was asked for"
            )
        return outcome

    def not_json(self, url: str, error: NotJsonError) -> Outcome:
        """The row of a request for JSON to which something else came."""
        address = origin_of(self._book.to_wire(url))
        return Outcome(url, address, Fetch.FAILED, now(), error=str(error))

    def open_whole(self, url: str, button: str, item: str) -> Outcome:
        """The document at ``url`` after ``button`` was pressed until no more of ``item`` came.

        Raises:
            ChallengedError, RobotsForbidError, SiteDownError: as in `open`.
        """

        def action() -> Document:
            self._browser.open(self._book.to_wire(url))
            while self._browser.press(button, item):
                self._wait(url)
            return self._browser.read()

        return self._outcome(url, action)

    def _wait(self, url: str) -> None:
        self._pace.wait(origin_of(url), self._robots.seconds_between(url, self._seconds))

    def _outcome(
        self, url: str, action: Callable[[], Document], referer: str | None = None
    ) -> Outcome:
        self._robots.check(url)
        started = time.monotonic()
        try:
            document = self._patience.retrying()(lambda: self._attempt(url, action))
        except TryAgainError as error:
            raise self._give_up(url, error) from error
        gone = document.status in _ABSENT
        return Outcome(
            url=url,
            address=origin_of(self._book.to_wire(url)),
            fetch=Fetch.GONE if gone else Fetch.FETCHED,
            fetched_at=now(),
            elapsed_ms=round((time.monotonic() - started) * 1000),
            referer=referer,
            http_status=document.status,
            content_type=document.content_type or None,
            body=None if gone else document.body.encode("utf-8", "replace"),
        )

    def _attempt(self, url: str, action: Callable[[], Document]) -> Document:
        self._wait(url)
        try:
            document = action()
        except NoPageError as error:
            raise TryAgainError(str(error), no_connection=True) from error
        final_url = self._book.to_canonical(document.url)
        check_signs(url, document.status, {}, document.body)
        check_refusal(url, document.status, final_url)
        if origin_of(final_url) != origin_of(url):
            raise ScrapeError(f"{url}: leads to another host, {origin_of(final_url)}")
        status = document.status or 0
        if status in TRY_AGAIN:
            raise TryAgainError(f"HTTP {status}", status=status)
        if status >= _FIRST_ERROR and status not in _ABSENT:
            raise ScrapeError(f"{url}: HTTP {status}")
        return document

    def _give_up(self, url: str, error: TryAgainError) -> ScrapeError:
        if error.status == _TOO_MANY:
            return ChallengedError(
                f"{url}: HTTP 429 (too many requests) after all retries; wait, or raise "
                f"seconds_between_pages"
            )
        return SiteDownError(
            f"{origin_of(url)} does not answer ({error}); run the same command again to go on"
        )
