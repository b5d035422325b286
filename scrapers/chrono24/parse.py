"""Chrono24's listings, read from bytes: cards of brand, model and reference pages.

Two layers are merged by listing: the cards of the page and its JSON-LD. Pure functions of a body
and of the address it came from; a watch's own page is read in `scrapers.chrono24.detail`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from pipeline.core.errors import LayoutChangedError
from scrapers.chrono24.detail import Detail, listing_id, money, offer_price, parse_detail
from scrapers.chrono24.images import LARGEST, image_key, image_of_size, is_photograph
from scrapers.markup import attribute, json_ld, of_type, text_of, tree
from scrapers.pagetext import absolute, first_count, path_segments, plain, unescaped

__all__ = [
    "BrandLink",
    "Card",
    "Detail",
    "ListingPage",
    "image_key",
    "image_of_size",
    "listing_id",
    "page_kind",
    "parse_brands",
    "parse_detail",
    "parse_listing",
]


@dataclass(frozen=True, slots=True)
class Card:
    """One watch as a listing shows it; what the page does not tell is None."""

    layer: str
    """``dom``, or ``json-ld`` where no card of the page could be read for it."""
    id: str
    page_url: str
    brand_slug: str | None
    title: str | None
    """Brand and model, as the site writes them."""
    subtitle: str | None
    """The seller's own line."""
    image_urls: tuple[str, ...]
    """Whole photographs (ExtraLarge), in the order of the card."""
    price: str | None
    country: str | None
    private_seller: bool | None
    promoted: bool


@dataclass(frozen=True, slots=True)
class ListingPage:
    """The watches of one page of a listing, each once, in the site's order."""

    cards: tuple[Card, ...]
    total: int | None
    """Watches in the whole listing, promoted ones among them."""
    last_page: int
    next_url: str | None


@dataclass(frozen=True, slots=True)
class BrandLink:
    """A brand that a page leads to."""

    slug: str
    name: str
    url: str


_BRAND_INDEX = re.compile(r"/(?P<brand>[^/]+)/index(-[0-9]+)?\.htm$")
_FILTERED = re.compile(r"/[^/]+/(?:[^/]+--mod[0-9]+(?:-[0-9]+)?|ref-[^/]+)\.htm$")
_PAGE_LABEL = re.compile(r"Go to page ([0-9]+)")
_NO_LISTINGS = re.compile(r"^0 (?:listings|results)\b", re.IGNORECASE)
_ADVICE: Final = "the site's layout has changed and its parser needs mending"


def page_kind(url: str) -> str:
    """What stands at an address of the site, told from the address alone.

    One of ``detail``, ``listing``, ``search``, ``brands``, ``robots`` and ``other``.
    """
    path = urlsplit(url).path
    if path == "/robots.txt":
        return "robots"
    if path in {"", "/", "/search/browse.htm"}:
        return "brands"
    if path.startswith("/search/"):
        return "search"
    if listing_id(url) is not None:
        return "detail"
    return "listing" if _BRAND_INDEX.match(path) or _FILTERED.match(path) else "other"


def parse_brands(body: bytes, url: str) -> tuple[BrandLink, ...]:
    """The brands that a page links to, each once, in the page's order.

    Raises:
        LayoutChangedError: the page leads to no brand.
    """
    brands: dict[str, BrandLink] = {}
    for link in tree(body).select("a[href]"):
        target = absolute(url, attribute(link, "href") or "")
        found = _BRAND_INDEX.match(urlsplit(target or "").path)
        name = text_of(link)
        if target is not None and found is not None and name is not None:
            brands.setdefault(found["brand"], BrandLink(found["brand"], name, target))
    if not brands:
        raise LayoutChangedError(f"{url}: no link to a brand's index.htm; {_ADVICE}")
    return tuple(brands.values())


def parse_listing(body: bytes, url: str) -> ListingPage:
    """Read a page of a listing.

    Raises:
        LayoutChangedError: neither cards nor offers, and no "0 listings" to prove it right.
    """
    soup = tree(body)
    count_text = text_of(soup.select_one("main span.text-lg") or soup.select_one("span.text-lg"))
    offers = _offers(soup, url)
    cards: dict[str, Card] = {}
    for node in soup.select("#wt-watches .js-listing-item-container"):
        card = _card(node, url)
        if card is not None:
            known = cards.setdefault(card.id, card)
            cards[card.id] = replace(known, promoted=known.promoted and card.promoted)
    merged = {i: _merged(card, offers.get(i)) for i, card in cards.items()}
    merged.update((i, offer) for i, offer in offers.items() if i not in cards)
    if not merged and not _NO_LISTINGS.match(count_text or ""):
        raise LayoutChangedError(
            f"{url}: no .js-listing-item-container, no AggregateOffer, "
            f'and no "0 listings" either; {_ADVICE}'
        )
    return ListingPage(
        tuple(merged.values()), first_count(count_text or ""), _last_page(soup), _next(soup, url)
    )


