"""The site's entry in `scrapers.registry`."""

from __future__ import annotations

from typing import Final

from scrapers.sites.chrono24.facts import facts
from scrapers.sites.chrono24.images import image_key, image_saved_as
from scrapers.sites.chrono24.pages import is_page_of, page_kind
from scrapers.sites.chrono24.walk import walk
from scrapers.sites.site import Site

SITE: Final = Site(
    name="chrono24",
    domains=("chrono24.com",),
    walk=walk,
    page_kind=page_kind,
    is_page_of=is_page_of,
    facts=facts,
    image_key=image_key,
    image_saved_as=image_saved_as,
)
