"""Walking Chrono24: the pages of each listing, each watch's own page, its first photographs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.errors import GoneError
from pipeline.core.log import say
from pipeline.core.params.scrape import Scrape
from scrapers.crawl.crawl import Crawl
from scrapers.sites.chrono24.detail import parse_detail
from scrapers.sites.chrono24.images import image_of_size
from scrapers.sites.chrono24.listing import parse_brands, parse_listing
from scrapers.sites.chrono24.pages import WWW
from scrapers.sites.chrono24.watch import Chrono24Watch

_FRONT: Final = f"{WWW}/"


def walk(crawl: Crawl, params: Scrape) -> None:
    """Visit the brands, models and references that ``params`` names, or all of the front page.

    A page of a listing is worked off before the next one is asked for, so that memory does not
    grow with the listing. Promoted watches recur on many pages; an id counts where it comes first.

    Raises:
        GoneError: a listing that does not exist.
        ScrapeError: the site cannot be read any further.
    """
    taken = 0
    for index in _indexes(crawl, params):
        for cards, listing_url in _listing_pages(crawl, index):
            for card in cards:
                if taken == params.max_listings:
                    return
                if crawl.is_new(card.id):
                    taken += 1
                    crawl.expect(params.images_per_listing + params.details)
                    _watch(crawl, params, card, listing_url)


def _indexes(crawl: Crawl, params: Scrape) -> Iterator[str]:
    named = (*(f"{brand}/index" for brand in params.brands), *params.models, *params.references)
    if named:
        yield from (f"{WWW}/{listing}.htm" for listing in named)
        return
    brands = parse_brands(_page(crawl, _FRONT), _FRONT)
    yield from (crawl.canonical(brand.url) for brand in brands)


def _listing_pages(crawl: Crawl, index: str) -> Iterator[tuple[tuple[Chrono24Watch, ...], str]]:
    """The cards of each page of a listing, with the address of the page."""
    url: str | None = index
    visited: set[str] = set()
    before: set[str] = set()
    while url is not None and url not in visited:
        visited.add(url)
        page = parse_listing(_page(crawl, url), url)
        ids = {card.id for card in page.cards}
        if ids and ids == before:
            say(f"{url}: lists the watches of the page before it once more; the listing ends here")
            return
        yield page.cards, url
        before = ids
        url = None if page.next_url is None else crawl.canonical(page.next_url)


def _watch(crawl: Crawl, params: Scrape, card: Chrono24Watch, listing_url: str) -> None:
    page_url = crawl.canonical(card.page_url)
    body = crawl.detail(page_url) if params.details else None
    urls = card.image_urls
    if len(urls) < params.images_per_listing and body is not None:
        urls = _shown(body, page_url) or urls
    for url in urls[: params.images_per_listing]:
        address = image_of_size(crawl.canonical(url), params.image_size)
        crawl.image([address], referer=page_url if params.details else listing_url)


def _shown(body: bytes, page_url: str) -> tuple[str, ...]:
    """The photographs of a watch's own page; none of one that was sold meanwhile."""
    try:
        return parse_detail(body, page_url).image_urls
    except GoneError:
        return ()


def _page(crawl: Crawl, url: str) -> bytes:
    crawl.expect(1)
    body = crawl.page(url)
    if body is None:
        raise GoneError(f"{url}: not found; correct brands, models or references in params.yaml")
    return body
