"""Patience: a request that failed is made again after longer and longer waits, and then no more."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

TRY_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
"""HTTP statuses that a later request may not get."""
# Several connections that failed together would come back together and fail again.
_JITTER: Final = 0.25


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
        asked = f", and the host asks to wait {wait_s:,.0f} s" if wait_s else ""
        super().__init__(f"{reason}{asked}")
        self.status, self.wait_s, self.no_connection = status, wait_s, no_connection


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and after how long, a failed request is made again."""

    retries: int
    first_wait_s: float = 1.0
    """Doubled with each attempt; longer where the host says so in Retry-After."""
    longest_wait_s: float = 300.0
    """No wait is longer; a host that asks for more is not asked again in this run."""
    on_retry: Callable[[], None] = lambda: None
    """Called before each further try."""

    def retrying(self, sleep: Callable[[float], None]) -> Retrying:
        """Calls a function until it raises no `TryAgainError`; the last one is passed on."""
        return Retrying(
            sleep=sleep,
            stop=stop_after_attempt(self.retries + 1),
            wait=self._wait,
            retry=retry_if_exception(self._is_worth_it),
            before_sleep=lambda _: self.on_retry(),
            reraise=True,
        )

    def _is_worth_it(self, error: BaseException) -> bool:
        return isinstance(error, TryAgainError) and (error.wait_s or 0.0) <= self.longest_wait_s

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait_s if isinstance(error, TryAgainError) else None
        backoff = self.first_wait_s * 2.0 ** (state.attempt_number - 1)
        # Only ever later: who waits less than was asked for is no guest.
        late = backoff * random.uniform(1, 1 + _JITTER)
        return max(asked or 0.0, min(self.longest_wait_s, late))


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
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())
