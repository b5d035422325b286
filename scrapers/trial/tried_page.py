"""The page on which a description is tried: a file, or an address asked for as a capture asks."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pipeline.core.errors import GoneError, SavedPagesError, UsageError
from pipeline.core.params.scrape import Gallery, Scrape
from scrapers.address import AddressBook
from scrapers.browser.browser import Browser
from scrapers.capture.earlier import EarlierCaptures
from scrapers.gallery.process import open_gallery
from scrapers.http.fetchers import fetchers
from scrapers.politeness.allowed_hosts import AllowedHosts
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy
from scrapers.politeness.user_agent import user_agent
from scrapers.saved.saved_page import MHTML, read_page

EXPECTED: Final = ".expected.json"
"""Ends the name of what a recorded page should be read as, beside it."""
_RETRIES: Final = 2
_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class TriedPage:
    """A page, and where it stands on its site."""

    url: str
    body: bytes
    """In which links are the site's own."""


def is_address(text: str) -> bool:
    """Whether ``text`` is an address rather than a file.

    Raises:
        UsageError: it is one that is never asked for.
    """
    scheme = urlsplit(text).scheme
    if scheme in {"http", "file", "ftp", "data", "javascript"}:
        raise UsageError(f"{text}: only https:// is asked for; a page may also be a file")
    return scheme == "https"


def as_it_is(link: str) -> str:
    """What a trial makes of links: nothing, as it has no gallery's ports to map back."""
    return link


def page_in(path: Path, url: str | None) -> TriedPage:
    """The page in a file: as a browser saved it, as it was recorded, or as it came.

    Args:
        path: of the file.
        url: of the page; None: as the file tells, or the expectation beside it.

    Raises:
        UsageError: there is no such file, or nobody tells where the page stands.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file; name a saved page, or its https:// address")
    if path.suffix.lower() in MHTML:
        saved = read_page(path)
        return TriedPage(url or saved.url, saved.body)
    expected = path.with_name(path.name.partition(".")[0] + EXPECTED)
    if url is None and expected.is_file():
        url = json.loads(expected.read_bytes()).get("url")
    if url is None and path.suffix.lower() != ".json":
        with suppress(SavedPagesError):
            url = read_page(path).url
    if url is None:
        raise UsageError(f"{path}: does not tell where it stands on the site; add --url ADDRESS")
    return TriedPage(url, path.read_bytes())


@contextmanager
def fetched(
    url: str, domains: Sequence[str], contact: str, replica: str | None
) -> Iterator[TriedPage]:
    """The page at ``url``, asked for once: robots.txt, hosts and opt-outs as in any capture.

    Args:
        url: canonical.
        domains: of the site; no other host is asked.
        contact: that the user agent names.
        replica: the site whose replica of the embedded gallery answers; None: the site itself.

    Raises:
        ScrapeError: it cannot be had.
    """
    params = Scrape.model_construct(
        site=replica or "", as_of="", image_size="", contact=contact, timeout_s=_TIMEOUT_S
    )
    with tempfile.TemporaryDirectory() as work, _book(replica) as book:
        hosts = AllowedHosts(tuple(domains), book).hosts
        agent = user_agent(contact)
        with Browser(Path(work), user_agent=agent, timeout_s=_TIMEOUT_S, hosts=hosts) as browser:
            pages, _ = fetchers(
                params,
                tuple(domains),
                book,
                browser,
                RetryPolicy(_RETRIES),
                RateLimiter(),
                EarlierCaptures(),
            )
            body = pages.open(url).body
        if body is None:
            raise GoneError(f"{url}: not found; look at the address in a browser")
        for canonical, wire in book.wire_of.items():
            body = body.replace(wire.encode(), canonical.encode())
        yield TriedPage(url, body)


@contextmanager
def _book(replica: str | None) -> Iterator[AddressBook]:
    if replica is None:
        yield AddressBook()
        return
    with open_gallery(replica, Gallery()) as origins:
        yield AddressBook(origins)
