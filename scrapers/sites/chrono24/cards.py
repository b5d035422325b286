"""The cards of Chrono24's listings: ``listing-item`` since 2026, ``article-item`` before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from bs4 import BeautifulSoup, Tag

from scrapers.parsing.markup import attribute, first_attribute, text_of
from scrapers.parsing.text import absolute, plain
from scrapers.sites.chrono24.images import LARGEST, image_of_size, is_photograph
from scrapers.sites.chrono24.money import amount_of, money
from scrapers.sites.chrono24.pages import brand_of, listing_id

_CARDS: Final = (
    "#wt-watches .js-listing-item-container",
    "#wt-watches .js-article-item-container, #wt-watches .article-item-container",
    ".js-listing-item-container, .js-article-item-container, .article-item-container",
    "#wt-watches > *",
)
"""Where the cards are, newest layout first."""
_MAIN_LINKS: Final = {"js-listing-item-link", "js-article-item"}
_LINES: Final = ".text-ellipsis, .article-title"
_PRICE: Final = ".wt-listing-item-price strong, .wt-listing-item-price, .article-price strong"
_PLACE: Final = ".wt-listing-item-location, [data-title][data-content], [data-content*=' from ']"
_BADGES: Final = ".wt-listing-item-image-badge, .article-item-article-badge"
_ON_CARDS: Final = {
    "Shipping": "p.text-muted, div.text-muted.text-sm",
    "Certified": ".certified-badge",
}
_CERTIFICATION: Final = "data-watch-certification-status"
_PRIVATE = re.compile(r"private seller|privat|particulier|particular\b", re.IGNORECASE)
_DEALER = re.compile(
    r"dealer|händler|professionn?el|profesional|rivenditore|commerciante", re.IGNORECASE
)
_SOURCES: Final = (
    "data-lazy-sweet-spot-master-src",
    "data-original",
    "data-src",
    "data-lazy",
    "src",
)
"""Lazy images name their master; ``src`` is a blank until a script has run."""


def cards(soup: BeautifulSoup, url: str) -> dict[str, dict[str, Any]]:
    """The fields of `Watch` that each card of a listing tells, by the watch's id.

    A promoted watch recurs as an ordinary one; it counts where it stands first.
    """
    found: dict[str, dict[str, Any]] = {}
    for selector in _CARDS:
        for node in soup.select(selector):
            card = _card(node, url)
            if card is not None:
                known = found.setdefault(card["id"], card)
                known["promoted"] = known["promoted"] and card["promoted"]
        if found:
            break
    return found


def _card(node: Tag, url: str) -> dict[str, Any] | None:
    page_url = _page_url(node, url)
    if page_url is None:
        return None
    article = node.select_one("[data-manufacturer]") or node
    place = node.select_one(_PLACE)
    lines = _lines(node)
    price = money(_price_text(node))
    amount = amount_of(price)
    return {
        "id": listing_id(page_url),
        "page_url": page_url.partition("?")[0].partition("#")[0],
        "brand_slug": brand_of(page_url),
        "brand_name": plain(attribute(article, "data-manufacturer") or ""),
        "title": lines[0] if lines else None,
        "subtitle": lines[1] if len(lines) > 1 else None,
        "image_urls": _photographs(node, url),
        "price": price,
        "price_amount": amount.amount if amount else None,
        "currency": amount.currency if amount else None,
        "country": plain(attribute(place, "data-title") or "") or text_of(place),
        "private_seller": _is_private(node, place),
        "promoted": any(_is_promoted(badge) for badge in node.select(_BADGES)),
        "sheet": tuple(_labelled(node)),
    }


def _page_url(node: Tag, url: str) -> str | None:
    """The watch's own page: where the card's main link leads, or else any of its links."""
    links = node.find_all("a", href=True) + ([node] if node.name == "a" else [])
    links.sort(key=lambda link: _MAIN_LINKS.isdisjoint(link.get_attribute_list("class")))
    targets = (absolute(url, attribute(link, "href") or "") for link in links)
    return next((t for t in targets if t is not None and listing_id(t)), None)


def _labelled(node: Tag) -> Iterator[tuple[str, str]]:
    for label, selector in _ON_CARDS.items():
        text = text_of(node.select_one(selector))
        if text is not None:
            yield label, text
    status = attribute(node.select_one(f"[{_CERTIFICATION}]"), _CERTIFICATION)
    if status:
        yield "Certification", plain(status)


def _lines(node: Tag) -> list[str]:
    """Brand and model, then the seller's line; in the images' captions where nothing else is."""
    titles = [text for text in _bold(node) if not _is_price(text)][:1]
    texts = titles + [text for line in node.select(_LINES) if (text := text_of(line))]
    if texts:
        return texts
    caption = plain(first_attribute(node.find_all("img"), "alt") or "")
    return [caption] if caption else []


def _bold(node: Tag) -> list[str]:
    """The bold lines of the cards of early 2026, which say nothing else of what they are."""
    lines = node.select("p.text-bold:not(.text-ellipsis)")
    return [text for line in lines if (text := text_of(line))]


def _is_price(text: str) -> bool:
    amount = amount_of(text)
    return amount is not None and amount.currency is not None


def _price_text(node: Tag) -> str | None:
    price = node.select_one(_PRICE)
    if price is None:
        currency = node.select_one("span.currency")
        price = currency.parent if currency is not None else None
    if price is None:
        return next((text for text in _bold(node) if _is_price(text)), None)
    return plain(price.get_text(""))


def _is_promoted(badge: Tag) -> bool:
    text = (text_of(badge) or "").lower()
    return any(word in text for word in ("promoted", "top", "sponsor", "anzeige"))


def seller_kind(text: str) -> bool | None:
    """Whether ``text`` speaks of a private seller; None where it speaks of neither kind."""
    if _PRIVATE.search(text):
        return True
    return False if _DEALER.search(text) else None


def _is_private(node: Tag, place: Tag | None) -> bool | None:
    """Told by the seller's badge or by the sentence behind the location."""
    badge = text_of(node.select_one(".wt-listing-item-seller-badge")) or ""
    return seller_kind(f"{badge} {attribute(place, 'data-content') or ''}")


def _photographs(node: Tag, url: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for image in node.find_all("img"):
        for name in _SOURCES:
            address = absolute(url, attribute(image, name) or "")
            if address is not None and is_photograph(address):
                found.setdefault(image_of_size(address, LARGEST))
                break
    return tuple(found)
