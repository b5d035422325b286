"""Waiting: a pace a host, and longer and longer before a failed request is made again."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

TRY_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
"""HTTP statuses that a later request may not get."""
_JITTER: Final = 0.25
_LONGEST_WAIT_S: Final = 300.0


class TryAgainError(Exception):
    """One attempt failed in a way in which a later one may not."""

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        wait_s: float | None = None,
        no_connection: bool = False,
    ) -> None:
        super().__init__(reason)
        self.status, self.wait_s, self.no_connection = status, wait_s, no_connection


@dataclass(frozen=True)
class Patience:
    """How often, and after how long, a failed request is made again."""

    retries: int
    first_wait_s: float = 1.0
    """Doubled with each attempt, unless the host itself says how long in Retry-After."""

    def retrying(self) -> Retrying:
        """Calls a function until it raises no `TryAgainError`; the last one is passed on."""
        return Retrying(
            stop=stop_after_attempt(self.retries + 1),
            wait=self._wait,
            retry=retry_if_exception_type(TryAgainError),
            reraise=True,
        )

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait_s if isinstance(error, TryAgainError) else None
        backoff = self.first_wait_s * 2.0 ** (state.attempt_number - 1)
        return min(_LONGEST_WAIT_S, backoff if asked is None else asked)


def retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, given as a number or as a date.

    >>> retry_after("120"), retry_after(None), retry_after("soon")
    (120.0, None, None)
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())


class Pace:
    """At least so many seconds between two requests to one host, whichever thread makes them."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, origin: str, seconds: float) -> None:
        """Return when it is time for the next request to ``origin``."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next.get(origin, now))
            self._next[origin] = start + seconds * random.uniform(1, 1 + _JITTER)
        if start > now:
            time.sleep(start - now)
