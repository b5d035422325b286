"""Chrono24's JSON-LD: offers in listings, a Product on each watch's own page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from parsel import Selector

from scrapers.parsing.embedded import json_in_scripts, of_type
from scrapers.parsing.money import Amount, amount_of, written
from scrapers.parsing.text import absolute, plain_or_none, unescaped
from scrapers.sites.chrono24.images import LARGEST, image_of_size, is_photograph
from scrapers.sites.chrono24.pages import brand_of, listing_id

_OFFERS: Final = {"Offer", "Product"}
_SHEET: Final = {
    "movement": "Movement",
    "caseMaterial": "Case material",
    "caseDiameter": "Case diameter",
    "waterResistance": "Water resistance",
}
_CALIBER: Final = {
    "name": "Caliber/movement",
    "baseCaliber": "Base caliber",
    "powerReserve": "Power reserve",
    "jewels": "Number of jewels",
}
"""Where a page's own table is missing, its labels for what the Product tells."""


def offers(
    nodes: Sequence[dict[str, Any]], url: str, currency: str | None
) -> dict[str, dict[str, Any]]:
    """The fields of `Watch` that each offer of a listing tells, by the watch's id.

    Offers name no currency of their own; the page's stands in ``currency``.
    """
    by_id: dict[str, dict[str, Any]] = {}
    for node in nodes:
        if of_type([node], *_OFFERS) is None:
            continue
        page_url = absolute(url, node["url"]) if isinstance(node.get("url"), str) else None
        id_ = listing_id(page_url or "")
        if page_url is not None and id_ is not None:
            by_id.setdefault(id_, _offer_in(node, page_url, url, currency))
    return by_id


def page_currency(page: Selector, nodes: Sequence[dict[str, Any]]) -> str | None:
    """The page's currency, from the summary of its offers or from its script."""
    summary = of_type(nodes, "AggregateOffer") or {}
    told = plain_or_none(summary.get("priceCurrency"))
    script = {} if told else json_in_scripts(page, "window.metaData") or {}
    return told or plain_or_none(script.get("currency"))


def _offer_in(
    node: dict[str, Any], page_url: str, url: str, currency: str | None
) -> dict[str, Any]:
    terms = node.get("offers", node)
    return {
        "page_url": page_url,
        "brand_slug": brand_of(page_url),
        "title": unescaped(node.get("name")),
        "image_urls": photographs(node.get("image"), url),
        **_price(terms, currency),
    }


def product(nodes: Sequence[dict[str, Any]], url: str) -> dict[str, Any]:
    """The fields of `Watch` that the Product of a watch's own page tells, ``id`` among them."""
    node = of_type(nodes, "Product")
    if node is None:
        return {}
    terms = node.get("offers")
    terms = terms[0] if isinstance(terms, list) and terms else terms
    terms = terms if isinstance(terms, dict) else {}
    diameter = unescaped(node.get("caseDiameter"))
    return {
        "id": plain_or_none(node.get("productID")),
        "title": unescaped(node.get("name")),
        "brand_name": _name(node.get("brand")),
        "model": _name(node.get("model")),
        "reference": unescaped(node.get("sku")) or unescaped(node.get("mpn")),
        "year_text": unescaped(node.get("productionDate")) or unescaped(node.get("releaseDate")),
        "image_urls": photographs(node.get("image"), url),
        "condition": _last_word(terms.get("itemCondition"), "Condition"),
        "dimensions": diameter,
        "country": _country(terms),
        "sheet": tuple(_sheet(node)),
        **_price(terms),
    }


def _sheet(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _labelled(node, _SHEET)
    caliber = node.get("caliber")
    if isinstance(caliber, dict):
        yield from _labelled(caliber, _CALIBER)


def _labelled(record: dict[str, Any], labels: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, label in labels.items():
        value = unescaped(record.get(key))
        if value is not None:
            yield label, value


def _price(terms: Any, default: str | None = None) -> dict[str, Any]:
    record = terms if isinstance(terms, dict) else {}
    text = plain_or_none(record.get("price")) or plain_or_none(record.get("lowPrice"))
    number = amount_of(text)
    if number is None:
        return {}
    currency = plain_or_none(record.get("priceCurrency")) or number.currency or default
    amount = Amount(number.amount, currency)
    return {"price": written(amount), "price_amount": amount.amount, "currency": currency}


def _name(value: Any) -> str | None:
    """A brand or model: an object with a name in 2026, a plain string in 2024."""
    return unescaped(value.get("name") if isinstance(value, dict) else value)


def _last_word(value: Any, suffix: str) -> str | None:
    """``http://schema.org/UsedCondition`` as ``Used``."""
    text = plain_or_none(value)
    return text.rpartition("/")[2].removesuffix(suffix) or None if text else None


def _country(terms: dict[str, Any]) -> str | None:
    """A code in 2026; in 2024 the address is one text, ``Austria, Graz``."""
    place = terms.get("availableAtOrFrom")
    address = place.get("address") if isinstance(place, dict) else None
    if isinstance(address, dict):
        return _name(address.get("addressCountry"))
    return (unescaped(address) or "").partition(",")[0].strip() or None


def photographs(image: Any, url: str) -> tuple[str, ...]:
    """The whole photographs that an ``image`` names: an object, an address, or a list of them."""
    addresses: dict[str, None] = {}
    for entry in image if isinstance(image, list) else [image]:
        source = (entry.get("contentUrl") or entry.get("url")) if isinstance(entry, dict) else entry
        address = absolute(url, source) if isinstance(source, str) else None
        if address is not None and is_photograph(address):
            addresses.setdefault(image_of_size(address, LARGEST))
    return tuple(addresses)
