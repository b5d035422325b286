"""Putting together what asks a site: one gate, one set of bounds and rules for pages and images."""

from __future__ import annotations

from typing import Final

from pipeline.core.params.scrape import Scrape
from scrapers.address import AddressBook
from scrapers.browser.browser import Browser
from scrapers.manners.bounds import Bounds
from scrapers.manners.pace import Pace
from scrapers.manners.patience import Patience
from scrapers.web.image_fetch import ImageFetcher, Memory
from scrapers.web.page_fetch import PageFetcher
from scrapers.web.robots import Robots
from scrapers.web.session import Session, user_agent

DOMAINS: Final = {"wikiart": ("wikiart.org",), "chrono24": ("chrono24.com",)}
"""What a site's hosts are called, subdomains included; no other host is ever asked."""
_MB: Final = 1_000_000


def fetchers(
    params: Scrape,
    book: AddressBook,
    browser: Browser,
    patience: Patience,
    pace: Pace,
    earlier: Memory,
) -> tuple[PageFetcher, ImageFetcher]:
    """What fetches the pages and the images that ``params`` asks for."""
    bounds = Bounds(DOMAINS[params.site], book)
    session = Session(
        book,
        bounds,
        agent=user_agent(params.contact),
        timeout_s=params.timeout_s,
        patience=patience,
        pace=pace,
    )
    robots = Robots(
        session, seconds=max(params.seconds_between_pages, params.seconds_between_images)
    )
    pages = PageFetcher(
        browser,
        session,
        robots,
        bounds,
        book,
        seconds=params.seconds_between_pages,
        patience=patience,
        pace=pace,
    )
    images = ImageFetcher(
        session,
        robots,
        book,
        seconds=params.seconds_between_images,
        max_bytes=int(params.max_image_mb * _MB),
        earlier=earlier,
    )
    return pages, images
