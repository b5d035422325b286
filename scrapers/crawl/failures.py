"""Failures in a row: single ones are rows of the capture, many mean that the site is down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pipeline.core.errors import SiteDownError
from pipeline.core.schema import Fetch
from scrapers.capture.outcome import Outcome

FAILURES_IN_A_ROW: Final = 8
"""So many requests without a usable answer, one behind the other, mean that the site is down."""

Keep = Callable[[int, Outcome], None]


class Streak:
    """Holds failures back until something succeeds; ``keep`` is called in the order of `take`."""

    def __init__(self, what: str, keep: Keep) -> None:
        """Begin without any.

        Args:
            what: the requests in plural, for the sentence.
            keep: called with every request that counts.
        """
        self._what, self._keep = what, keep
        self._failed: list[tuple[int, Outcome]] = []

    def take(self, seq: int, outcome: Outcome) -> None:
        """Keep the outcome, or hold it back as long as it may be the site's fault.

        Raises:
            SiteDownError: nothing but failures for a while; those are not kept, so that the next
                run asks again.
        """
        if outcome.fetch is not Fetch.FAILED:
            self.release()
            self._keep(seq, outcome)
            return
        self._failed.append((seq, outcome))
        if len(self._failed) >= FAILURES_IN_A_ROW:
            raise SiteDownError(
                f"{FAILURES_IN_A_ROW} {self._what} in a row failed, the last with: "
                f"{outcome.error}; run the same command again to go on"
            )

    def release(self) -> None:
        """Keep what was held back: it was not the site's fault."""
        for seq, outcome in self._failed:
            self._keep(seq, outcome)
        self._failed.clear()
