"""A watch's own page on Chrono24, in its layouts of 2024 and of 2026, and what is older."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from bs4 import BeautifulSoup

from pipeline.core.errors import GoneError
from scrapers.parsing.empty_page import empty_page_error
from scrapers.parsing.layers import DOM, JSON_LD, merge
from scrapers.parsing.markup import attribute, json_ld, text_of, tree
from scrapers.parsing.text import absolute
from scrapers.sites.chrono24.cards import seller_kind
from scrapers.sites.chrono24.images import LARGEST, image_of_size, is_photograph
from scrapers.sites.chrono24.linked import product
from scrapers.sites.chrono24.money import amount_of, money
from scrapers.sites.chrono24.pages import brand_of, listing_id
from scrapers.sites.chrono24.sheet import Sheet, cell, data_sheet
from scrapers.sites.chrono24.watch import Watch

_BACKGROUND = re.compile(r"url\(\s*['\"]?([^'\")]+)")
_PRICE: Final = (
    ".wt-listing-detail-page-price",
    ".js-price-shipping-country",
    ".wt-detail-page-price",
    ".detail-page-price",
)
_DELIVERY: Final = {"Shipping": ".js-delivery-cost", "Delivery": ".js-shipping-time"}
_GALLERY: Final = "img.js-listing-image-gallery-image, .watch-image-carousel-image, .js-gallery img"
_SOLD = re.compile(
    r"no longer available|has been sold|not available|nicht mehr verfügbar|wurde verkauft"
    r"|plus disponible|ya no está disponible|non è più disponibile",
    re.IGNORECASE,
)
_LD_FIRST: Final = ("brand_name", "model", "reference", "image_urls", "price_amount", "currency")


def parse_detail(body: bytes, url: str) -> Watch:
    """Read a watch's own page.

    Raises:
        GoneError: the page says that the watch is sold or withdrawn.
        ScrapeError: neither a Product block nor a data sheet; see `scrapers.parsing.empty_page`.
    """
    soup = tree(body)
    linked, sheet = product(json_ld(soup), url), data_sheet(soup)
    id_ = listing_id(url) or linked.get("id") or _watch_id(soup)
    if id_ is None or not (linked or sheet):
        said = _SOLD.search(" ".join(text_of(n) or "" for n in soup.select("title, h1, h2, h3")))
        if said is not None:
            raise GoneError(f"{url}: the page says {said[0]!r}; the watch has left the site")
        raise empty_page_error(soup, body, url, "neither a JSON-LD Product nor a .watch-data-sheet")
    shown = _document(soup, sheet, url)
    merged = merge({DOM: shown, JSON_LD: linked}, dict.fromkeys(_LD_FIRST, JSON_LD))
    values = merged.values | {"id": id_, "page_url": url, "brand_slug": brand_of(url)}
    layer = JSON_LD if linked else DOM
    return Watch(layer=layer, sources=merged.sources, **values)


def _watch_id(soup: BeautifulSoup) -> str | None:
    id_ = attribute(soup.select_one("[data-watch-id]"), "data-watch-id") or ""
    return id_ if id_.isascii() and id_.isdecimal() else None


def _document(soup: BeautifulSoup, sheet: Sheet, url: str) -> dict[str, Any]:
    lines = [text for span in soup.select("h1 span.d-block") if (text := text_of(span))]
    lines = lines or [text for text in (text_of(soup.h1),) if text]
    price = _price(soup, sheet)
    amount = amount_of(price)
    return {
        "title": lines[0] if lines else None,
        "subtitle": lines[1] if len(lines) > 1 else None,
        "brand_name": cell(sheet, "Brand"),
        "model": cell(sheet, "Model"),
        "reference": cell(sheet, "Reference number"),
        "year_text": cell(sheet, "Year of production"),
        "image_urls": _photographs(soup, url),
        "price": price,
        "price_amount": amount.amount if amount else None,
        "currency": amount.currency if amount else None,
        "condition": cell(sheet, "Condition"),
        "dimensions": cell(sheet, "Case diameter"),
        "country": (cell(sheet, "Location") or "").partition(",")[0].strip(),
        "private_seller": _is_private(soup),
        "sheet": (*sheet.items(), *_delivery(soup)),
        "description": text_of(soup.select_one(".js-notes")),
    }


def _delivery(soup: BeautifulSoup) -> Iterator[tuple[str, str]]:
    for label, selector in _DELIVERY.items():
        text = text_of(soup.select_one(selector))
        if text is not None:
            yield label, text


def _price(soup: BeautifulSoup, sheet: Sheet) -> str | None:
    shown = (money(text_of(soup.select_one(selector))) for selector in _PRICE)
    return next((price for price in shown if price), None) or money(cell(sheet, "Price"))


def _is_private(soup: BeautifulSoup) -> bool | None:
    return seller_kind(text_of(soup.select_one(".shipping-and-seller-info-card")) or "")


def _photographs(soup: BeautifulSoup, url: str) -> tuple[str, ...]:
    """The page's gallery: images in 2026, backgrounds in 2024; else the picture for previews."""
    found: dict[str, None] = {}
    for source in _gallery(soup) or _previews(soup):
        address = absolute(url, source)
        if address is not None and is_photograph(address):
            found.setdefault(image_of_size(address, LARGEST))
    return tuple(found)


def _gallery(soup: BeautifulSoup) -> list[str]:
    sources = []
    for node in soup.select(_GALLERY):
        background = _BACKGROUND.search(attribute(node, "style") or "")
        lazy = attribute(node, "data-lazy-sweet-spot-master-src") or attribute(node, "src")
        source = background[1] if background else lazy
        if source is not None and "/images/uhren/" in source:
            sources.append(source)
    return sources


def _previews(soup: BeautifulSoup) -> list[str]:
    nodes = soup.select('meta[property="og:image"]')
    return [source for node in nodes if (source := attribute(node, "content"))]
