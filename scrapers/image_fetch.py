"""One image: from the addresses it may have to the row that says what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pipeline.core.errors import ChallengedError
from pipeline.core.ids import sha256_hex
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook, origin_of
from scrapers.capture.known import Earlier
from scrapers.capture.outcome import Outcome, now
from scrapers.challenge import check_signs
from scrapers.robots import Robots
from scrapers.session import Answer, Session, TransferError

_OPT_OUT: Final = re.compile(r"\bno(image)?ai\b", re.IGNORECASE)
_ABSENT: Final = frozenset({404, 410})
_OK, _NOT_MODIFIED, _TOO_MANY = 200, 304, 429


class Memory(Protocol):
    """What earlier captures know of an address: `scrapers.capture.known.Known`, or a dict."""

    def get(self, url: str, /) -> Earlier | None:
        """The newest body that came from ``url``, and its validators."""


@dataclass(frozen=True)
class ImageRequest:
    """An image wanted: its addresses (canonical), best first, and the page that shows it."""

    urls: tuple[str, ...]
    referer: str


class ImageFetcher:
    """Fetches images; may be used by several threads."""

    def __init__(
        self,
        session: Session,
        robots: Robots,
        book: AddressBook,
        *,
        seconds: float,
        max_bytes: int,
        earlier: Memory,
    ) -> None:
        self._session, self._robots, self._book = session, robots, book
        self._seconds, self._max_bytes, self._earlier = seconds, max_bytes, earlier

    def fetch(self, request: ImageRequest) -> Outcome:
        """Try the addresses in turn until one is not absent.

        Raises:
            ChallengedError: the site asks for proof of being human, or keeps answering 429.
            RobotsForbidError: robots.txt forbids the address.
            SiteDownError: the host does not answer.
        """
        for url in request.urls:
            outcome = self._try(url, request.referer)
            if outcome.fetch is not Fetch.GONE:
                return outcome
        return self._outcome(request.urls[0], request.referer, Fetch.GONE, http_status=404)

    def placeholder(self, request: ImageRequest) -> Outcome:
        """The row of an image whose address is the site's stand-in picture; nothing is fetched."""
        return self._outcome(request.urls[0], request.referer, Fetch.PLACEHOLDER)

    def _try(self, url: str, referer: str) -> Outcome:
        self._robots.check(url)
        earlier = self._earlier.get(url)
        try:
            answer = self._session.get(
                url,
                seconds=self._robots.seconds_between(url, self._seconds),
                max_bytes=self._max_bytes,
                headers={"Referer": self._book.to_wire(referer), **_conditions(earlier)},
            )
        except TransferError as error:
            if error.status == _TOO_MANY:
                raise ChallengedError(
                    f"{url}: HTTP 429 (too many requests) after all retries; wait, or raise "
                    f"seconds_between_images"
                ) from error
            return self._outcome(
                url, referer, Fetch.FAILED, http_status=error.status, error=str(error)
            )
        return self._judge(answer, url, referer, earlier)

    def _judge(self, answer: Answer, url: str, referer: str, earlier: Earlier | None) -> Outcome:
        known: dict[str, Any] = {
            "http_status": answer.status,
            "content_type": answer.headers.get("content-type"),
            "etag": answer.headers.get("etag"),
            "last_modified": answer.headers.get("last-modified"),
            "elapsed_ms": answer.elapsed_ms,
        }
        if answer.status in _ABSENT:
            return self._outcome(url, referer, Fetch.GONE, **known)
        if answer.status == _NOT_MODIFIED and earlier is not None:
            known |= {"etag": earlier.etag, "last_modified": earlier.last_modified}
            return self._outcome(url, referer, Fetch.UNCHANGED, sha256=earlier.sha256, **known)
        if _OPT_OUT.search(answer.headers.get("x-robots-tag", "")):
            return self._outcome(url, referer, Fetch.OPTED_OUT, **known)
        if answer.status != _OK or not answer.body:
            check_signs(url, answer.status, answer.headers, answer.body.decode("utf-8", "replace"))
            error = f"HTTP {answer.status}" if answer.status != _OK else "an empty answer"
            return self._outcome(url, referer, Fetch.FAILED, error=error, **known)
        if earlier is not None and sha256_hex(answer.body) == earlier.sha256:
            return self._outcome(url, referer, Fetch.UNCHANGED, sha256=earlier.sha256, **known)
        return self._outcome(url, referer, Fetch.FETCHED, body=answer.body, **known)

    def _outcome(self, url: str, referer: str, fetch: Fetch, **known: Any) -> Outcome:
        address = origin_of(self._book.to_wire(url))
        return Outcome(
            url=url, address=address, fetch=fetch, fetched_at=now(), referer=referer, **known
        )


def _conditions(earlier: Earlier | None) -> dict[str, str]:
    if earlier is None:
        return {}
    wanted = {"If-None-Match": earlier.etag, "If-Modified-Since": earlier.last_modified}
    return {name: value for name, value in wanted.items() if value is not None}
