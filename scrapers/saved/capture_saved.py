"""A capture made of saved pages: no network, and the same rows as of the pages fetched."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from posixpath import basename
from typing import Final, NamedTuple
from urllib.parse import quote

from pipeline.core.errors import (
    ChallengedError,
    ConsentWallError,
    QuotaError,
    SavedPagesError,
    ScrapeError,
)
from pipeline.core.log import counted, say
from pipeline.core.params.scrape import Scrape
from pipeline.core.schema import Fetch
from scrapers.address import origin_of
from scrapers.capture.capture_description import CaptureDescription, read_description
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.file_names import PAGE
from scrapers.capture.folder_fingerprint import FOLDER, fingerprint_of
from scrapers.capture.outcome import Outcome, now
from scrapers.crawl.dry_run import Plan
from scrapers.parsing.listing_facts import Fact
from scrapers.politeness.challenge import check_signs
from scrapers.saved.saved_folder import SavedSurvey, as_https, survey_saved
from scrapers.saved.saved_page import Resource, SavedPage, read_page, without_copy_mark
from scrapers.site_registry import SITES
from scrapers.sites.site import Site

_MB: Final = 1_000_000
_NOT_SAVED: Final = "not among the files saved with the page"
_SAVE_AGAIN: Final = "open it in the browser, wait until it shows what you came for, and save it"
_IN_ITS_PLACE: Final = {
    ChallengedError: f"the browser was being checked when it was saved; {_SAVE_AGAIN} again",
    ConsentWallError: "saved before the question about cookies was answered; answer it and save "
    "it again",
    QuotaError: f"saved while the site's free requests were used up; {_SAVE_AGAIN} tomorrow",
}
"""What may be saved in place of a page, and what helps."""


class _Copy(NamedTuple):
    """A page as one of its files has it."""

    page: SavedPage
    facts: list[Fact]
    pictures: int
    """Images of which the file brought the picture."""


class _SavedContents:
    """Writes page after page; images that no page brought are recorded at the end."""

    def __init__(self, writer: CaptureWriter, params: Scrape, surveyed: SavedSurvey) -> None:
        self._writer, self._params, self._survey = writer, params, surveyed
        self._site = SITES[params.site]
        self._opted_out: dict[str, tuple[str, str]] = {}
        self._brought: set[str] = set()
        self._missing: dict[str, tuple[str, str]] = {}
        self._left_out: list[Path] = []

    def add_all(self) -> None:
        """Keep every page and the images that were saved with it.

        The works' own pages come first, since they show the larger images; before them those that
        ask not to be trained on, since their word holds for the same image elsewhere.

        Raises:
            ScrapeError: a page is not what its address promises.
        """

        def rank(url: str) -> tuple[bool, bool, str]:
            is_detail = self._site.page_kind(url) == "detail"
            return url not in self._survey.opted_out, not is_detail, url

        for url in sorted(self._survey.pages, key=rank):
            self._add(url, self._saved_copies(url))

    def finish(self) -> None:
        """Record the images that were not saved, and those that are opted out.

        Raises:
            SavedPagesError: there is nothing to use.
        """
        folder = self._params.folder
        if not (self._brought or self._opted_out):
            raise SavedPagesError(
                f"{folder}: holds no page but those named above, all saved in place of another"
                if len(self._left_out) == sum(map(len, self._survey.pages.values()))
                else f"{folder}: none of the images that its pages show was saved with them; "
                f'scroll through each page and save it as "Webpage, Complete" or as MHTML (with '
                f"SingleFile, keep the addresses of what it embeds)"
            )
        for url, referer in self._opted_out.values():
            self._keep_image(_outcome(url, Fetch.OPTED_OUT, referer=referer))
        for url, referer in self._missing.values():
            self._keep_image(_outcome(url, Fetch.GONE, referer=referer, error=_NOT_SAVED))
        if self._opted_out:
            say(f"{folder}: {counted(len(self._opted_out), 'image')} opted out by their pages")
        if self._missing:
            say(f"{folder}: {len(self._missing):,} images were not saved with their pages")

    def _saved_copies(self, url: str) -> list[_Copy]:
        """The page at ``url`` from every file in which it was saved and may be read."""
        copies = []
        for path in self._survey.pages[url]:
            page = read_page(path)
            try:
                check_signs(url, None, {}, page.body.decode("utf-8", "replace"))
                facts = self._facts(url, page)
            except tuple(_IN_ITS_PLACE) as error:
                self._left_out.append(path)
                say(f"{path}: left out, {_IN_ITS_PLACE[type(error)]}")
                continue
            pictures = sum(self._picture(page.resources, fact) is not None for fact in facts)
            copies.append(_Copy(page, facts, pictures))
        return copies

    def _add(self, url: str, copies: Sequence[_Copy]) -> None:
        if not copies:
            return
        best = max(copies, key=lambda copy: copy.pictures)
        if len(copies) > 1:
            others = ", ".join(str(c.page.path) for c in copies if c is not best)
            say(f"{best.page.path}: the same page as {others}, and the one that is read")
        self._writer.add_page(_outcome(url, Fetch.FETCHED, body=best.page.body))
        resources = [resource for copy in copies for resource in copy.page.resources]
        for fact in best.facts:
            if fact.image_key is not None and fact.image_url is not None:
                self._add_image(url, fact.image_key, fact.image_url, fact, resources)

    def _add_image(
        self, page: str, key: str, url: str, fact: Fact, resources: Sequence[Resource]
    ) -> None:
        if page in self._survey.opted_out:
            self._opted_out.setdefault(key, (url, page))
        if key in self._brought or key in self._opted_out:
            return
        picture = self._picture(resources, fact)
        if picture is None:
            self._missing.setdefault(key, (url, page))
            return
        self._brought.add(key)
        self._missing.pop(key, None)
        outcome = _outcome(picture.url, Fetch.FETCHED, referer=page, body=picture.body)
        self._keep_image(outcome)

    def _picture(self, resources: Sequence[Resource], fact: Fact) -> SavedPicture | None:
        return saved_picture(resources, fact, self._site)

    def _facts(self, url: str, page: SavedPage) -> list[Fact]:
        try:
            facts = list(self._site.facts(page.body, url, self._writer.canonical))
        except ScrapeError as error:
            raise type(error)(f"{page.path}: {error}") from error
        return [fact for fact in facts if fact.position < self._params.images_per_listing]

    def _keep_image(self, outcome: Outcome) -> None:
        self._writer.add_image(outcome)


def capture_saved(
    folder: Path, params: Scrape, description: CaptureDescription
) -> CaptureDescription:
    """Make the capture in ``folder`` of the pages in ``params.folder``; begun ones begin anew.

    Raises:
        SavedPagesError: there are no pages, foreign ones, or none of their images.
        ScrapeError: a page is not what its address promises.
        CaptureError: the folder holds a capture that was begun otherwise.
    """
    pages = Path(params.folder)
    surveyed = survey_saved(pages, params.site)
    begun = read_description(folder)
    if begun is not None and begun.origin == description.origin:
        shutil.rmtree(folder)
    writer = CaptureWriter(folder, description, surveyed.book, int(params.shard_mb * _MB))
    try:
        contents = _SavedContents(writer, params, surveyed)
        contents.add_all()
        contents.finish()
        return writer.finish({FOLDER: fingerprint_of(pages)})
    finally:
        writer.abandon()


def plan_saved(params: Scrape, tell: Callable[[str, str], None]) -> Plan:
    """What `capture_saved` would read; ``tell`` is called with kind and address of each page.

    Raises:
        SavedPagesError: as in `capture_saved`.
    """
    plan = Plan()
    for url in sorted(survey_saved(Path(params.folder), params.site).pages):
        plan.pages[origin_of(url)] += 1
        tell(PAGE, url)
    return plan


def _outcome(
    url: str,
    fetch: Fetch,
    *,
    referer: str | None = None,
    body: bytes | None = None,
    error: str | None = None,
) -> Outcome:
    return Outcome(url, origin_of(url), fetch, now(), referer=referer, body=body, error=error)


class SavedPicture(NamedTuple):
    """An image of a listing that was saved with the page."""

    url: str
    """Of the size that was saved."""
    body: bytes


def saved_picture(resources: Sequence[Resource], fact: Fact, site: Site) -> SavedPicture | None:
    """The largest size in which the image of ``fact`` was saved; None where it was not."""
    if fact.image_url is None:
        return None
    best: SavedPicture | None = None
    for resource in resources:
        for name in dict.fromkeys((resource.name, without_copy_mark(resource.name))):
            url = _address(name, fact.image_url, site)
            if url is not None:
                body = resource.read()
                if body and (best is None or len(body) > len(best.body)):
                    best = SavedPicture(url, body)
                break
    return best


def _address(name: str, image_url: str, site: Site) -> str | None:
    """The address of a saved file, if it shows the image at ``image_url`` in any size."""
    key = site.image_key(image_url)
    if "://" in name:
        url = as_https(name)
        return url if site.image_key(url) == key else None
    if site.image_key(quote(name)) != basename(key):
        return None
    return site.image_saved_as(image_url, name)
