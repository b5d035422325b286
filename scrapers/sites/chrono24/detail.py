"""A watch's own page on Chrono24, in its layouts of 2024 and of 2026, and what is older."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from parsel import Selector

from pipeline.core.errors import GoneError
from scrapers.parsing.embedded import json_ld
from scrapers.parsing.empty_page import empty_page_error
from scrapers.parsing.markup import attribute, first, text_of, texts_of, tree
from scrapers.parsing.money import amount_of, money
from scrapers.parsing.page_layers import DOM, JSON_LD, merge
from scrapers.parsing.text import absolute, plain
from scrapers.sites.chrono24.cards import seller_kind
from scrapers.sites.chrono24.data_sheet import Sheet, cell, data_sheet
from scrapers.sites.chrono24.images import LARGEST, image_of_size, is_photograph
from scrapers.sites.chrono24.linked import page_currency, product
from scrapers.sites.chrono24.pages import brand_of, listing_id
from scrapers.sites.chrono24.watch import Chrono24Watch

_BACKGROUND = re.compile(r"url\(\s*['\"]?([^'\")]+)")
_PRICE: Final = (
    ".wt-listing-detail-page-price",
    ".js-price-shipping-country",
    ".wt-detail-page-price",
    ".detail-page-price",
)
_DELIVERY: Final = {"Shipping": ".js-delivery-cost", "Delivery": ".js-shipping-time"}
_GALLERY: Final = "img.js-listing-image-gallery-image, .watch-image-carousel-image, .js-gallery img"
_LINES_AROUND: Final = 'ancestor-or-self::span[has-class("d-block")]'
_OWN_TEXT: Final = './/text()[count(ancestor::span[has-class("d-block")]) = $depth]'
_SOLD = re.compile(
    r"no longer available|has been sold|not available|nicht mehr verfügbar|wurde verkauft"
    r"|plus disponible|ya no está disponible|non è più disponibile",
    re.IGNORECASE,
)
_MOST_HEADINGS: Final = 20
"""A real page says at once that its watch is gone; a hostile one has thousands, nested."""
_LD_FIRST: Final = ("brand_name", "model", "reference", "image_urls", "price_amount", "currency")


def parse_detail(body: bytes, url: str) -> Chrono24Watch:
    """Read a watch's own page.

    Raises:
        GoneError: the page says that the watch is sold or withdrawn.
        ScrapeError: neither a Product block nor a data sheet; see `scrapers.parsing.empty_page`.
    """
    page = tree(body)
    nodes = json_ld(page)
    linked, sheet = product(nodes, url), data_sheet(page)
    id_ = listing_id(url) or linked.get("id") or _watch_id(page)
    if id_ is None or not (linked or sheet):
        said = _SOLD.search(" ".join(texts_of(page.css("title, h1, h2, h3")[:_MOST_HEADINGS])))
        if said is not None:
            raise GoneError(f"{url}: the page says {said[0]!r}; the watch has left the site")
        raise empty_page_error(page, body, url, "neither a JSON-LD Product nor a .watch-data-sheet")
    currency = linked.get("currency") or page_currency(page, nodes)
    shown = _document(page, sheet, url, currency)
    merged = merge({DOM: shown, JSON_LD: linked}, dict.fromkeys(_LD_FIRST, JSON_LD))
    values = merged.values | {"id": id_, "page_url": url, "brand_slug": brand_of(url)}
    layer = JSON_LD if linked else DOM
    return Chrono24Watch(layer=layer, sources=merged.sources, **values)


def _watch_id(page: Selector) -> str | None:
    id_ = attribute(first(page, "[data-watch-id]"), "data-watch-id") or ""
    return id_ if id_.isascii() and id_.isdecimal() else None


def _document(page: Selector, sheet: Sheet, url: str, currency: str | None) -> dict[str, Any]:
    lines = _lines(page)
    price = _shown_price(page, sheet)
    amount = amount_of(price, currency)
    return {
        "title": lines[0] if lines else None,
        "subtitle": lines[1] if len(lines) > 1 else None,
        "brand_name": cell(sheet, "Brand"),
        "model": cell(sheet, "Model"),
        "reference": cell(sheet, "Reference number"),
        "year_text": cell(sheet, "Year of production"),
        "image_urls": _gallery_photographs(page, url),
        "price": price,
        "price_amount": amount.amount if amount else None,
        "currency": amount.currency if amount else None,
        "condition": cell(sheet, "Condition"),
        "dimensions": cell(sheet, "Case diameter"),
        "country": (cell(sheet, "Location") or "").partition(",")[0].strip(),
        "private_seller": _is_private_seller(page),
        "sheet": (*sheet.items(), *_delivery(page)),
        "description": text_of(first(page, ".js-notes")),
    }


def _lines(page: Selector) -> list[str]:
    """Brand and model, then the seller's line.

    In 2024 the page left a span open, so that the second line lies inside the first.
    """
    lines = []
    for line in page.css("h1 span.d-block"):
        depth = len(line.xpath(_LINES_AROUND))
        lines.append(plain(" ".join(line.xpath(_OWN_TEXT, depth=depth).getall())))
    return [line for line in lines if line] or [*texts_of(page.css("h1")[:1])]


def _delivery(page: Selector) -> Iterator[tuple[str, str]]:
    for label, selector in _DELIVERY.items():
        text = text_of(first(page, selector))
        if text is not None:
            yield label, text


def _shown_price(page: Selector, sheet: Sheet) -> str | None:
    shown = (money(text_of(first(page, selector), between="")) for selector in _PRICE)
    return next((price for price in shown if price), None) or money(cell(sheet, "Price"))


def _is_private_seller(page: Selector) -> bool | None:
    return seller_kind(text_of(first(page, ".shipping-and-seller-info-card")) or "")


def _gallery_photographs(page: Selector, url: str) -> tuple[str, ...]:
    """The page's gallery: images in 2026, backgrounds in 2024; else the picture for previews."""
    addresses: dict[str, None] = {}
    for source in _gallery_sources(page) or _previews(page):
        address = absolute(url, source)
        if address is not None and is_photograph(address):
            addresses.setdefault(image_of_size(address, LARGEST))
    return tuple(addresses)


def _gallery_sources(page: Selector) -> list[str]:
    sources = []
    for node in page.css(_GALLERY):
        background = _BACKGROUND.search(attribute(node, "style") or "")
        lazy = attribute(node, "data-lazy-sweet-spot-master-src") or attribute(node, "src")
        source = background[1] if background else lazy
        if source is not None and "/images/uhren/" in source:
            sources.append(source)
    return sources


def _previews(page: Selector) -> list[str]:
    nodes = page.css('meta[property="og:image"]')
    return [source for node in nodes if (source := attribute(node, "content"))]
