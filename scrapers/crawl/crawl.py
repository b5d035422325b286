"""What a site's walk may ask for: its pages and images, in the order of the site.

A walk is plain code that asks its `Crawl`. What becomes of a request is the crawl's business:
`scrapers.crawl.capture_crawl` performs and keeps it, `scrapers.crawl.dry_run` only counts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Crawl(Protocol):
    """One walk over a site; all URLs are canonical."""

    def page(self, url: str) -> bytes | None:
        """The page at ``url``, without which the walk cannot go on; None where the site has none.

        Raises:
            ScrapeError: the site cannot be read any further.
        """

    def detail(self, url: str) -> bytes | None:
        """A page that the walk can do without, as a work's own is.

        None where there is none, or none that may be used.

        Raises:
            ScrapeError: the site cannot be read any further.
        """

    def json(self, url: str, within: str) -> bytes:
        """The JSON at ``url``, requested from inside the page ``within``.

        Raises:
            NotJsonError: something else came.
            ScrapeError: the site cannot be read any further.
        """

    def whole_page(self, url: str, button: str, item: str) -> bytes | None:
        """The page at ``url`` after ``button`` was pressed until no more of ``item`` came.

        Raises:
            ScrapeError: the site cannot be read any further.
        """

    def image(self, urls: Sequence[str], *, referer: str, is_placeholder: bool = False) -> None:
        """Have an image fetched, soon; an address asked for before is not asked for again.

        Args:
            urls: where it may be, best first; each is tried where the one before is absent.
            referer: the page that shows it.
            is_placeholder: whether the address is the site's stand-in, which is not fetched.

        Raises:
            ScrapeError: an earlier image of the walk stopped it.
        """

    def canonical(self, url: str) -> str:
        """The site's own address for a link found in one of its pages."""

    def expect(self, requests: int) -> None:
        """Announce so many more requests, for the progress line."""

    def is_new(self, name: str) -> bool:
        """Whether this walk meets the work or watch of that name for the first time."""
