"""The site's own inventory: an index of shards, each a list of addresses."""

from __future__ import annotations

import html
import re
from typing import Final

from pipeline.core.errors import LayoutChangedError
from scrapers.parsing.facts import Canonical
from scrapers.parsing.text import absolute
from scrapers.sites.wikiart.pages import WWW, is_page_of

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
