"""What Chrono24's pages say about each photograph of each watch."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from scrapers.chrono24 import images
from scrapers.chrono24.parse import Card, Detail, page_kind, parse_detail, parse_listing
from scrapers.facts import DETAIL, LISTING, Canonical, Fact

__all__ = ["facts", "image_key", "page_kind"]


def image_key(url: str) -> str:
    """The address without its size."""
    return unquote(images.image_key(url))


def facts(body: bytes, url: str, canonical: Canonical) -> Iterator[Fact]:
    """One fact a photograph; see `scrapers.facts.Site`."""
    kind = page_kind(url)
    if kind == "detail":
        yield from _of_detail(parse_detail(body, url), canonical)
    elif kind in {"listing", "search"}:
        for card in parse_listing(body, url).cards:
            yield from _of_card(card, canonical)


def _title(title: str | None, subtitle: str | None) -> str | None:
    """Brand and model, then the seller's own line, as one reads them on the page."""
    return " ".join(line for line in (title, subtitle) if line) or None


def _seller(country: str | None, private: bool | None) -> str | None:
    """Kind and country of the seller, never a name."""
    kind = None if private is None else ("private" if private else "dealer")
    return ", ".join(part for part in (kind, country) if part) or None


def _of_card(card: Card, canonical: Canonical) -> Iterator[Fact]:
    for position, url in enumerate(card.image_urls):
        yield Fact(
            key=card.id,
            position=position,
            rank=LISTING,
            page_url=canonical(card.page_url),
            layer=card.layer,
            listing_id=card.id,
            image_key=image_key(canonical(url)),
            title=_title(card.title, card.subtitle),
            creator=card.brand_slug,
            price=card.price,
            seller=_seller(card.country, card.private_seller),
        )


def _of_detail(detail: Detail, canonical: Canonical) -> Iterator[Fact]:
    for position, url in enumerate(detail.image_urls):
        yield Fact(
            key=detail.id,
            position=position,
            rank=DETAIL,
            page_url=detail.page_url,
            layer=detail.layer,
            listing_id=detail.id,
            image_key=image_key(canonical(url)),
            title=_title(detail.title, detail.subtitle),
            creator=detail.brand_slug,
            creator_name=detail.brand_name,
            model=detail.model,
            reference=detail.reference,
            year_text=detail.year_text,
            year=detail.year,
            price=detail.price,
            seller=_seller(detail.country, detail.private_seller),
        )
