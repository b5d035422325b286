"""Whether a failure is an address's own or its host's, and never another host's business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from pipeline.core.errors import SiteDownError
from pipeline.core.log import counted

FAILURES_IN_A_ROW: Final = 8
"""So many addresses of a host that failed one behind the other mean that the host is down."""
MAX_TRIES: Final = 3
"""After so many failures, each with all retries and in a walk of its own, an address is given up
if its host is well."""
MAX_TRIES_UNPROVEN: Final = 2 * MAX_TRIES
"""The same for a host that never gave anything, so that nothing shows whether it is well. Only
the first `MAX_TRIES` walks are of one run."""


class HostHealth:
    """Counts the failures in a row of each host, and asks it for what it gave before."""

    def __init__(self, still_answers: Callable[[str, str], bool | None]) -> None:
        """Know nothing of any host.

        Args:
            still_answers: asks a host (by kind and origin) again for something that it gave
                before; None where it never gave anything.
        """
        self._still_answers = still_answers
        self._in_a_row: Counter[str] = Counter()
        self._is_well: dict[tuple[str, str], bool | None] = {}

    def begin_walk(self) -> None:
        """Whether a host is well is found out anew in each walk."""
        self._is_well.clear()

    def succeeded(self, host: str) -> None:
        """The host answered; an absence or a refusal is an answer, too."""
        self._in_a_row[host] = 0

    def gives_up(self, kind: str, host: str, tries: int) -> bool:
        """Whether a failure number ``tries`` of one of its addresses is the last word on it."""
        if tries < MAX_TRIES:
            return False
        if (kind, host) not in self._is_well:
            self._is_well[kind, host] = self._still_answers(kind, host)
        is_well = self._is_well[kind, host]
        return tries >= MAX_TRIES_UNPROVEN if is_well is None else is_well

    def failed(self, kind: str, host: str, error: str, *, tries: int) -> None:
        """An address of the host failed for the time number ``tries``, in a way that may pass.

        Only first failures count: what failed in an earlier walk as well may never come, and must
        not stop every run at the same place.

        Raises:
            SiteDownError: nothing but failures for a while; the next run asks for them again.
        """
        if tries > 1:
            return
        self._in_a_row[host] += 1
        if self._in_a_row[host] >= FAILURES_IN_A_ROW:
            raise SiteDownError(
                f"{host}: {counted(FAILURES_IN_A_ROW, kind)} in a row failed, the last with: "
                f"{error}; run the same command again to go on"
            )
