"""What Chrono24's pages say about each photograph of each watch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scrapers.parsing.empty_page import unknown_page_error
from scrapers.parsing.listing_facts import DETAIL, LISTING, Canonical, Fact, dated, sheet_of
from scrapers.sites.chrono24.detail import parse_detail
from scrapers.sites.chrono24.images import image_key, image_saved_as
from scrapers.sites.chrono24.listing import parse_brands, parse_listing
from scrapers.sites.chrono24.pages import is_page_of, page_kind
from scrapers.sites.chrono24.walk import walk
from scrapers.sites.chrono24.watch import Chrono24Watch
from scrapers.sites.site import Site


def facts(body: bytes, url: str, canonical: Canonical) -> Iterator[Fact]:
    """One fact a photograph, or one a watch that shows none; see `scrapers.sites.site.Site`."""
    kind = page_kind(url)
    if kind == "detail":
        yield from _of_watch(parse_detail(body, url), DETAIL, canonical)
    elif kind in {"listing", "search"}:
        for card in parse_listing(body, url).cards:
            yield from _of_watch(card, LISTING, canonical)
    elif kind == "brands":
        parse_brands(body, url)
    elif kind != "robots":
        raise unknown_page_error(url)


def _title(watch: Chrono24Watch) -> str | None:
    """Brand and model, then the seller's own line, as one reads them on the page."""
    return " ".join(line for line in (watch.title, watch.subtitle) if line) or None


def _seller(watch: Chrono24Watch) -> str | None:
    """Kind and country of the seller, never a name."""
    kind = None if watch.private_seller is None else "private" if watch.private_seller else "dealer"
    return ", ".join(part for part in (kind, watch.country) if part) or None


def _of_watch(watch: Chrono24Watch, rank: int, canonical: Canonical) -> Iterator[Fact]:
    page_url, sheet, seller = canonical(watch.page_url), sheet_of(watch.sheet), _seller(watch)
    date = dated(watch.year_text)
    for position, url in enumerate(watch.image_urls or (None,)):
        image_url = None if url is None else canonical(url)
        yield Fact(
            key=watch.id,
            position=position,
            rank=rank,
            page_url=page_url,
            layer=watch.layer,
            sources=watch.sources,
            listing_id=watch.id,
            image_key=None if image_url is None else image_key(image_url),
            image_url=image_url,
            title=_title(watch),
            creator=watch.brand_slug,
            creator_name=watch.brand_name,
            model=watch.model,
            reference=watch.reference,
            year_text=watch.year_text,
            year=date.year,
            year_from=date.first,
            year_to=date.last,
            dimensions=watch.dimensions,
            price=watch.price,
            price_amount=watch.price_amount,
            currency=watch.currency,
            condition=watch.condition,
            seller=seller,
            sheet=sheet,
            description=watch.description,
        )


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
