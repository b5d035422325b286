"""A walk keeps nothing of the works behind it: its memory is that of a page."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

from pipeline.core.params.scrape import Scrape
from scrapers.capture.file_names import IMAGE
from scrapers.capture.requests import RequestStore
from scrapers.sites.wikiart.walk import walk

PAGE = 60


class Long:
    """A crawl of one artist of very many works; what was met lies where a capture keeps it."""

    def __init__(self, works: int, requests: RequestStore) -> None:
        self.works, self.requests, self.images = works, requests, 0

    def json(self, url: str, within: str) -> bytes:
        del within
        start = PAGE * (int(parse_qs(urlsplit(url).query)["page"][0]) - 1)
        rows = [
            {
                "id": f"{number:024x}",
                "title": f"Work {number}",
                "image": f"https://uploads2.wikiart.org/images/orla-venn/work-{number}.jpg",
                "map": "0123**67*",
                "paintingUrl": f"/en/orla-venn/a-work-of-some-length-{number}",
            }
            for number in range(start, min(start + PAGE, self.works))
        ]
        return json.dumps({"Paintings": rows or None, "AllPaintingsCount": self.works}).encode()

    def image(self, urls: Sequence[str], *, referer: str, is_placeholder: bool = False) -> None:
        del referer, is_placeholder
        self.images += not self.requests.ask(IMAGE, urls).repeated

    def is_new(self, name: str) -> bool:
        return self.requests.is_new(name)

    def canonical(self, url: str) -> str:
        return url

    def expect(self, requests: int) -> None:
        pass

    def page(self, url: str) -> bytes | None:
        raise AssertionError(url)

    detail = page

    def whole_page(self, url: str, button: str, item: str) -> bytes | None:
        raise AssertionError((url, button, item))


def peak_of(works: int) -> int:
    """Most bytes of Python objects at once; what SQLite holds is bounded by its cache."""
    params = Scrape(
        site="wikiart",
        as_of="2026-05-04",
        artists=("orla-venn",),
        details=False,
        image_size="Large",
    )
    with closing(RequestStore(None)) as requests:
        crawl = Long(works, requests)
        tracemalloc.start()
        try:
            walk(crawl, params)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert crawl.images == works
    return peak


def test_many_times_the_works_need_no_more_memory() -> None:
    peak_of(PAGE)  # what is imported or compiled once
    # Python keeps up to 2,000 small tuples for later; the addresses alone of those works take more.
    assert peak_of(70 * PAGE) < peak_of(10 * PAGE) + 300_000
