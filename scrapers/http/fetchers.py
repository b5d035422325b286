"""Putting together what asks a site: one gate, one set of bounds and rules for pages and images."""

from __future__ import annotations

from typing import Final

from pipeline.core.params.scrape import Scrape
from scrapers.address import AddressBook
from scrapers.browser.browser import Browser
from scrapers.http.http_session import Session
from scrapers.http.image_fetch import ImageFetcher, Memory
from scrapers.http.page_fetch import PageFetcher
from scrapers.http.robots import Robots
from scrapers.politeness.allowed_hosts import AllowedHosts
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy
from scrapers.politeness.user_agent import user_agent

_MB: Final = 1_000_000


def fetchers(
    params: Scrape,
    domains: tuple[str, ...],
    book: AddressBook,
    browser: Browser,
    retry_policy: RetryPolicy,
    rate_limiter: RateLimiter,
    earlier: Memory,
) -> tuple[PageFetcher, ImageFetcher]:
    """What fetches the pages and the images that ``params`` asks for."""
    allowed_hosts = AllowedHosts(domains, book)
    session = Session(
        book,
        allowed_hosts,
        agent=user_agent(params.contact),
        timeout_s=params.timeout_s,
        retry_policy=retry_policy,
        rate_limiter=rate_limiter,
    )
    robots = Robots(
        session, seconds=max(params.seconds_between_pages, params.seconds_between_images)
    )
    pages = PageFetcher(
        browser,
        session,
        robots,
        allowed_hosts,
        book,
        seconds=params.seconds_between_pages,
        retry_policy=retry_policy,
        rate_limiter=rate_limiter,
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
