"""A capture made of saved pages: no network, and the same rows as of the pages fetched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.core.errors import SavedPagesError, ScrapeError
from pipeline.core.log import say
from pipeline.core.params.scrape import Scrape
from pipeline.core.schema import Fetch
from scrapers.address import origin_of
from scrapers.capture.description import Description, read_description
from scrapers.capture.outcome import Outcome, now
from scrapers.capture.writer import CaptureWriter
from scrapers.parsing.facts import Fact
from scrapers.registry import SITES
from scrapers.saved.folder import saved_picture, survey
from scrapers.saved.page import SavedPage, read_page

_MB: Final = 1_000_000
_NOT_SAVED: Final = "not among the files saved with the page"


class _Contents:
    """Writes page after page; images that no page brought are recorded at the end."""

    def __init__(self, writer: CaptureWriter, params: Scrape) -> None:
        self._writer, self._params = writer, params
        self._site = SITES[params.site]
        self._brought: set[str] = set()
        self._missing: dict[str, tuple[str, str]] = {}

    def add(self, url: str, page: SavedPage) -> None:
        """Keep a page and the images that were saved with it.

        Raises:
            ScrapeError: the page is not what its address promises.
        """
        self._writer.add_page(_outcome(url, Fetch.FETCHED, body=page.body))
        for fact in self._wanted(url, page):
            key = fact.image_key
            if key is None or fact.image_url is None or key in self._brought:
                continue
            picture = saved_picture(page, fact, self._site)
            if picture is None:
                self._missing.setdefault(key, (fact.image_url, url))
                continue
            self._brought.add(key)
            self._missing.pop(key, None)
            outcome = _outcome(picture.url, Fetch.FETCHED, referer=url, body=picture.body)
            self._writer.add_image(outcome)

    def finish(self, folder: str) -> None:
        """Record the images that were not saved.

        Raises:
            SavedPagesError: none was.
        """
        if not self._brought:
            raise SavedPagesError(
                f"{folder}: none of the images that its pages show was saved with them; scroll "
                f'through each page and save it as "Webpage, Complete" or as MHTML'
            )
        for url, referer in self._missing.values():
            outcome = _outcome(url, Fetch.GONE, referer=referer, error=_NOT_SAVED)
            self._writer.add_image(outcome)
        if self._missing:
            say(f"{folder}: {len(self._missing):,} images were not saved with their pages")

    def _wanted(self, url: str, page: SavedPage) -> Iterator[Fact]:
        try:
            for fact in self._site.facts(page.body, url, self._writer.canonical):
                if fact.position < self._params.images_per_listing:
                    yield fact
        except ScrapeError as error:
            raise type(error)(f"{page.path}: {error}") from error


def capture_saved(folder: Path, params: Scrape, wanted: Description) -> Description:
    """Make the capture in ``folder`` of the pages in ``params.folder``; begun ones begin anew.

    Raises:
        SavedPagesError: there are no pages, foreign ones, or none of their images.
        ScrapeError: a page is not what its address promises.
        CaptureError: the folder holds a capture that was begun otherwise.
    """
    site, (found, book) = SITES[params.site], survey(Path(params.folder), params.site)
    begun = read_description(folder)
    if begun is not None and begun.origin == wanted.origin:
        shutil.rmtree(folder)
    writer = CaptureWriter(folder, wanted, book, int(params.shard_mb * _MB))
    try:
        contents = _Contents(writer, params)
        # The works' own pages first: they show the larger images.
        for url in sorted(found, key=lambda url: (site.page_kind(url) != "detail", url)):
            contents.add(url, read_page(found[url]))
        contents.finish(params.folder)
        return writer.finish({})
    finally:
        writer.abandon()


def _outcome(
    url: str,
    fetch: Fetch,
    *,
    referer: str | None = None,
    body: bytes | None = None,
    error: str | None = None,
) -> Outcome:
    return Outcome(url, origin_of(url), fetch, now(), referer=referer, body=body, error=error)
