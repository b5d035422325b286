"""A crawl that makes a capture: what it holds is answered from it, the rest is asked for.

So a run that was stopped, by whatever, goes on by walking again; and what failed in a way that may
pass is asked for by walking once more at the end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from pipeline.core.errors import NotJsonError, SiteDownError
from pipeline.core.log import Bar, counted
from scrapers.address import origin_of
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.file_names import IMAGE, PAGE
from scrapers.capture.outcome import Outcome
from scrapers.crawl.host_health import MAX_TRIES, HostHealth
from scrapers.crawl.image_queue import ImageQueue
from scrapers.http.image_fetch import ImageFetcher
from scrapers.http.page_fetch import PageFetcher


class Asked(NamedTuple):
    """One image on its way."""

    url: str
    """The first of its addresses."""
    tries: int
    """How often it failed in earlier walks."""


class CaptureCrawl:
    """The `scrapers.crawl.crawl.Crawl` of `scrapers.job.capture`."""

    def __init__(
        self,
        writer: CaptureWriter,
        pages: PageFetcher,
        images: ImageFetcher,
        connections: int,
        bar: Bar,
    ) -> None:
        self._writer, self._pages, self._images, self._bar = writer, pages, images, bar
        self._queue, self._health = ImageQueue(connections), HostHealth(self._still_answers)
        self._expected, self._done = 0, 0

    def begin(self) -> None:
        """Start from the beginning of the site."""
        self._writer.begin_walk()
        self._health.begin_walk()
        self._expected = self._done

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

    def image(self, urls: Sequence[str], *, referer: str, is_placeholder: bool = False) -> None:
        """As `Crawl.image`."""
        answer = self._writer.ask(IMAGE, urls)
        if answer.repeated:
            return
        if answer.is_known:
            self._advance()
            return
        fetch = self._images.placeholder if is_placeholder else self._images.fetch
        if self._writer.opts_out(referer):
            fetch = self._images.opted_out
        asked = Asked(urls[0], answer.tries)
        self._queue.add(
            origin_of(asked.url), partial(fetch, urls, referer), partial(self._keep_image, asked)
        )

    def canonical(self, url: str) -> str:
        """As `Crawl.canonical`."""
        return self._writer.canonical(url)

    def is_new(self, name: str) -> bool:
        """As `Crawl.is_new`."""
        return self._writer.is_new(name)

    def expect(self, requests: int) -> None:
        """As `Crawl.expect`."""
        self._expected += requests
        self._bar.expect(self._expected)

    def finish(self) -> int:
        """Wait for all images; returns how many requests are worth another walk in this run.

        Raises:
            ScrapeError: one of them stopped the walk.
            SiteDownError: what failed, failed in as many walks as a run has, and it cannot be told
                from an outage.
        """
        self._queue.finish()
        retries = self._writer.retries()
        if retries and min(retries) >= MAX_TRIES:
            requests = counted(sum(retries.values()), "request")
            raise SiteDownError(
                f"{requests} failed in every walk of this run, on hosts that no longer answer as "
                f"they did; run the same command again later to go on"
            )
        return sum(retries.values())

    def close(self) -> None:
        """Let go of what is still on its way."""
        self._queue.close()

    def _page(self, url: str, fetch: Callable[[], Outcome]) -> bytes | None:
        answer = self._writer.ask(PAGE, [url])
        self._advance(note=url)
        if answer.is_known:
            return None if answer.sha256 is None else self._writer.page_body(answer.sha256)
        try:
            outcome = fetch()
        except NotJsonError as error:
            outcome = self._pages.failed(url, error)
        self._writer.record_page(outcome, give_up=self._gives_up(PAGE, outcome, answer.tries))
        self._judge_host(PAGE, outcome, answer.tries)
        return outcome.body

    def _keep_image(self, asked: Asked, outcome: Outcome) -> None:
        give_up = self._gives_up(IMAGE, outcome, asked.tries)
        self._writer.record_image(outcome, asked_as=asked.url, give_up=give_up)
        self._judge_host(IMAGE, outcome, asked.tries)
        self._advance()

    def _gives_up(self, kind: str, outcome: Outcome, tries: int) -> bool:
        host = origin_of(outcome.url)
        return outcome.may_pass and self._health.gives_up(kind, host, tries + 1)

    def _still_answers(self, kind: str, host: str) -> bool | None:
        url = self._writer.answered_by(kind, host)
        if url is None:
            return None
        if kind == PAGE:
            return not self._pages.open_detail(url).may_pass
        return not self._images.fetch([url], f"{host}/").may_pass

    def _judge_host(self, kind: str, outcome: Outcome, tries: int) -> None:
        host = origin_of(outcome.url)
        if outcome.may_pass:
            self._health.failed(kind, host, outcome.error or "", tries=tries + 1)
        elif outcome.body is not None or outcome.http_status is not None:
            self._health.succeeded(host)

    def _advance(self, note: str | None = None) -> None:
        self._done += 1
        self._bar.advance(note=note)


class CrawlProgress:
    """The counts of a capture in the making; retries may come from several threads."""

    def __init__(self, writer: CaptureWriter) -> None:
        self._writer = writer
        self._lock = threading.Lock()
        self._retried = 0

    def retried(self) -> None:
        """Count a request that is made again."""
        with self._lock:
            self._retried += 1

    def words(self) -> str:
        """Pages, images, megabytes, retries and refusals so far, earlier runs included."""
        counts = self._writer.counts
        return (
            f"{counted(counts[PAGE].total(), PAGE)}  "
            f"{counted(counts[IMAGE].total(), IMAGE)}  "
            f"{self._writer.stored_bytes / 1e6:,.1f} MB  {self._retried:,} retried  "
            f"{self._writer.refused:,} refused"
        )
