"""A visit that opens only the pages that list, and counts what a capture would fetch besides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.core.errors import NotJsonError
from scrapers.address import AddressBook, origin_of
from scrapers.capture.earlier import EarlierCaptures
from scrapers.capture.file_names import IMAGE, PAGE
from scrapers.capture.requests import RequestStore
from scrapers.http.image_fetch import ImageFetcher
from scrapers.http.page_fetch import PageFetcher

_LATE = 1.125
"""Turns come up to a quarter late, an eighth on average."""


@dataclass
class Plan:
    """What a capture would request, by host."""

    listing_pages: int = 0
    """Opened to find the others."""
    pages: Counter[str] = field(default_factory=Counter)
    images: Counter[str] = field(default_factory=Counter)
    held: int = 0
    """Images of addresses that an earlier capture holds; the site may confirm them unsent."""
    seconds_of: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """What the requests to each host take, at the pace of the params or at its own if slower."""

    @property
    def seconds(self) -> float:
        """The least time it takes: one host after its own clock, all side by side."""
        return _LATE * max([*self.seconds_of.values(), 0.0])


class DryRun:
    """Takes the walk in the place of a `scrapers.crawl.crawl.Visit`."""

    def __init__(
        self,
        pages: PageFetcher,
        images: ImageFetcher,
        book: AddressBook,
        earlier: EarlierCaptures,
        requests: RequestStore,
        is_detail: Callable[[str], bool],
        tell: Callable[[str, str], None],
    ) -> None:
        """Begin.

        Args:
            pages: opens the pages that list.
            images: knows the pace of the hosts of images; asked for nothing else.
            book: names the site's own addresses.
            earlier: what earlier captures hold.
            requests: an empty store, which tells what was asked for before.
            is_detail: tells a work's or watch's own page by its address.
            tell: called with the kind and the address of every request that there would be.
        """
        self._pages, self._images, self._book = pages, images, book
        self._earlier, self._requests = earlier, requests
        self._is_detail, self._tell = is_detail, tell
        self.plan = Plan()

    def page(self, url: str) -> bytes | None:
        """The page at ``url``, unless it is a work's or watch's own."""
        self._count(PAGE, url, self.plan.pages)
        if self._is_detail(url):
            return None
        self.plan.listing_pages += 1
        return self._pages.open(url).body

    def detail(self, url: str) -> None:
        """Count the page at ``url``."""
        self._count(PAGE, url, self.plan.pages)

    def json(self, url: str, within: str) -> bytes:
        """The JSON at ``url``.

        Raises:
            NotJsonError: something else came.
            ScrapeError: the site cannot be read any further.
        """
        self._count(PAGE, url, self.plan.pages)
        self.plan.listing_pages += 1
        body = self._pages.json(url, within).body
        if body is None:
            raise NotJsonError(f"{url}: HTML or nothing came where JSON was asked for")
        return body

    def whole_page(self, url: str, button: str, item: str) -> bytes | None:
        """The page at ``url`` after ``button`` was pressed until no more of ``item`` came."""
        self._count(PAGE, url, self.plan.pages)
        self.plan.listing_pages += 1
        return self._pages.open_whole(url, button, item).body

    def image(self, urls: Sequence[str], *, referer: str, is_placeholder: bool = False) -> None:
        """Count an image, once."""
        del referer
        url = urls[0]
        if not is_placeholder and not self._requests.ask(IMAGE, urls).repeated:
            self.plan.held += self._earlier.get(url) is not None
            self._count(IMAGE, url, self.plan.images)

    def canonical(self, url: str) -> str:
        """The site's own address for a link found in one of its pages."""
        return self._book.to_canonical(url)

    def is_new(self, name: str) -> bool:
        """As `Crawl.is_new`."""
        return self._requests.is_new(name)

    def expect(self, requests: int) -> None:
        """Nobody watches a line of progress here."""

    def _count(self, kind: str, url: str, counts: Counter[str]) -> None:
        host = self._pages if kind == PAGE else self._images
        counts[origin_of(url)] += 1
        self.plan.seconds_of[origin_of(url)] += host.seconds_between(url)
        self._tell(kind, url)
