"""Chrono24's listings, read from bytes: brand, model and reference pages, and their pagination.

Two layers are merged by watch and field: the cards of the page and its JSON-LD. Pure functions of
a body and of the address it came from.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from parsel import Selector

from scrapers.parsing.embedded import json_ld
from scrapers.parsing.empty_page import empty_page_error
from scrapers.parsing.markup import any_of, attribute, first, text_of, texts_of, tree
from scrapers.parsing.page_layers import DOM, JSON_LD, merge
from scrapers.parsing.text import absolute, first_count
from scrapers.sites.chrono24.cards import cards
from scrapers.sites.chrono24.linked import offers, page_currency
from scrapers.sites.chrono24.pages import BRAND_INDEX, page_number
from scrapers.sites.chrono24.watch import BrandLink, Chrono24Watch, WatchList

_COUNTS: Final = ("span.text-lg", ".text-lg, .result-page-headline")
_MENU: Final = "ancestor::header or ancestor::nav or ancestor::footer"
"""The header's menu writes the names of its parts in the class of the count."""
_COUNTED = re.compile(
    r"[\s(]*[0-9][0-9.,'\s\u2019]*"
    r"(?P<things>listing|watch|result|angebot|uhr|annonce|montre|anuncio|reloj|annunci|orolog)?",
    re.IGNORECASE,
)
_STARTS_WITH_ZERO = re.compile(r"^\W*0(?![0-9.,'\s]*[0-9])")
_NEXT: Final = (
    'link[rel="next"][href], a[rel="next"][href]',
    "div.next-item-container a[href]",
    "a.paging-next[href]",
    ".next-item-container a[href], .paging-next a[href]",
)
_PAGES: Final = ("nav.pagination a[href], ul.pagination a[href]", ".paging a[href]")
_PREFERRED: Final = {"price_amount": JSON_LD, "currency": JSON_LD}
_UNTOLD: Final = {"promoted": False}


def parse_brands(body: bytes, url: str) -> tuple[BrandLink, ...]:
    """The brands that a page links to, each once, in the page's order.

    Raises:
        ScrapeError: the page leads to no brand; see `scrapers.parsing.empty_page`.
    """
    page = tree(body)
    brands: dict[str, BrandLink] = {}
    for link in page.css("a[href]"):
        target = absolute(url, attribute(link, "href") or "")
        index = BRAND_INDEX.match(urlsplit(target or "").path)
        name = text_of(link)
        if target is not None and index is not None and name is not None:
            brands.setdefault(index["brand"], BrandLink(index["brand"], name, target))
    brands.pop("search", None)
    if not brands:
        raise empty_page_error(page, body, url, "no link to a brand's index.htm")
    return tuple(brands.values())


def parse_listing(body: bytes, url: str) -> WatchList:
    """Read a page of a listing.

    Raises:
        ScrapeError: neither cards nor offers, and no "0 listings" to prove it right; see
            `scrapers.parsing.empty_page`.
    """
    page = tree(body)
    count_text, nodes = _count_text(page), json_ld(page)
    currency = page_currency(page, nodes)
    in_cards, in_offers = cards(page, url, currency), offers(nodes, url, currency)
    watches = tuple(
        _merged(id_, {DOM: in_cards.get(id_, {}), JSON_LD: in_offers.get(id_, {})})
        for id_ in dict.fromkeys([*in_cards, *in_offers])
    )
    if not watches and not _STARTS_WITH_ZERO.match(count_text):
        raise empty_page_error(
            page,
            body,
            url,
            "no .js-listing-item-container or .js-article-item-container, no AggregateOffer, "
            'and no "0 listings" either',
        )
    return WatchList(watches, first_count(count_text), _last_page(page, url), _next(page, url))


def _count_text(page: Selector) -> str:
    """How many watches the listing holds, in words: ``9,140 listings including promoted ones``."""
    for selector in _COUNTS:
        counts = page.css(selector).xpath(f"self::*[not({_MENU})]")
        matches = [match for text in texts_of(counts) if (match := _COUNTED.match(text))]
        if matches:
            return min(matches, key=lambda match: match["things"] is None).string
    return ""


def _merged(id_: str, layers: dict[str, dict[str, object]]) -> Chrono24Watch:
    merged = merge({name: said for name, said in layers.items() if said}, _PREFERRED)
    values = _UNTOLD | merged.values | {"id": id_}
    return Chrono24Watch(layer=merged.layer, sources=merged.sources, **values)


def _last_page(page: Selector, url: str) -> int:
    """The highest page that the pagination leads to, the current one included."""
    current = first_count(text_of(first(page, 'nav.pagination [aria-current="page"]')) or "")
    targets = (absolute(url, attribute(link, "href") or "") for link in any_of(page, *_PAGES))
    named = (page_number(target) for target in targets if target is not None)
    return max(current or page_number(url), *named, 1)


def _next(page: Selector, url: str) -> str | None:
    href = attribute(first(page, *_NEXT), "href")
    return None if href is None else absolute(url, href)
