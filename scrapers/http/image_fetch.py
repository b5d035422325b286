"""One image: from the addresses it may have to the row that says what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from pipeline.core.errors import ChallengedError
from pipeline.core.ids import sha256_hex
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook, origin_of
from scrapers.capture.earlier import Earlier
from scrapers.capture.outcome import Outcome, now
from scrapers.http.http_session import HttpAnswer, Session, TransferError
from scrapers.http.robots import Robots
from scrapers.politeness.allowed_hosts import HostNotAllowedError
from scrapers.politeness.challenge import check_refusal, check_signs
from scrapers.politeness.opt_out import header_opts_out

_ABSENT: Final = frozenset({404, 410})
_OK, _NOT_MODIFIED, _TOO_MANY = 200, 304, 429


class Memory(Protocol):
    """What `scrapers.capture.earlier.EarlierCaptures`, or a dict, knows of an address."""

    def get(self, url: str, /) -> Earlier | None:
        """The newest body that came from ``url``, and its validators."""


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

    def fetch(self, urls: Sequence[str], referer: str) -> Outcome:
        """Try the addresses, best first, until one is not absent.

        Args:
            urls: canonical.
            referer: the page that shows the image, or "".

        Raises:
            ChallengedError: the site asks for proof of being human, or keeps answering 429.
            RobotsForbidError: robots.txt forbids the address.
            SiteDownError: the host does not answer.
        """
        for url in urls:
            outcome = self._try(url, referer)
            if outcome.fetch is not Fetch.GONE:
                return outcome
        return self._outcome(urls[0], referer, Fetch.GONE, http_status=404)

    def seconds_between(self, url: str) -> float:
        """Seconds between two images of the host of ``url``, as it and the params will have it."""
        return self._robots.seconds_between(url, self._seconds)

    def placeholder(self, urls: Sequence[str], referer: str) -> Outcome:
        """The row of an image whose address is the site's stand-in picture; nothing is fetched."""
        return self._outcome(urls[0], referer, Fetch.PLACEHOLDER)

    def opted_out(self, urls: Sequence[str], referer: str) -> Outcome:
        """The row of an image whose page opts it out; nothing is fetched."""
        return self._outcome(urls[0], referer, Fetch.OPTED_OUT)

    def _try(self, url: str, referer: str) -> Outcome:
        if self._robots.opts_out(url):
            return self._outcome(url, referer, Fetch.OPTED_OUT)
        earlier = self._earlier.get(url)
        try:
            answer = self._get(url, referer, earlier)
        except (TransferError, HostNotAllowedError) as error:
            status = getattr(error, "status", None)
            if status == _TOO_MANY:
                raise ChallengedError(
                    f"{error} after all retries; wait, or raise seconds_between_images"
                ) from error
            return self._outcome(
                url,
                referer,
                Fetch.FAILED,
                http_status=status,
                error=str(error),
                may_pass=getattr(error, "may_pass", False),
            )
        return self._outcome_of(answer, url, referer, earlier)

    def _get(self, url: str, referer: str, earlier: Earlier | None) -> HttpAnswer:
        self._robots.check(url)
        return self._session.get(
            url,
            seconds=self.seconds_between(url),
            max_bytes=self._max_bytes,
            headers={
                **({"Referer": self._book.to_wire(referer)} if referer else {}),
                **_conditions(earlier),
            },
            check=self._robots.check,
        )

    def _outcome_of(
        self, answer: HttpAnswer, url: str, referer: str, earlier: Earlier | None
    ) -> Outcome:
        known: dict[str, Any] = {
            "http_status": answer.status,
            "content_type": answer.headers.get("content-type"),
            "etag": answer.headers.get("etag"),
            "last_modified": answer.headers.get("last-modified"),
            "elapsed_ms": answer.elapsed_ms,
        }
        check_refusal(url, None, answer.url)  # led to a login form
        if answer.status in _ABSENT:
            return self._outcome(url, referer, Fetch.GONE, **known)
        if header_opts_out(answer.headers) or self._robots.opts_out(answer.url):
            return self._outcome(url, referer, Fetch.OPTED_OUT, **known)
        if answer.status == _NOT_MODIFIED and earlier is not None:
            known |= {"etag": earlier.etag, "last_modified": earlier.last_modified}
            return self._outcome(url, referer, Fetch.UNCHANGED, sha256=earlier.sha256, **known)
        if answer.status != _OK or _looks_like_a_page(answer.body):
            check_signs(url, answer.status, answer.headers, answer.body.decode("utf-8", "replace"))
        if answer.status != _OK or not answer.body:
            error = f"HTTP {answer.status}" if answer.status != _OK else "an empty answer"
            return self._outcome(url, referer, Fetch.FAILED, error=error, **known)
        if earlier is not None and sha256_hex(answer.body) == earlier.sha256:
            return self._outcome(url, referer, Fetch.UNCHANGED, sha256=earlier.sha256, **known)
        return self._outcome(url, referer, Fetch.FETCHED, body=answer.body, **known)

    def _outcome(self, url: str, referer: str, fetch: Fetch, **known: Any) -> Outcome:
        address = origin_of(self._book.to_wire(url))
        return Outcome(
            url=url,
            address=address,
            fetch=fetch,
            fetched_at=now(),
            referer=referer or None,
            **known,
        )


def _looks_like_a_page(body: bytes) -> bool:
    """Whatever its Content-Type says."""
    return body[:64].lstrip()[:1] == b"<"


def _conditions(earlier: Earlier | None) -> dict[str, str]:
    if earlier is None:
        return {}
    conditions = {"If-None-Match": earlier.etag, "If-Modified-Since": earlier.last_modified}
    return {name: value for name, value in conditions.items() if value is not None}
