"""What Salon has to know of a site to walk it and to read its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.core.params.scrape import Scrape
from scrapers.crawl.crawl import Crawl
from scrapers.parsing.listing_facts import Canonical, Fact


@dataclass(frozen=True, kw_only=True)
class Site:
    """One site; `pipeline.core.sites` declares what params may ask of it."""

    name: str
    domains: tuple[str, ...]
    """What its hosts are called, subdomains included; no other host is ever asked."""
    walk: Callable[[Crawl, Scrape], None]
    """Asks for everything that the params name, in the order of the site."""
    page_kind: Callable[[str], str]
    """What stands at a canonical address; ``detail`` for a listing's own page."""
    is_page_of: Callable[[str], bool]
    """Whether an address is one of the site."""
    facts: Callable[[bytes, str, Canonical], Iterator[Fact]]
    """Everything one page tells; nothing for a page that lists no images."""
    image_key: Callable[[str], str]
    """What the addresses of all sizes of one image share."""
    image_saved_as: Callable[[str, str], str]
    """The address of the image at a first one in the size in which a file of that name holds it."""
    most_listed: int | None = None
    """How many works or watches one list hands out at most, whatever it announces."""
    steering: Callable[[], str] | None = None
    """For a site that a file describes: a hash of what of the file decides which addresses a walk
    asks for, and thereby what a capture holds."""
