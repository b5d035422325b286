"""One page: through the browser, as politely and as patiently as every other request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from pipeline.core.errors import (
    ChallengedError,
    LayoutChangedError,
    NotJsonError,
    RobotsForbidError,
    ScrapeError,
    SiteDownError,
)
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook, origin_of
from scrapers.browser.browser import Browser
from scrapers.browser.document import Document, LeadsOnError, NoPageError
from scrapers.browser.proxy import is_proxied
from scrapers.capture.outcome import Outcome, now
from scrapers.http.http_session import Session
from scrapers.http.robots import Robots
from scrapers.politeness.allowed_hosts import AllowedHosts, HostNotAllowedError
from scrapers.politeness.challenge import check_quota, check_refusal, check_signs
from scrapers.politeness.opt_out import header_opts_out, page_opts_out
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import TRY_AGAIN, RetryPolicy, TryAgainError, retry_after

_ABSENT: Final = frozenset({404, 410})
# A 429 is waited out as the host asks; other errors from 400 on are answers, or pass by retries.
_TOO_MANY: Final = 429
_FIRST_ERROR: Final = 400


class UnusablePageError(ScrapeError):
    """An answer that is no page of the site, and will not become one by asking again."""


class _InVainError(TryAgainError):
    """A page would not unfold."""


class PageFetcher:
    """Opens pages in the one tab there is."""

    def __init__(
        self,
        browser: Browser,
        session: Session,
        robots: Robots,
        allowed_hosts: AllowedHosts,
        book: AddressBook,
        *,
        seconds: float,
        retry_policy: RetryPolicy,
        rate_limiter: RateLimiter,
    ) -> None:
        self._browser, self._session, self._robots = browser, session, robots
        self._allowed_hosts, self._book = allowed_hosts, book
        self._seconds, self._retry_policy, self._rate_limiter = seconds, retry_policy, rate_limiter

    def open(self, url: str) -> Outcome:
        """The document at ``url``; GONE where there is none.

        Raises:
            ChallengedError: a challenge, a refusal, a login form or 429 after all retries.
            QuotaError: the site counts requests, and has had enough of ours.
            RobotsForbidError: robots.txt, or the page itself, keeps Salon from it.
            SiteDownError: no page after all retries.
        """
        return self._needed_page(url, lambda: self._go(url))

    def open_detail(self, url: str) -> Outcome:
        """As `open`, but a page that the site can do without is a row.

        It is FAILED where it does not come after all retries, or is none of the site's; and
        OPTED_OUT where it, or its host, asks not to be learnt from.
        """
        try:
            self._allowed_hosts.check(url)
            if self._robots.opts_out(url):
                return Outcome(url, origin_of(self._book.to_wire(url)), Fetch.OPTED_OUT, now())
            return self._outcome(url, lambda: self._go(url))
        except (HostNotAllowedError, UnusablePageError) as error:
            return self.failed(url, error)
        except TryAgainError as error:
            if error.status == _TOO_MANY:
                raise self._give_up(url, error) from error
            return self.failed(url, error)

    def json(self, url: str, within: str) -> Outcome:
        """The JSON at ``url``, requested from inside the page ``within`` as its scripts do it.

        Raises:
            NotJsonError: something else came.
            ChallengedError, QuotaError, RobotsForbidError, SiteDownError: as in `open`.
        """
        outcome = self._needed_page(url, lambda: self._ask(url, within), referer=within)
        if (outcome.body or b"").lstrip()[:1] not in {b"{", b"["}:
            raise NotJsonError(
                f"{url}: {outcome.content_type or 'nothing'} came where JSON was asked for"
            )
        return outcome

    def open_whole(self, url: str, button: str, item: str) -> Outcome:
        """The document at ``url`` after ``button`` was pressed until no more of ``item`` came.

        Raises:
            LayoutChangedError: the page is there, and pressing brings nothing, after all retries.
            ChallengedError, QuotaError, RobotsForbidError, SiteDownError: as in `open`.
        """

        def action() -> Document:
            self._go(url, alone=False)
            try:
                while self._browser.press(button, item):
                    pass
                return self._browser.read()
            except NoPageError as error:
                raise _InVainError(f"nothing came of pressing {button}: {error}") from error

        return self._needed_page(url, action)

    def seconds_between(self, url: str) -> float:
        """Seconds between two pages of the host of ``url``, as it and the params will have it."""
        return self._robots.seconds_between(url, self._seconds)

    def failed(self, url: str, error: Exception) -> Outcome:
        """The row of a request that led to nothing of use."""
        address = origin_of(self._book.to_wire(url))
        may_pass = isinstance(error, TryAgainError | NotJsonError)
        return Outcome(url, address, Fetch.FAILED, now(), error=str(error), may_pass=may_pass)

    def _needed_page(
        self, url: str, action: Callable[[], Document], referer: str | None = None
    ) -> Outcome:
        try:
            outcome = self._outcome(url, action, referer)
        except TryAgainError as error:
            raise self._give_up(url, error) from error
        if outcome.fetch is Fetch.OPTED_OUT:
            raise RobotsForbidError(
                f"{url}: the page asks not to be used for AI (noai); leave it out in params.yaml"
            )
        return outcome

    def _outcome(
        self, url: str, action: Callable[[], Document], referer: str | None = None
    ) -> Outcome:
        self._allowed_hosts.check(url)
        self._robots.check(url)
        started = time.monotonic()
        document = self._retry_policy.retrying(self._rate_limiter.sleep)(action)
        fetch = _judged(document)
        kept = fetch is Fetch.FETCHED
        return Outcome(
            url=url,
            address=origin_of(self._book.to_wire(url)),
            fetch=fetch,
            fetched_at=now(),
            elapsed_ms=round((time.monotonic() - started) * 1000),
            referer=referer,
            http_status=document.status,
            content_type=document.content_type or None,
            etag=document.headers.get("etag"),
            last_modified=document.headers.get("last-modified"),
            body=document.body.encode("utf-8", "replace") if kept else None,
        )

    def _go(self, url: str, *, alone: bool = True) -> Document:
        """Open one page, at its turn."""
        wire, ask = self._book.to_wire(url), self._permission_of(url)
        return self._attempt(url, lambda: self._browser.open(wire, ask, alone=alone))

    def _ask(self, url: str, within: str) -> Document:
        """Request from inside a page, which is opened first unless it is open."""
        wire, page = self._book.to_wire(url), self._book.to_wire(within)
        if not self._browser.is_showing(page):
            self._robots.check(within)
            self._go(within)
        return self._attempt(url, lambda: self._browser.fetch(wire, page, self._permission_of(url)))

    def _attempt(self, url: str, action: Callable[[], Document]) -> Document:
        try:
            document = action()
        except LeadsOnError as error:
            raise UnusablePageError(f"{url}: {error}") from error
        except NoPageError as error:
            raise TryAgainError(str(error), no_connection=True) from error
        self._check(url, document)
        status = document.status or 0
        if status in TRY_AGAIN:
            wait_s = retry_after(document.headers.get("retry-after"))
            self._rate_limiter.hold(
                origin_of(url), min(wait_s or 0.0, self._retry_policy.longest_wait_s)
            )
            raise TryAgainError(f"HTTP {status}", status=status, wait_s=wait_s)
        if status >= _FIRST_ERROR and status not in _ABSENT:
            raise UnusablePageError(f"{url}: HTTP {status}")
        return document

    def _check(self, url: str, document: Document) -> None:
        """Pass a document that a guest may go on from."""
        is_direct = not self._book.is_live or not is_proxied(url)
        if document.peer is not None and is_direct:
            self._allowed_hosts.check_peer(*document.peer)
        final_url = self._book.to_canonical(document.url)
        check_signs(url, document.status, document.headers, document.body)
        check_quota(url, document.status, document.body)
        check_refusal(url, document.status, final_url)

    def _permission_of(self, url: str) -> Callable[[str], None]:
        """What the browser asks before each request on behalf of ``url``: may I, and is it time?"""

        def ask(wire: str) -> None:
            target = self._book.to_canonical(wire)
            self._allowed_hosts.check(target)
            if origin_of(target) != origin_of(url):
                raise HostNotAllowedError(f"{url}: leads to another host, {origin_of(target)}")
            self._robots.check(target)
            self._rate_limiter.wait(origin_of(target), self.seconds_between(target))

        return ask

    def _give_up(self, url: str, error: TryAgainError) -> ScrapeError:
        if error.status == _TOO_MANY:
            return ChallengedError(
                f"{url}: {error} (too many requests) after all retries; wait, or raise "
                f"seconds_between_pages"
            )
        if isinstance(error, _InVainError):
            return LayoutChangedError(f"{url}: {error}")
        return SiteDownError(f"{url}: no page came ({error}); run the same command again to go on")


def _judged(document: Document) -> Fetch:
    if document.status in _ABSENT:
        return Fetch.GONE
    if header_opts_out(document.headers) or page_opts_out(document.body):
        return Fetch.OPTED_OUT
    return Fetch.FETCHED
