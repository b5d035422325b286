"""A page in which a parser found nothing: what it is instead decides what is said of it."""

from __future__ import annotations

from parsel import Selector

from pipeline.core.errors import ChallengedError, ConsentWallError, LayoutChangedError, ScrapeError
from scrapers.parsing.cookie_banner import has_cookie_banner
from scrapers.politeness.challenge import check_signs


def unknown_page_error(url: str) -> LayoutChangedError:
    """The error for a page at an address of which no parser knows what stands there."""
    return LayoutChangedError(
        f"{url}: no kind of page that Salon knows stands at such an address, so nothing was read "
        f"of it; leave it out"
    )


def empty_page_error(page: Selector, body: bytes, url: str, looked_for: str) -> ScrapeError:
    """The error for a page without any of what its kind is read by.

    Args:
        page: the page.
        body: the same as bytes.
        url: where it came from.
        looked_for: the marks that are missing, for people.
    """
    try:
        check_signs(url, None, {}, body.decode("utf-8", "replace"))
    except ChallengedError as challenged:
        return challenged
    if has_cookie_banner(page):
        return ConsentWallError(
            f"{url}: a question about cookies, and {looked_for}; Salon answers none, so open the "
            f"page in your own browser and save it (origin: folder)"
        )
    return LayoutChangedError(
        f"{url}: {looked_for}; the site's layout has changed and its parser needs mending"
    )
