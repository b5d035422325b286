"""A watch's own page on Chrono24, in its layouts of 2024 and of 2026."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from pipeline.core.errors import LayoutChangedError
from scrapers.chrono24.images import LARGEST, image_of_size, is_photograph
from scrapers.markup import attribute, json_ld, of_type, text_of, tree
from scrapers.pagetext import absolute, first_year, path_segments, plain, plain_or_none, unescaped


@dataclass(frozen=True, slots=True)
class Detail:
    """One watch as its own page describes it; what the page does not tell is None or empty."""

    layer: str
    """``json-ld`` where the page's Product block was read, else ``dom``."""
    page_url: str
    id: str
    title: str | None
    """Brand and model."""
    subtitle: str | None
    """The seller's own line."""
    brand_slug: str | None
    brand_name: str | None
    model: str | None
    reference: str | None
    year_text: str | None
    year: int | None
    image_urls: tuple[str, ...]
    """Whole photographs (ExtraLarge), in the order of the page."""
    price: str | None
    condition: str | None
    case_material: str | None
    country: str | None
    private_seller: bool | None


_ID = re.compile(r"--id([0-9]+)\.htm$")
_CONVERTED = re.compile(r"\(=\s*([^)]+)\)")
_BACKGROUND = re.compile(r"url\(\s*['\"]?([^'\")]+)")
_SHEET_ROWS = ".watch-data-sheet tr, section.js-details-and-security-tabs .js-tab-panel table tr"

DataSheet = dict[tuple[str, str], Tag]
"""Value cells by section and label: "Movement" occurs in two sections."""


def listing_id(url: str) -> str | None:
    """The id that the address of a watch's page ends with.

    >>> listing_id("https://www.chrono24.com/halden/polaris-ii--id30000017.htm")
    '30000017'
    """
    found = _ID.search(urlsplit(url).path)
    return found[1] if found else None


def money(text: str | None) -> str | None:
    """A price as the site writes it, in the page's currency; None where it names no amount.

    >>> [money(t) for t in ("¥1,600,000 (= $10,307)", "$18,725", "Price on request")]
    ['$10,307', '$18,725', None]
    """
    if text is None or not any(c.isdigit() for c in text):
        return None
    converted = _CONVERTED.search(text)
    return (converted[1] if converted else text.partition("[")[0]).strip()


def offer_price(offer: dict[str, Any]) -> str | None:
    """The price of a JSON-LD offer, written as the site's cards write it where it is in dollars."""
    price = plain_or_none(offer.get("price"))
    if price is None or not price.replace(".", "", 1).isdecimal():
        return None
    currency = plain_or_none(offer.get("priceCurrency")) or "USD"
    amount = f"{float(price):,.0f}"
    return f"${amount}" if currency == "USD" else f"{currency} {amount}"


def parse_detail(body: bytes, url: str) -> Detail:
    """Read a watch's own page.

    Raises:
        LayoutChangedError: neither a Product block nor a data sheet is there.
    """
    soup = tree(body)
    product = of_type(list(json_ld(soup)), "Product") or {}
    sheet = _data_sheet(soup)
    id_ = listing_id(url) or plain_or_none(product.get("productID"))
    if id_ is None or not (product or sheet):
        raise LayoutChangedError(
            f"{url}: neither a JSON-LD Product nor a .watch-data-sheet; "
            f"the watch is gone, or the site's layout has changed and its parser needs mending"
        )
    lines = [text_of(span) for span in soup.select("h1 span.d-block")] or [text_of(soup.h1)]
    offer = _record(product.get("offers"))
    year_text = _cell(sheet, "Year of production") or plain_or_none(product.get("productionDate"))
    return Detail(
        layer="json-ld" if product else "dom",
        page_url=url,
        id=id_,
        title=lines[0] or unescaped(product.get("name")),
        subtitle=lines[1] if len(lines) > 1 else None,
        brand_slug=_brand_slug(url),
        brand_name=_name(product.get("brand")) or _cell(sheet, "Brand"),
        model=unescaped(product.get("model")) or _cell(sheet, "Model"),
        reference=unescaped(product.get("sku")) or _cell(sheet, "Reference number"),
        year_text=year_text,
        year=first_year(year_text or ""),
        image_urls=_photographs(soup, product, url),
        price=_price(soup, sheet) or offer_price(offer),
        condition=_condition(sheet),
        case_material=unescaped(product.get("caseMaterial")) or _cell(sheet, "Case material"),
        country=(_cell(sheet, "Location") or "").partition(",")[0].strip() or None,
        private_seller=_is_private(soup),
    )


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(value: Any) -> str | None:
    """A brand: an object with a name in 2026, a plain string in 2024."""
    return unescaped(value.get("name") if isinstance(value, dict) else value)


def _brand_slug(url: str) -> str | None:
    segments = path_segments(url)
    return segments[0] if len(segments) == 2 and segments[0] != "watches" else None


def _data_sheet(soup: BeautifulSoup) -> DataSheet:
    sheet: DataSheet = {}
    section = ""
    for row in soup.select(_SHEET_ROWS):
        heading = row.select_one("h3")
        if heading is not None:
            section = text_of(heading) or ""
            continue
        label = row.select_one('th[scope="row"], td > strong')
        cells = row.select("td")
        if label is not None and cells:
            sheet.setdefault((section, plain(label.get_text(" "))), cells[-1])
    return sheet


def _cell(sheet: DataSheet, label: str) -> str | None:
    """The text behind ``label`` in the first section that has it."""
    return next((text_of(cell) for (_, name), cell in sheet.items() if name == label), None)


def _condition(sheet: DataSheet) -> str | None:
    """The condition's name without the sentence that explains it."""
    cell = next((cell for (_, name), cell in sheet.items() if name == "Condition"), None)
    return None if cell is None else text_of(cell.select_one("button") or cell)


def _price(soup: BeautifulSoup, sheet: DataSheet) -> str | None:
    shown = soup.select_one(".wt-listing-detail-page-price, .js-price-shipping-country")
    return money(text_of(shown)) or money(_cell(sheet, "Price"))


def _is_private(soup: BeautifulSoup) -> bool | None:
    card = (text_of(soup.select_one(".shipping-and-seller-info-card")) or "").lower()
    if "private seller" in card:
        return True
    return False if "dealer" in card else None


def _photographs(soup: BeautifulSoup, product: dict[str, Any], url: str) -> tuple[str, ...]:
    """From the Product block, else from the gallery: images in 2026, backgrounds in 2024."""
    found: dict[str, None] = {}
    for source in _product_images(product) or _gallery_images(soup):
        address = absolute(url, source)
        if address is not None and is_photograph(address):
            found.setdefault(image_of_size(address, LARGEST))
    return tuple(found)


def _product_images(product: dict[str, Any]) -> list[str]:
    images = product.get("image")
    entries = images if isinstance(images, list) else [images]
    sources = [entry.get("contentUrl") if isinstance(entry, dict) else entry for entry in entries]
    return [source for source in sources if isinstance(source, str)]


def _gallery_images(soup: BeautifulSoup) -> list[str]:
    images = [attribute(node, "src") for node in soup.select("img.js-listing-image-gallery-image")]
    backgrounds = [
        _BACKGROUND.search(attribute(node, "style") or "")
        for node in soup.select(".watch-image-carousel-image[style]")
    ]
    return [src for src in images if src] + [found[1] for found in backgrounds if found]
