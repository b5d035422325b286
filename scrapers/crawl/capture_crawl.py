"""A visit that makes a capture: every step is a request made once, whatever interrupts the walk.

What an earlier run already recorded is answered from the capture, so the walk takes the same way
again without a request; where the recording ends, the requests begin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.core.errors import CaptureError, NotJsonError
from pipeline.core.log import Bar
from pipeline.core.schema import Fetch
from scrapers.address import origin_of
from scrapers.capture.outcome import Outcome
from scrapers.capture.recovery import RecordedPage, recorded_pages
from scrapers.capture.writer import CaptureWriter
from scrapers.crawl.failures import Streak
from scrapers.crawl.image_queue import ImageQueue
from scrapers.http.image_fetch import ImageFetcher, ImageRequest
from scrapers.http.page_fetch import PageFetcher


class CaptureCrawl:
    """Takes a walk into one capture; the `scrapers.crawl.crawl.Visit` of `scrapers.job`."""

    def __init__(
        self,
        writer: CaptureWriter,
        pages: PageFetcher,
        images: ImageFetcher,
        connections: int,
        bar: Bar,
    ) -> None:
        self._writer, self._pages, self._images = writer, pages, images
        self._line, self._bar = ImageQueue(connections, self._keep_image), bar
        self._streak, self._opted_out = Streak("pages", self._keep_page), set[str]()
        self._seq, self._expected = 0, 0
        self._last_image = writer.holdings.last_image
        self._recorded: Iterator[RecordedPage] = recorded_pages(
            writer.folder, writer.holdings.journal_end
        )

    def page(self, url: str) -> bytes | None:
        """As `Crawl.page`."""
        return self._page(url, lambda: self._pages.open(url))

    def detail(self, url: str) -> bytes | None:
        """As `Crawl.detail`."""
        return self._page(url, lambda: self._pages.open_detail(url))

    def json(self, url: str, within: str) -> bytes:
        """As `Crawl.json`."""
        body = self._page(url, lambda: self._pages.json(url, within))
        if body is None:
            raise NotJsonError(f"{url}: HTML or nothing came where JSON was asked for")
        return body

    def whole_page(self, url: str, button: str, item: str) -> bytes | None:
        """As `Crawl.whole_page`."""
        return self._page(url, lambda: self._pages.open_whole(url, button, item))

    def image(self, request: ImageRequest, *, is_placeholder: bool = False) -> None:
        """As `Crawl.image`."""
        if not self._writer.known.is_new(request.urls[0]):
            return
        seq = self._take_seq()
        if seq <= self._last_image:
            self._bar.advance()
            return
        fetch = self._images.placeholder if is_placeholder else self._images.fetch
        if request.referer in self._opted_out:
            fetch = self._images.opted_out
        self._line.add(seq, origin_of(request.urls[0]), lambda: fetch(request))

    def canonical(self, url: str) -> str:
        """As `Crawl.canonical`."""
        return self._writer.canonical(url)

    def is_new(self, name: str) -> bool:
        """As `Crawl.is_new`."""
        return self._writer.known.is_new(f"met {name}")

    def expect(self, requests: int) -> None:
        """As `Crawl.expect`."""
        self._expected += requests
        self._bar.expect(self._expected)

    def finish(self) -> None:
        """Wait for all images.

        Raises:
            ScrapeError: one of them stopped the walk.
        """
        self._streak.release()
        self._line.finish()

    def close(self) -> None:
        """Let go of what is still on its way."""
        self._line.close()

    def _keep_image(self, seq: int, outcome: Outcome) -> None:
        self._writer.add_image(seq, outcome)
        self._bar.advance()

    def _keep_page(self, seq: int, outcome: Outcome) -> None:
        self._writer.add_page(seq, outcome)

    def _page(self, url: str, fetching: Callable[[], Outcome]) -> bytes | None:
        seq = self._take_seq()
        recorded = next(self._recorded, None)
        self._bar.advance(note=url)
        if recorded is not None:
            return self._replayed(recorded, seq, url)
        try:
            outcome = fetching()
        except NotJsonError as error:
            outcome = self._pages.failed(url, error)
        self._streak.take(seq, outcome)
        self._note(url, outcome.fetch)
        return outcome.body

    def _note(self, url: str, fetch: Fetch) -> None:
        if fetch is Fetch.OPTED_OUT:
            self._opted_out.add(url)

    def _replayed(self, recorded: RecordedPage, seq: int, url: str) -> bytes | None:
        if (recorded.seq, recorded.url) != (seq, url):
            raise CaptureError(
                f"{self._writer.folder}: was begun by another version of Salon, which asked for "
                f"{recorded.url} where this one asks for {url}; delete the folder to begin again"
            )
        self._note(url, recorded.fetch)
        return None if recorded.sha256 is None else self._writer.page_body(recorded.sha256)

    def _take_seq(self) -> int:
        self._seq += 1
        return self._seq - 1
