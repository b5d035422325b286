"""Walking Chrono24: the pages of each brand, each watch's own page, its first photographs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.errors import ScrapeError
from pipeline.core.params.scrape import Scrape
from scrapers.chrono24.parse import (
    Card,
    image_of_size,
    parse_brands,
    parse_detail,
    parse_listing,
)
from scrapers.image_fetch import ImageRequest
from scrapers.walk import Visit

WWW: Final = "https://www.chrono24.com"


def walk(visit: Visit, params: Scrape) -> None:
    """Visit the brands that ``params`` names, or all of the front page, in that order.

    Raises:
        ScrapeError: the site cannot be read any further.
    """
    seen: set[str] = set()
    for index in _indexes(visit, params):
        left = None if params.max_listings is None else params.max_listings - len(seen)
        if left == 0:
            return
        cards = _cards(visit, index, seen, left)
        visit.expect(len(cards) * (params.images_per_listing + params.details))
        for card, listing_url in cards:
            _watch(visit, params, card, listing_url)


def _indexes(visit: Visit, params: Scrape) -> Iterator[str]:
    if params.brands:
        yield from (f"{WWW}/{brand}/index.htm" for brand in params.brands)
        return
    url = f"{WWW}/"
    visit.expect(1)
    yield from (visit.canonical(brand.url) for brand in parse_brands(_page(visit, url), url))


def _cards(visit: Visit, index: str, seen: set[str], most: int | None) -> list[tuple[Card, str]]:
    """The watches of a brand that are not in ``seen`` yet, each with the page that lists it.

    Promoted cards recur on many pages; an id counts where it comes first.
    """
    cards: list[tuple[Card, str]] = []
    url: str | None = index
    visited: set[str] = set()
    while url is not None and url not in visited and (most is None or len(cards) < most):
        visited.add(url)
        visit.expect(1)
        page = parse_listing(_page(visit, url), url)
        new = [card for card in page.cards if card.id not in seen][
            : None if most is None else most - len(cards)
        ]
        seen.update(card.id for card in new)
        cards += [(card, url) for card in new]
        url = None if page.next_url is None else visit.canonical(page.next_url)
    return cards


def _watch(visit: Visit, params: Scrape, card: Card, listing_url: str) -> None:
    page_url = visit.canonical(card.page_url)
    body = visit.page(page_url) if params.details else None
    urls = card.image_urls
    if len(urls) < params.images_per_listing and body is not None:
        urls = parse_detail(body, page_url).image_urls
    for url in urls[: params.images_per_listing]:
        wanted = image_of_size(visit.canonical(url), params.image_size)
        visit.image(ImageRequest((wanted,), referer=listing_url if body is None else page_url))


def _page(visit: Visit, url: str) -> bytes:
    body = visit.page(url)
    if body is None:
        raise ScrapeError(f"{url}: not found; correct brands in params.yaml")
    return body
