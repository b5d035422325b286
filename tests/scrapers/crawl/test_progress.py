"""The words beside a capture's progress: what came, what was tried again, what was refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.schema import Fetch
from scrapers.address import AddressBook
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.outcome import Outcome, now
from scrapers.crawl.capture_crawl import CrawlProgress
from scrapers.politeness.retry import RetryPolicy, TryAgainError

URL, WIRE = "https://www.example.org/a.jpg", "http://127.0.0.1:1"


def test_pages_images_bytes_and_refusals_are_counted(tmp_path: Path) -> None:
    description = CaptureDescription("wikiart", "gallery", "2026-05-04", {})
    writer = CaptureWriter(tmp_path / "c" / "2026-05-04", description, AddressBook({}), 10_000)
    crawl_progress = CrawlProgress(writer)
    assert crawl_progress.words() == "0 pages  0 images  0.0 MB  0 retried  0 refused"
    writer.add_page(Outcome(URL, WIRE, Fetch.FETCHED, now(), body=b"x" * 250_000))
    writer.add_image(Outcome(f"{URL}?1", WIRE, Fetch.OPTED_OUT, now(), http_status=200))
    writer.add_image(Outcome(f"{URL}?2", WIRE, Fetch.FAILED, now(), http_status=403))
    writer.add_image(Outcome(f"{URL}?3", WIRE, Fetch.GONE, now(), http_status=404))
    assert crawl_progress.words() == "1 page  3 images  0.2 MB  0 retried  2 refused"
    writer.abandon()


def test_every_further_try_is_counted(tmp_path: Path) -> None:
    description = CaptureDescription("wikiart", "gallery", "2026-05-04", {})
    writer = CaptureWriter(tmp_path / "c" / "2026-05-04", description, AddressBook({}), 10_000)
    crawl_progress = CrawlProgress(writer)

    def failing() -> None:
        raise TryAgainError("no luck")

    retry_policy = RetryPolicy(3, first_wait_s=0.0, on_retry=crawl_progress.retried)
    with pytest.raises(TryAgainError):
        retry_policy.retrying(lambda _: None)(failing)
    assert "3 retried" in crawl_progress.words()
    writer.abandon()
