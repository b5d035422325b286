"""The cards of Chrono24's listings: ``listing-item`` since 2026, ``article-item`` before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from parsel import Selector

from scrapers.parsing.markup import (
    any_of,
    attribute,
    classes_of,
    first,
    first_attribute,
    text_of,
    texts_of,
)
from scrapers.parsing.money import amount_of, is_price, money
from scrapers.parsing.text import absolute, plain
from scrapers.sites.chrono24.images import LARGEST, image_of_size, is_photograph
from scrapers.sites.chrono24.pages import brand_of, listing_id

_CARDS: Final = (
    "#wt-watches .js-listing-item-container",
    "#wt-watches .js-article-item-container, #wt-watches .article-item-container",
    ".js-listing-item-container, .js-article-item-container, .article-item-container",
    "#wt-watches > *",
)
"""Where the cards are, newest layout first."""
_MAIN_LINKS: Final = {"js-listing-item-link", "js-article-item"}
_LINES: Final = ("p.text-ellipsis, div.text-ellipsis", ".text-ellipsis", ".article-title")
_PRICE: Final = ("p.wt-listing-item-price", ".wt-listing-item-price", ".article-price strong")
_PLACE: Final = (
    "button.wt-listing-item-location",
    "[data-title][data-content]",
    "[data-content*=' from ']",
    ".wt-listing-item-location",
)
_BADGES: Final = '[class*="-badge"]'
_PROMOTION: Final = {"wt-listing-item-image-badge", "article-item-article-badge"}
_SELLER: Final = "wt-listing-item-seller-badge"
_CERTIFIED: Final = "certified-badge"
_SHIPPING: Final = "p.text-muted, div.text-muted.text-sm"
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


def cards(page: Selector, url: str, currency: str | None) -> dict[str, dict[str, Any]]:
    """The fields of `Watch` that each card of a listing tells, by the watch's id.

    A promoted watch recurs as an ordinary one; it counts where it stands first. ``currency`` is
    the page's.
    """
    by_id: dict[str, dict[str, Any]] = {}
    for selector in _CARDS:
        for node in page.css(selector):
            card = _card(node, url, currency)
            if card is not None:
                known = by_id.setdefault(card["id"], card)
                known["promoted"] = known["promoted"] and card["promoted"]
        if by_id:
            break
    return by_id


def _card(node: Selector, url: str, currency: str | None) -> dict[str, Any] | None:
    page_url = _own_page(node, url)
    if page_url is None:
        return None
    article = first(node, "[data-manufacturer]") or node
    place, badges = first(node, *_PLACE), _badges(node)
    lines = _lines(node)
    price = money(_price_text(node))
    amount = amount_of(price, currency)
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
        "private_seller": seller_kind(
            f"{badges.get(_SELLER, '')} {attribute(place, 'data-content') or ''}"
        ),
        "promoted": any(_is_promoted(badges[name]) for name in _PROMOTION & badges.keys()),
        "sheet": tuple(_labelled(node, badges)),
    }


def _own_page(node: Selector, url: str) -> str | None:
    """The watch's own page: where the card's main link leads, or else any of its links."""
    links = sorted(node.css("a[href]"), key=_is_side_link)
    targets = (absolute(url, attribute(link, "href") or "") for link in links)
    return next((t for t in targets if t is not None and listing_id(t)), None)


def _is_side_link(link: Selector) -> bool:
    return _MAIN_LINKS.isdisjoint(classes_of(link))


def _badges(node: Selector) -> dict[str, str]:
    """What the badges of a card say, by class."""
    texts: dict[str, str] = {}
    for badge in node.css(_BADGES):
        text = text_of(badge) or ""
        for name in classes_of(badge):
            texts[name] = f"{texts[name]} {text}" if name in texts else text
    return texts


def _labelled(node: Selector, badges: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    shipping = text_of(first(node, _SHIPPING))
    if shipping is not None:
        yield "Shipping", shipping
    if badges.get(_CERTIFIED):
        yield "Certified", badges[_CERTIFIED]
    status = attribute(first(node, f"[{_CERTIFICATION}]"), _CERTIFICATION)
    if status:
        yield "Certification", plain(status)


def _lines(node: Selector) -> list[str]:
    """Brand and model, then the seller's line; in the images' captions where nothing else is."""
    titles = [text for text in _bold(node) if not is_price(text)][:1]
    texts = [*titles, *texts_of(any_of(node, *_LINES))]
    if texts:
        return texts
    caption = plain(first_attribute(node.css("img"), "alt") or "")
    return [caption] if caption else []


def _bold(node: Selector) -> list[str]:
    """The bold lines of the cards of early 2026, which say nothing else of what they are."""
    return [*texts_of(node.css("p.text-bold:not(.text-ellipsis)"))]


def _price_text(node: Selector) -> str | None:
    price = first(node, *_PRICE) or next(iter(node.css("span.currency").xpath("..")), None)
    if price is None:
        return next((text for text in _bold(node) if is_price(text)), None)
    return text_of(price, between="")


def _is_promoted(badge: str) -> bool:
    return any(word in badge.lower() for word in ("promoted", "top", "sponsor", "anzeige"))


def seller_kind(text: str) -> bool | None:
    """Whether ``text`` speaks of a private seller; None where it speaks of neither kind."""
    if _PRIVATE.search(text):
        return True
    return False if _DEALER.search(text) else None


def _photographs(node: Selector, url: str) -> tuple[str, ...]:
    addresses: dict[str, None] = {}
    for image in node.css("img"):
        for name in _SOURCES:
            address = absolute(url, attribute(image, name) or "")
            if address is not None and is_photograph(address):
                addresses.setdefault(image_of_size(address, LARGEST))
                break
    return tuple(addresses)
