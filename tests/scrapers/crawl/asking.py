"""A stand-in for a `Crawl`, for the tests of walks: no browser, no capture."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.core.errors import NotJsonError
from scrapers.gallery.web.messages import App, Request


class Asking:
    """Stands in for a `Crawl`: answers from a replica and remembers what was asked for."""

    def __init__(self, replica: App, host: str) -> None:
        self.replica, self.host = replica, host
        self.pages: list[str] = []
        self.images: list[str] = []
        self.changed: dict[str, bytes | None] = {}
        self.met: set[str] = set()

    def page(self, url: str) -> bytes | None:
        self.pages.append(url)
        if url in self.changed:
            return self.changed[url]
        parts = urlsplit(url)
        ajax = {"x-requested-with": "XMLHttpRequest"}
        request = Request(unquote(parts.path), dict(parse_qsl(parts.query)), ajax)
        answer = self.replica.answer(self.host, request)
        return answer.body if answer.status == 200 else None

    detail = page

    def json(self, url: str, within: str) -> bytes:
        del within
        body = self.page(url)
        if body is None:
            raise NotJsonError(url)
        return body

    def whole_page(self, url: str, button: str, item: str) -> bytes | None:
        del button, item
        return self.page(url)

    def image(self, urls: Sequence[str], *, referer: str, is_placeholder: bool = False) -> None:
        del referer, is_placeholder
        self.images.append(urls[0])

    def canonical(self, url: str) -> str:
        return url

    def is_new(self, name: str) -> bool:
        is_new = name not in self.met
        self.met.add(name)
        return is_new

    def expect(self, requests: int) -> None:
        assert requests >= 0
