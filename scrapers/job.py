"""One capture from beginning to end: open what it needs, walk the site, declare it complete."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from pipeline.core.errors import CaptureError, NotPermittedError, ScrapeError
from pipeline.core.log import counted, progress, say
from pipeline.core.params.scrape import Scrape
from pipeline.core.sites import OWN, START_LISTS
from scrapers.address import AddressBook
from scrapers.addresses.capture_addresses import capture_addresses, plan_addresses
from scrapers.browser.browser import Browser
from scrapers.capture.capture_checks import check_files
from scrapers.capture.capture_description import STEERING, CaptureDescription, read_description
from scrapers.capture.capture_reader import Capture, list_captures, remember_earlier
from scrapers.capture.capture_writer import CaptureWriter, description_differences
from scrapers.capture.earlier import EarlierCaptures
from scrapers.capture.recovery import remove_requests
from scrapers.capture.requests import RequestStore
from scrapers.crawl.capture_crawl import CaptureCrawl, CrawlProgress
from scrapers.crawl.dry_run import DryRun, Plan
from scrapers.files.capture_files import capture_files, plan_files
from scrapers.gallery.process import open_gallery
from scrapers.http.fetchers import fetchers
from scrapers.politeness.allowed_hosts import AllowedHosts
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy
from scrapers.politeness.user_agent import user_agent
from scrapers.saved.capture_saved import capture_saved, plan_saved
from scrapers.site_registry import SITES
from scrapers.sites.site import Site

_MB: Final = 1_000_000

SELECTION: Final = (
    "gallery",
    "folder",
    *START_LISTS,
    "list_by",
    "max_listings",
    "images_per_listing",
    "details",
    "image_size",
)
"""The params that decide what a capture holds; the others only say how gently it is made."""


OF_OWN: Final = ("path", "columns")
"""The same where origin is files or addresses."""


def description_of(params: Scrape) -> CaptureDescription:
    """The capture that ``params`` ask for."""
    names = OF_OWN if params.origin in OWN else SELECTION
    selection = params.model_dump(mode="json", include=set(names))
    if params.origin in OWN:
        return CaptureDescription(params.site, params.origin, params.as_of, selection)
    if params.origin != "gallery":
        del selection["gallery"]
    steering = SITES[params.site].steering
    if steering is not None:
        selection[STEERING] = steering()
    return CaptureDescription(params.site, params.origin, params.as_of, selection)


def finished(folder: Path, params: Scrape) -> CaptureDescription | None:
    """The finished capture in ``folder``, if it is what ``params`` ask for.

    Raises:
        CaptureError: it is finished, and something else or no longer whole; or it is not, and
            there are later ones.
    """
    held = read_description(folder)
    if held is None or not held.complete:
        _check_order(folder)
        return None
    changed = description_differences(held, description_of(params))
    if changed:
        raise CaptureError(
            f"{folder}: finished with other params ({changed}), and a finished capture is never "
            f"edited; set a new as_of to capture again"
        )
    check_files(Capture(folder))
    remove_requests(folder)  # of a run that was killed between its last two steps
    return held


def _check_order(folder: Path) -> None:
    """Refuse a capture before one that is there: what came later would be taken for older.

    Raises:
        CaptureError: there is one.
    """
    later = [each.as_of for each in list_captures(folder.parent) if each.as_of > folder.name]
    if later:
        raise CaptureError(
            f"{folder}: lies before the capture of {later[-1]}, and captures are made in the order "
            f"of their dates; set as_of to a later date, or to one of those that are there "
            f"({', '.join(later)})"
        )


def capture(
    folder: Path, params: Scrape, *, work: Path, retry_policy: RetryPolicy
) -> CaptureDescription:
    """Make the capture in ``folder``, or go on with it where an earlier run stopped.

    Args:
        folder: of the capture, below the collection's folder.
        params: what to capture, and how gently.
        work: folder for what may be lost.
        retry_policy: how failed requests are repeated.

    Raises:
        ScrapeError: the site cannot be read any further; what was fetched is kept.
        BrowserError: there is no usable browser.
        CaptureError: the folder holds a capture of something else.
    """
    if params.origin == "folder":
        return capture_saved(folder, params, description_of(params))
    if params.origin == "files":
        return capture_files(folder, params, description_of(params))
    if params.origin == "addresses":
        refuse_blanks(params)
        return capture_addresses(folder, params, description_of(params), retry_policy)
    site = SITES[params.site]
    with ExitStack() as stack:
        book = stack.enter_context(_address_book(params, folder))
        browser = stack.enter_context(_browser(params, book, work))
        writer = CaptureWriter(folder, description_of(params), book, int(params.shard_mb * _MB))
        stack.callback(writer.abandon)
        writer.allow(int(params.max_image_mb * _MB))
        crawl_progress = CrawlProgress(writer)
        title = f"{folder.parent.name} {params.as_of}"
        bar = stack.enter_context(progress(title, words=crawl_progress.words))
        retry_policy = dataclasses.replace(retry_policy, on_retry=crawl_progress.retried)
        rate_limiter = RateLimiter(most_requests=params.max_requests)
        pages, images = fetchers(
            params,
            site.domains,
            book,
            browser,
            retry_policy,
            rate_limiter,
            writer.earlier,
        )
        with closing(CaptureCrawl(writer, pages, images, params.connections, bar)) as crawl:
            try:
                _walk_until_done(site, crawl, params)
            except ScrapeError as error:
                raise type(error)(f"{error}; kept so far: {writer.kept}") from error
            finally:
                rate_limiter.stop()
        version = browser.version
        return writer.finish({} if version is None else {"chromium": version})


def _walk_until_done(site: Site, crawl: CaptureCrawl, params: Scrape) -> None:
    """Walk the site, and again while requests are left that failed in a way that may pass."""
    while True:
        crawl.begin()
        site.walk(crawl, params)
        retries = crawl.finish()
        if not retries:
            return
        say(f"{counted(retries, 'request')} failed in a way that may pass; asking again")


def dry_run(
    folder: Path,
    params: Scrape,
    *,
    work: Path,
    retry_policy: RetryPolicy,
    tell: Callable[[str, str], None],
) -> Plan:
    """Find out what `capture` would request, by opening the pages that list and nothing else.

    ``tell`` is called with the kind and the address of each of those requests.

    Raises:
        ScrapeError: the site cannot be read any further.
        BrowserError: there is no usable browser.
    """
    if params.origin == "folder":
        return plan_saved(params, tell)
    if params.origin == "files":
        return plan_files(params, tell)
    if params.origin == "addresses":
        return plan_addresses(params, tell)
    site = SITES[params.site]
    with ExitStack() as stack:
        book = stack.enter_context(_address_book(params, folder))
        browser = stack.enter_context(_browser(params, book, work))
        earlier = stack.enter_context(closing(EarlierCaptures()))
        remember_earlier(earlier, folder)
        requests = stack.enter_context(closing(RequestStore(None)))
        rate_limiter = RateLimiter(most_requests=params.max_requests)
        pages, images = fetchers(
            params, site.domains, book, browser, retry_policy, rate_limiter, earlier
        )
        crawl = DryRun(pages, images, book, earlier, requests, _detail_test(params.site), tell)
        site.walk(crawl, params)
        return crawl.plan


def _detail_test(site: str) -> Callable[[str], bool]:
    return lambda url: SITES[site].page_kind(url) == "detail"


def _browser(params: Scrape, book: AddressBook, work: Path) -> Browser:
    return Browser(
        work / "browser",
        user_agent=user_agent(params.contact),
        timeout_s=params.timeout_s,
        hosts=AllowedHosts(SITES[params.site].domains, book).hosts,
    )


def refuse_blanks(params: Scrape) -> None:
    """Refuse a recipe whose ``<blanks>`` were never filled in.

    Raises:
        NotPermittedError: the contact or the permission is one.
    """
    for key in ("contact", "permission"):
        value = getattr(params, key).strip()
        who = "every host" if params.origin in OWN else params.site
        if value.startswith("<"):
            raise NotPermittedError(
                f"scrape.{key} is still {value!r}; write your own into params.yaml, "
                f"{who} is told by it who captures, and on whose word"
            )


@contextmanager
def _address_book(params: Scrape, folder: Path) -> Iterator[AddressBook]:
    if params.origin == "live":
        refuse_blanks(params)
        yield AddressBook()
        return
    with open_gallery(params.site, params.gallery, _addresses_before(folder)) as origins:
        yield AddressBook(origins)


def _addresses_before(folder: Path) -> Mapping[str, str]:
    """Where the gallery listened when this capture, or the one before it, was made last."""
    held = read_description(folder)
    earlier = [c.description for c in list_captures(folder.parent) if c.as_of < folder.name]
    books = [book for each in (*earlier, held) if each is not None for book in each.books[:1]]
    return books[-1].wire_of if books else {}
