"""The site's entry in `scrapers.registry`."""

from __future__ import annotations

from typing import Final

from scrapers.sites.site import Site
from scrapers.sites.wikiart.facts import facts
from scrapers.sites.wikiart.images import image_key, image_saved_as
from scrapers.sites.wikiart.pages import is_page_of, page_kind
from scrapers.sites.wikiart.walk import walk
from scrapers.sites.wikiart.work import MOST_ROWS

SITE: Final = Site(
    name="wikiart",
    domains=("wikiart.org",),
    walk=walk,
    page_kind=page_kind,
    is_page_of=is_page_of,
    facts=facts,
    image_key=image_key,
    image_saved_as=image_saved_as,
    most_listed=MOST_ROWS,
)
