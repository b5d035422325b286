"""Chrono24's listings, read from bytes: brand, model and reference pages, and their pagination.

Two layers are merged by watch and field: the cards of the page and its JSON-LD. Pure functions of
a body and of the address it came from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from scrapers.parsing.empty_page import empty_page_error
from scrapers.parsing.layers import DOM, JSON_LD, merge
from scrapers.parsing.markup import (
    attribute,
    first_attribute,
    json_after,
    json_ld,
    of_type,
    text_of,
    tree,
)
from scrapers.parsing.text import absolute, first_count, plain_or_none
from scrapers.sites.chrono24.cards import cards
from scrapers.sites.chrono24.linked import offers
from scrapers.sites.chrono24.pages import BRAND_INDEX, page_number
from scrapers.sites.chrono24.watch import BrandLink, ListingPage, Watch

_COUNTS: Final = "main span.text-lg, span.text-lg, h1 .text-lg, .result-page-headline"
_STARTS_WITH_ZERO = re.compile(r"^\W*0(?![0-9.,'\s]*[0-9])")
_NEXT: Final = (
    ".next-item-container a[href], a.paging-next[href], .paging-next a[href], "
    'a[rel="next"][href], link[rel="next"][href]'
)
_PAGES: Final = "nav.pagination a[href], ul.pagination a[href], .paging a[href]"
_PREFERRED: Final = {"price_amount": JSON_LD, "currency": JSON_LD}
_UNTOLD: Final = {"promoted": False}


def parse_brands(body: bytes, url: str) -> tuple[BrandLink, ...]:
    """The brands that a page links to, each once, in the page's order.

    Raises:
        ScrapeError: the page leads to no brand; see `scrapers.parsing.empty_page`.
    """
    soup = tree(body)
    brands: dict[str, BrandLink] = {}
    for link in soup.select("a[href]"):
        target = absolute(url, attribute(link, "href") or "")
        found = BRAND_INDEX.match(urlsplit(target or "").path)
        name = text_of(link)
        if target is not None and found is not None and name is not None:
            brands.setdefault(found["brand"], BrandLink(found["brand"], name, target))
    brands.pop("search", None)
    if not brands:
        raise empty_page_error(soup, body, url, "no link to a brand's index.htm")
    return tuple(brands.values())


def parse_listing(body: bytes, url: str) -> ListingPage:
    """Read a page of a listing.

    Raises:
        ScrapeError: neither cards nor offers, and no "0 listings" to prove it right; see
            `scrapers.parsing.empty_page`.
    """
    soup = tree(body)
    count_text = text_of(soup.select_one(_COUNTS)) or ""
    nodes = json_ld(soup)
    in_cards, in_offers = cards(soup, url), offers(nodes, url, _currency(soup, nodes))
    watches = tuple(
        _merged(id_, {DOM: in_cards.get(id_, {}), JSON_LD: in_offers.get(id_, {})})
        for id_ in dict.fromkeys([*in_cards, *in_offers])
    )
    if not watches and not _STARTS_WITH_ZERO.match(count_text):
        raise empty_page_error(
            soup,
            body,
            url,
            "no .js-listing-item-container or .js-article-item-container, no AggregateOffer, "
            'and no "0 listings" either',
        )
    return ListingPage(watches, first_count(count_text), _last_page(soup, url), _next(soup, url))


def _merged(id_: str, layers: dict[str, dict[str, object]]) -> Watch:
    merged = merge({name: said for name, said in layers.items() if said}, _PREFERRED)
    values = _UNTOLD | merged.values | {"id": id_}
    return Watch(layer=merged.layer, sources=merged.sources, **values)


def _currency(soup: BeautifulSoup, nodes: Sequence[dict[str, Any]]) -> str | None:
    """The page's currency, from the summary of its offers or from its script."""
    told = [of_type(nodes, "AggregateOffer") or {}]
    told += [
        data
        for script in soup.find_all("script", src=False)
        if (data := json_after(script.get_text(), "window.metaData"))
    ]
    codes = (plain_or_none(data.get(k)) for data in told for k in ("priceCurrency", "currency"))
    return next((code for code in codes if code), None)


def _last_page(soup: BeautifulSoup, url: str) -> int:
    """The highest page that the pagination leads to, the current one included."""
    current = first_count(text_of(soup.select_one('nav.pagination [aria-current="page"]')) or "")
    targets = (absolute(url, attribute(link, "href") or "") for link in soup.select(_PAGES))
    named = (page_number(target) for target in targets if target is not None)
    return max(current or page_number(url), *named, 1)


def _next(soup: BeautifulSoup, url: str) -> str | None:
    href = first_attribute(soup.select(_NEXT), "href")
    return None if href is None else absolute(url, href)
