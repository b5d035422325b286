"""The site's own inventory: an index of shards, each a list of addresses."""

from __future__ import annotations

import html
import re
from typing import Final

from pipeline.core.errors import LayoutChangedError
from scrapers.parsing.text import absolute
from scrapers.sites.wikiart.pages import WWW, is_page_of

INDEX: Final = f"{WWW}/sitemap/sitemap_index.xml"

_LOCATION = re.compile(r"<loc>\s*([^<]{1,2000}?)\s*</loc>", re.IGNORECASE)


def parse_sitemap(body: bytes, url: str) -> tuple[str, ...]:
    """The addresses that a sitemap, or an index of sitemaps, names; each once, in its order.

    A browser shows XML as a page of its own, which still holds the elements; a shard names some
    40,000 addresses, so that no tree is built.

    Raises:
        LayoutChangedError: it names no address of the site.
    """
    text = body.decode("utf-8", "replace")
    found = (absolute(url, html.unescape(match)) for match in _LOCATION.findall(text))
    addresses = tuple(dict.fromkeys(a for a in found if a is not None and is_page_of(a)))
    if not addresses:
        raise LayoutChangedError(
            f"{url}: no <loc> with an address of the site; the sitemap is gone, or has changed"
        )
    return addresses