def _merged(card: Card, offer: Card | None) -> Card:
    """The card, with what only its JSON-LD offer tells filled in."""
    if offer is None:
        return card
    return replace(
        card,
        title=card.title or offer.title,
        image_urls=card.image_urls or offer.image_urls,
        price=card.price or offer.price,
    )


def _card(node: Tag, url: str) -> Card | None:
    link = node.select_one("a.js-listing-item-link[href]") or node.select_one("a[href]")
    page_url = absolute(url, attribute(link, "href") or "")
    id_ = listing_id(page_url or "")
    if link is None or page_url is None or id_ is None:
        return None
    lines = [text_of(line) for line in link.select("p.text-ellipsis")]
    place = node.select_one(".wt-listing-item-location")
    badge = text_of(node.select_one(".wt-listing-item-image-badge")) or ""
    return Card(
        layer="dom",
        id=id_,
        page_url=page_url,
        brand_slug=_brand_of(page_url),
        title=lines[0] if lines else None,
        subtitle=lines[1] if len(lines) > 1 else None,
        image_urls=_photographs(node, url),
        price=money(text_of(node.select_one(".wt-listing-item-price strong"))),
        country=plain(attribute(place, "data-title") or "") or None,
        private_seller=_is_private(node, place),
        promoted="promoted" in badge.lower(),
    )


def _is_private(node: Tag, place: Tag | None) -> bool | None:
    """Told by the seller's badge or by the sentence behind the location; None without either."""
    if "private" in (text_of(node.select_one(".wt-listing-item-seller-badge")) or "").lower():
        return True
    sentence = (attribute(place, "data-content") or "").lower()
    return "private seller" in sentence if sentence else None


def _brand_of(page_url: str) -> str | None:
    segments = path_segments(page_url)
    return segments[0] if len(segments) == 2 and segments[0] != "watches" else None


def _photographs(node: Tag, url: str) -> tuple[str, ...]:
    """Lazy images name their master; ``src`` is a blank until a script has run."""
    found: dict[str, None] = {}
    for image in node.select("img"):
        source = attribute(image, "data-lazy-sweet-spot-master-src") or attribute(image, "src")
        address = absolute(url, source or "")
        if address is not None and is_photograph(address):
            found.setdefault(image_of_size(address, LARGEST))
    return tuple(found)


def _offers(soup: BeautifulSoup, url: str) -> dict[str, Card]:
    aggregate = of_type(list(json_ld(soup)), "AggregateOffer") or {}
    entries = aggregate.get("offers")
    offers: dict[str, Card] = {}
    for entry in entries if isinstance(entries, list) else []:
        card = _offer(entry, url)
        if card is not None:
            offers.setdefault(card.id, card)
    return offers


def _offer(entry: Any, url: str) -> Card | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
        return None
    page_url = absolute(url, entry["url"])
    id_ = listing_id(page_url or "")
    if page_url is None or id_ is None:
        return None
    images = entry.get("image")
    addresses = (
        absolute(url, str(image.get("contentUrl", "")))
        for image in (images if isinstance(images, list) else [])
        if isinstance(image, dict)
    )
    return Card(
        layer="json-ld",
        id=id_,
        page_url=page_url,
        brand_slug=_brand_of(page_url),
        title=unescaped(entry.get("name")),
        subtitle=None,
        image_urls=tuple(a for a in addresses if a is not None and is_photograph(a)),
        price=offer_price(entry),
        country=None,
        private_seller=None,
        promoted=False,
    )


def _last_page(soup: BeautifulSoup) -> int:
    """The highest page that the pagination names, the current one included."""
    nav = soup.select_one("nav.pagination")
    if nav is None:
        return 1
    current = first_count(text_of(nav.select_one('[aria-current="page"]')) or "") or 1
    labels = (attribute(link, "aria-label") or "" for link in nav.select("a[aria-label]"))
    named = (int(found[1]) for label in labels if (found := _PAGE_LABEL.search(label)))
    return max(current, *named, 1)


def _next(soup: BeautifulSoup, url: str) -> str | None:
    href = attribute(soup.select_one(".next-item-container a[href]"), "href")
    return None if href is None else absolute(url, href)
