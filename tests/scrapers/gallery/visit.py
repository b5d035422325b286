"""A whole scrape of a replica without a browser, a server or a capture: walk, fetch, parse, join.

The pages name addresses of loopback ports as they do over HTTP, and an image is had only from the
host that has it, so that what is listed here is what a real scrape lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.core.errors import NotJsonError
from pipeline.core.params.scrape import Scrape
from scrapers.address import AddressBook, origin_of
from scrapers.gallery.replica_registry import REPLICAS
from scrapers.gallery.web.messages import App, Request, Response
from scrapers.parsing.listing_facts import Fact
from scrapers.site_registry import SITES

_SCRIPT: Final = {"x-requested-with": "XMLHttpRequest"}


def wire_origins(site: str) -> dict[str, str]:
    """Addresses as of a server that listens on a port for each host."""
    hosts = REPLICAS[site].hosts
    return {host: f"http://127.0.0.1:{41_000 + place}" for place, host in enumerate(hosts)}


class Visit:
    """A `Crawl` of an app: what it asked for, and what it was given."""

    def __init__(self, app: App, site: str) -> None:
        self._app, self._site, self._book = app, site, AddressBook(wire_origins(site))
        self.pages: dict[str, bytes] = {}
        self.images: dict[str, bytes] = {}
        """Of those that were had, by the address that had them."""
        self.missed: list[tuple[str, ...]] = []
        """The addresses of each image that none of them had."""
        self.placeholders = 0
        self._met: set[str] = set()

    def page(self, url: str) -> bytes | None:
        answer = self._ask(url)
        if answer.status != 200:
            return None
        self.pages[url] = answer.body
        return answer.body

    detail = page

    def json(self, url: str, within: str) -> bytes:
        del within
        answer = self._ask(url)
        if not answer.content_type.startswith("application/json"):
            raise NotJsonError(url)
        self.pages[url] = answer.body
        return answer.body

    def whole_page(self, url: str, button: str, item: str) -> bytes | None:
        del button, item
        return self.page(url)

    def image(self, urls: Sequence[str], *, referer: str, is_placeholder: bool = False) -> None:
        del referer
        if is_placeholder:
            self.placeholders += 1
            return
        for url in urls:
            answer = self._ask(url)
            if answer.status == 200:
                self.images[url] = answer.body
                return
        self.missed.append(tuple(urls))

    def canonical(self, url: str) -> str:
        return self._book.to_canonical(url)

    def is_new(self, name: str) -> bool:
        is_new = name not in self._met
        self._met.add(name)
        return is_new

    def expect(self, requests: int) -> None:
        pass

    def rows(self) -> dict[str, dict[str, Any]]:
        """What the pages tell of each image that was had, by the address that had it.

        Facts of all pages about one listing are put together, and joined to images by key, as
        `parse` does it.
        """
        entry = SITES[self._site]
        had = {entry.image_key(url): url for url in self.images}
        rows: dict[str, dict[str, Any]] = {}
        ids: dict[str, str] = {}
        for url, body in self.pages.items():
            for fact in _facts(self._site, url, body):
                if fact.listing_id:
                    ids[fact.key] = fact.listing_id
                if fact.image_key in had:
                    rows.setdefault(had[fact.image_key], {}).update(_told(fact))
        return {url: {"listing_id": ids.get(row["key"]), **row} for url, row in rows.items()}

    def _ask(self, url: str) -> Response:
        parts = urlsplit(url)
        request = Request(unquote(parts.path), dict(parse_qsl(parts.query)), _SCRIPT)
        return self._app.answer(origin_of(url), request)


@cache
def _facts(site: str, url: str, body: bytes) -> tuple[Fact, ...]:
    """What one page tells: many walks see the same ones."""
    book = AddressBook(wire_origins(site))
    return tuple(SITES[site].facts(body, url, book.to_canonical))


def _told(fact: Fact) -> dict[str, Any]:
    return {name: value for name, value in asdict(fact).items() if value is not None}


def visit(app: App, params: Scrape) -> Visit:
    """Walk ``app``, whose pages name `wire_origins`, as ``params`` say."""
    crawl = Visit(app, params.site)
    SITES[params.site].walk(crawl, params)
    return crawl
