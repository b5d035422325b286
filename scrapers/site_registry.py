"""The sites, and the one door to their parsers: any page of any of them, read into rows."""

from __future__ import annotations

from typing import Final

from pipeline.core.errors import LayoutChangedError
from pipeline.core.sites import SITES as DECLARED
from scrapers.parsing.listing_facts import Fact
from scrapers.sites.chrono24.site import SITE as CHRONO24
from scrapers.sites.described.site import described_site
from scrapers.sites.site import Site
from scrapers.sites.wikiart.site import SITE as WIKIART

_DESCRIBED: Final = (
    described_site(name, declared, declared.description)
    for name, declared in DECLARED.items()
    if declared.description is not None
)
SITES: Final[dict[str, Site]] = {site.name: site for site in (WIKIART, CHRONO24, *_DESCRIBED)}


def site_of(url: str) -> str | None:
    """The site to which the address belongs; None for any other address."""
    return next((name for name, site in SITES.items() if site.is_page_of(url)), None)


def parse_page(body: bytes, url: str) -> tuple[Fact, ...]:
    """What the page at ``url`` says of each image of each work or watch.

    Args:
        body: of the response, or of the document as a browser saved it.
        url: canonical; the kind of the page is told from it.

    Returns:
        One row an image, in the order of the page. None only where the page itself proves that
        there are none, or was read as one of a kind that lists no images (a sitemap, an artist).

    Raises:
        ScrapeError: the page is not what its address promises. `LayoutChangedError` names what
            was looked for; a challenge, a consent wall, a used-up quota, a watch that is gone and
            anything else than the JSON asked for have errors of their own.
    """
    name = site_of(url)
    if name is None:
        raise LayoutChangedError(f"{url}: of none of {', '.join(SITES)}; no parser reads it")
    return tuple(SITES[name].facts(body, url, lambda link: link))
