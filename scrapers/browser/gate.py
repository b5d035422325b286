"""What of the requests of one page may leave the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pipeline.core.errors import ScrapeError
from scrapers.browser.document import LeadsOnError
from scrapers.browser.tab import BrowserRequest

_MOST_REDIRECTS: Final = 5

Ask = Callable[[str], None]
"""Passes an address that the browser is about to request, or raises a `ScrapeError`."""


def anything(url: str) -> None:
    """Passes every address."""
    del url


class PageGate:
    """The `scrapers.browser.tab.Gate` of one page: puts each address to whoever opened it."""

    def __init__(self, ask: Ask, *, parts: bool) -> None:
        """Put the page, and if need be its ``parts``, to ``ask``."""
        self._ask, self._parts = ask, parts
        self.page = ""
        """The last address that was requested for the page itself."""
        self.refusal: ScrapeError | None = None
        """Why the page, or the last of its parts, was not requested."""

    def __call__(self, asked: BrowserRequest) -> bool:
        """Whether the request may leave."""
        if not (asked.is_page or self._parts):
            return False
        try:
            if asked.redirects > _MOST_REDIRECTS:
                raise LeadsOnError("leads from one address to the next without end")
            self._ask(asked.url)
        except ScrapeError as error:
            self.refusal = error
            return False
        if asked.is_page:
            self.page = asked.url
        return True
