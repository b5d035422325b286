"""The pages of a gallery of WikiArt: a style's, a genre's, a medium's or an artist's.

They come as JSON, requested from inside the gallery page as the page's own script does it; where
the site sends HTML instead, the gallery's load-more button is pressed to the end.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from pipeline.core.errors import LayoutChangedError, NotJsonError
from pipeline.core.log import say
from scrapers.crawl.crawl import Crawl
from scrapers.parsing.listing_facts import Canonical
from scrapers.parsing.text import absolute
from scrapers.sites.wikiart.listing import parse_gallery_dom, parse_listing_json
from scrapers.sites.wikiart.pages import WWW, is_page_of
from scrapers.sites.wikiart.work import WorkList

_JSON: Final = "{gallery}?json=2&layout=new&page={page}&resultType=masonry"
_LOAD_MORE: Final = "a.masonry-load-more-button"
_ITEM: Final = "ul.wiki-masonry-container > li"


def pages_of(crawl: Crawl, gallery: str, most: int | None = None) -> Iterator[WorkList]:
    """The pages of the gallery at an address as JSON, or the whole of it as people see it.

    Args:
        crawl: what asks for them.
        gallery: its address.
        most: how many rows the site hands out of it at most.

    Raises:
        NotJsonError: the site sends no JSON, and the gallery page shows nothing either.
        ScrapeError: the site cannot be read any further.
    """
    try:
        yield from _json_pages(crawl, gallery, most)
    except NotJsonError as error:
        say(f"{error}; reading the gallery page instead")
        yield _gallery_page(crawl, gallery, error)


def _json_pages(crawl: Crawl, gallery: str, most: int | None) -> Iterator[WorkList]:
    """Pages until one is empty, all that were announced came, or the site repeats itself.

    A site that ignores ``page`` sends its first page for ever, one that goes by its last number
    the page before; which works came lies where the crawl keeps it, since an artist has thousands.
    """
    received, distinct, number = 0, 0, 1
    first: set[str] = set()
    previous: set[str] = set()
    while True:
        url = _JSON.format(gallery=gallery, page=number)
        crawl.expect(1)
        page = parse_listing_json(crawl.json(url, within=gallery), url)
        names = {row.name for row in page.rows if row.name is not None}
        if page.rows and number > 1 and (names <= first or names <= previous):
            say(
                f"{gallery}: page {number} lists only works that an earlier page lists, so the "
                f"site hands out no more; the listing ends here"
            )
            return
        yield page
        first, previous = first or names, names
        distinct += sum(crawl.is_new(f"{gallery} lists {name}") for name in names)
        received, number = received + len(page.rows), number + 1
        if not page.rows or (page.total is not None and distinct >= page.total):
            return
        if most is not None and received >= most:
            return


def _gallery_page(crawl: Crawl, gallery: str, no_json: NotJsonError) -> WorkList:
    try:
        body = crawl.whole_page(gallery, _LOAD_MORE, _ITEM)
        if body is None:
            raise no_json
        return parse_gallery_dom(body, gallery)
    except LayoutChangedError as error:
        raise NotJsonError(f"{no_json}; and the gallery page shows nothing either") from error


INDEX: Final = f"{WWW}/sitemap/sitemap_index.xml"

_LOCATION = re.compile(r"<loc>\s*([^<]{1,2000}?)\s*</loc>", re.IGNORECASE)


def parse_sitemap(body: bytes, url: str, canonical: Canonical) -> tuple[str, ...]:
    """The canonical addresses that a sitemap, or an index of them, names; each once, in its order.

    A browser shows XML as a page of its own, which still holds the elements; a shard names some
    40,000 addresses, so that no tree is built.

    Raises:
        LayoutChangedError: it names no address of the site.
    """
    text = body.decode("utf-8", "replace")
    named = (absolute(url, html.unescape(match)) for match in _LOCATION.findall(text))
    of_site = (address for a in named if a is not None and is_page_of(address := canonical(a)))
    addresses = tuple(dict.fromkeys(of_site))
    if not addresses:
        raise LayoutChangedError(
            f"{url}: no <loc> with an address of the site; the sitemap is gone, or has changed"
        )
    return addresses
