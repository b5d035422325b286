"""When a host is down: no success on it for so many addresses, and no other host's business."""

from __future__ import annotations

from collections import Counter
from typing import Final

from pipeline.core.errors import SiteDownError
from pipeline.core.log import counted

FAILURES_IN_A_ROW: Final = 8
"""So many addresses of a host that failed one behind the other mean that the host is down."""


class HostHealth:
    """Counts the failures in a row of each host."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()

    def succeeded(self, host: str) -> None:
        """The host answered; an absence or a refusal is an answer, too."""
        self._in_a_row[host] = 0

    def failed(self, host: str, what: str, error: str, *, tries: int) -> None:
        """An address of the host failed for the time number ``tries``, in a way that may pass.

        Only first failures count: what failed in an earlier walk as well may never come, and must
        not stop every run at the same place.

        Args:
            host: its origin.
            what: kind of the request.
            error: why it failed.
            tries: of this address.

        Raises:
            SiteDownError: nothing but failures for a while; the next run asks for them again.
        """
        if tries > 1:
            return
        self._in_a_row[host] += 1
        if self._in_a_row[host] >= FAILURES_IN_A_ROW:
            raise SiteDownError(
                f"{host}: {counted(FAILURES_IN_A_ROW, what)} in a row failed, the last with: "
                f"{error}; run the same command again to go on"
            )
