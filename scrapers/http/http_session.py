"""HTTP without a browser, as a guest does it: named honestly, paced, patient and bounded.

Everything here speaks canonical URLs; the `AddressBook` says where they are fetched from.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from pipeline.core.errors import ScrapeError, SiteDownError
from scrapers.address import AddressBook, origin_of
from scrapers.http.guarded_connection import TOO_SLOW, GuardedAdapter, UnpackError, unpacked
from scrapers.politeness.allowed_hosts import AllowedHosts
from scrapers.politeness.challenge import check_signs
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import TRY_AGAIN, RetryPolicy, TryAgainError, retry_after

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# RFC 9309 asks for at least five for robots.txt; images of CDNs take one or two.
_MOST_REDIRECTS: Final = 5
_CHUNK: Final = 1 << 16
_SIGNS: Final = {
    TOO_SLOW: TOO_SLOW,
    "timed out": "no answer in time",
    "IncompleteRead": "the answer ends before its announced length",
    "RemoteDisconnected": "the host hung up without an answer",
    "CERTIFICATE_VERIFY_FAILED": "its certificate cannot be verified",
}
_SYSTEM_ERROR: Final = re.compile(r"""(?:\[Errno -?\d+\] |Error\(\d+, ')([^'")]+)""")

CheckUrl = Callable[[str], object]


class TransferError(ScrapeError):
    """A request without a usable answer; ``status`` is that of the last one."""

    def __init__(self, message: str, status: int | None = None, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.status, self.may_pass = status, may_pass


@dataclass(frozen=True)
class HttpAnswer:
    """A complete answer of a host."""

    url: str
    """Canonical, after redirects."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    elapsed_ms: int


class Session:
    """Requests of one capture; may be used by several threads."""

    def __init__(
        self,
        book: AddressBook,
        allowed_hosts: AllowedHosts,
        *,
        agent: str,
        timeout_s: float,
        retry_policy: RetryPolicy,
        rate_limiter: RateLimiter,
    ) -> None:
        self._book, self._allowed_hosts, self._agent, self._timeout_s = (
            book,
            allowed_hosts,
            agent,
            timeout_s,
        )
        self._retry_policy, self._rate_limiter = retry_policy, rate_limiter
        self._of_thread = threading.local()

    def get(
        self,
        url: str,
        *,
        seconds: float,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        check: CheckUrl = lambda _: None,
    ) -> HttpAnswer:
        """Fetch ``url``, whatever the status of the answer.

        Args:
            url: canonical.
            seconds: since the last request to the same host.
            max_bytes: a longer answer is broken off.
            headers: besides the usual ones.
            check: called with every address to which the host redirects; raises to refuse it.

        Raises:
            SiteDownError: no connection to the host, after all retries.
            OutOfBoundsError: the address, or what it led to, is none of the site's.
            TransferError: 5xx, 429, a timeout, or a torn or too long answer, after all retries.
        """

        def attempt() -> HttpAnswer:
            return self._follow_redirects(url, seconds, max_bytes, headers or {}, check)

        self._allowed_hosts.check(url)
        try:
            return self._retry_policy.retrying(self._rate_limiter.sleep)(attempt)
        except TryAgainError as error:
            if error.no_connection:
                raise _down(url, error) from error
            raise TransferError(f"{url}: {error}", error.status, may_pass=True) from error

    def _follow_redirects(
        self,
        url: str,
        seconds: float,
        max_bytes: int,
        headers: Mapping[str, str],
        check: CheckUrl,
    ) -> HttpAnswer:
        asked = url
        for _ in range(_MOST_REDIRECTS + 1):
            self._rate_limiter.wait(origin_of(url), seconds)
            answer = self._once(url, max_bytes, headers)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or target is None:
                return answer
            url = self._book.to_canonical(urljoin(self._book.to_wire(url), target))
            if not self._allowed_hosts.may_lead(asked, url):
                raise TransferError(f"{asked}: leads to another host, {origin_of(url)}")
            check(url)
        raise TransferError(f"{asked}: leads from one address to the next without end")

    def _once(self, url: str, max_bytes: int, headers: Mapping[str, str]) -> HttpAnswer:
        started = time.monotonic()
        try:
            with self._connection().get(
                self._book.to_wire(url),
                headers=dict(headers),
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as response:
                response_headers = {name.lower(): value for name, value in response.headers.items()}
                body = _read(response, url, max_bytes)
        except (requests.RequestException, HTTPError) as error:
            raise _failure(error) from error
        if response.status_code in TRY_AGAIN:
            check_signs(
                url, response.status_code, response_headers, body.decode("utf-8", "replace")
            )
            wait_s = retry_after(response_headers.get("retry-after"))
            self._rate_limiter.hold(
                origin_of(url), min(wait_s or 0.0, self._retry_policy.longest_wait_s)
            )
            raise TryAgainError(
                f"HTTP {response.status_code}", status=response.status_code, wait_s=wait_s
            )
        elapsed_ms = round((time.monotonic() - started) * 1000)
        return HttpAnswer(url, response.status_code, response_headers, body, elapsed_ms)

    def _connection(self) -> requests.Session:
        """This thread's own connections; requests does not promise that threads may share them."""
        session: requests.Session | None = getattr(self._of_thread, "session", None)
        if session is None:
            session = self._of_thread.session = requests.Session()
            # Pictures are compressed already, and plain bodies can be held against their length.
            session.headers.update({"User-Agent": self._agent, "Accept-Encoding": "identity"})
            # A proxy or a password file of the environment is for the world, not for 127.0.0.1.
            session.trust_env = self._book.is_live
            for scheme in ("http://", "https://"):
                session.mount(
                    scheme, GuardedAdapter(self._allowed_hosts.check_peer, self._timeout_s)
                )
        return session


def _read(response: requests.Response, url: str, max_bytes: int) -> bytes:
    """The body; urllib3 raises where it is shorter than its Content-Length."""
    parts, length = [], 0
    for part in response.raw.stream(_CHUNK, decode_content=False):
        parts.append(part)
        length += len(part)
        if length > max_bytes:
            raise TransferError(f"{url}: longer than the {max_bytes:,} bytes allowed")
    try:
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        return unpacked(b"".join(parts), encoding, max_bytes)
    except UnpackError as error:
        raise TransferError(f"{url}: {error}") from error


def _down(url: str, error: Exception) -> SiteDownError:
    return SiteDownError(
        f"{origin_of(url)} does not answer ({error}); run the same command again to go on"
    )


def _failure(error: requests.RequestException | HTTPError) -> TryAgainError:
    """What went wrong in a few words, and whether there was a connection at all."""
    if isinstance(error, requests.ConnectTimeout):
        return TryAgainError("no connection in time", no_connection=True)
    text = str(error)
    words = next((words for sign, words in _SIGNS.items() if sign in text), None)
    system = _SYSTEM_ERROR.search(text)
    if words is None:
        words = text if system is None else system[1].lower()
    if isinstance(error, requests.exceptions.ProxyError):
        words = f"{words}, through the proxy that the environment names"
    cause = error.args[0] if error.args else None
    unreached = isinstance(getattr(cause, "reason", None), NewConnectionError)
    return TryAgainError(words, no_connection=unreached)
