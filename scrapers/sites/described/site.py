"""A described site as all else knows sites: its walk, its kinds of pages, its facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pipeline.core.params.scrape import Scrape
from pipeline.core.sites import SiteDeclaration
from scrapers.crawl.crawl import Crawl
from scrapers.parsing.empty_page import unknown_page_error
from scrapers.parsing.listing_facts import DETAIL, LISTING, Canonical, Fact, dated, joined, sheet_of
from scrapers.parsing.money import amount_of, money
from scrapers.parsing.page_layers import DOM, JSON, JSON_LD
from scrapers.parsing.text import creator_slug, first_count
from scrapers.sites.described import bounded
from scrapers.sites.described.description_schema import LinkedItems
from scrapers.sites.described.images import image_key
from scrapers.sites.described.load_description import load_description, steering
from scrapers.sites.described.page import LAYERS, RuleAnswer
from scrapers.sites.described.records import Described, ListedItem, read_detail, read_listing
from scrapers.sites.described.walk import walk
from scrapers.sites.site import Site

_LISTS: Final = ("style", "genre", "media", "tags")
"""Fields that may have several values."""
_TEXTS: Final = (
    "title", "original_title", "creator_name", "model", "reference", "year_text", "period",
    "series", "location", "gallery", "dimensions", "condition", "seller", "rights", "description",
)  # fmt: skip
"""Fields of which the first value counts."""
_NO_IMAGE: Final = ((None, None),)
_RANKED: Final = (JSON, JSON_LD, DOM, LAYERS["address"], LAYERS["value"])
"""The layers of a page, what is made for machines first."""


class DescribedSite:
    """Reads its file when it is first asked; a site that is not asked costs nothing."""

    def __init__(self, name: str, file: Path) -> None:
        self._name, self._file = name, file

    @cached_property
    def described(self) -> Described:
        """The site, as its file describes it.

        Raises:
            DescriptionError: the file is not right.
        """
        return Described(self._name, self._file.name, load_description(self._file))

    def walk(self, crawl: Crawl, params: Scrape) -> None:
        """As `Site.walk`."""
        walk(self.described, crawl, params)

    def page_kind(self, url: str) -> str:
        """As `Site.page_kind`: ``detail``, ``listing``, ``robots`` or ``other``."""
        return page_kind(self.described, url)

    def facts(self, body: bytes, url: str, canonical: Canonical) -> Iterator[Fact]:
        """As `Site.facts`."""
        return facts(self.described, body, url, canonical)

    def image_key(self, url: str) -> str:
        """As `Site.image_key`."""
        return image_key(url, self.described.description.image)

    def image_saved_as(self, url: str, name: str) -> str:
        """As `Site.image_saved_as`: which size a file has is not told by its name."""
        del name
        return url

    def steering(self) -> str:
        """As `Site.steering`."""
        return steering(self.described.description)


def page_kind(site: Described, url: str) -> str:
    """What stands at an address."""
    if urlsplit(url).path == "/robots.txt":
        return "robots"
    detail, match = site.detail, site.listing.match
    if detail is not None and bounded.regex(detail.match).search(url):
        return "detail"
    is_listing = match is None or site.listing.format == "sitemap"
    return "listing" if is_listing or bounded.regex(match).search(url) else "other"


def facts(site: Described, body: bytes, url: str, canonical: Canonical) -> Iterator[Fact]:
    """One fact an image, or one an item that shows none."""
    match page_kind(site, url):
        case "detail":
            item = read_detail(site, body, url, canonical)
            yield from _facts(item, DETAIL, url)
        case "listing":
            path_layer = JSON_LD if isinstance(site.listing.item, LinkedItems) else JSON
            for item in read_listing(site, body, url, canonical).items:
                yield from _facts(item, LISTING, url, path_layer)
        case "other":
            raise unknown_page_error(url)


def _facts(item: ListedItem, rank: int, url: str, path_layer: str = JSON) -> Iterator[Fact]:
    values = columns(item)
    layer, sources = _sources(item.answers, path_layer)
    for position, (key, image_url) in enumerate(item.images.items() or _NO_IMAGE):
        yield Fact(
            key=item.key,
            position=position,
            rank=rank,
            page_url=url if rank == DETAIL else item.link or url,
            layer=layer,
            sources=sources,
            image_key=key,
            image_url=image_url,
            **values,
        )


def columns(item: ListedItem) -> dict[str, Any]:
    """What an item tells, as the columns of a row."""
    said = {name: answer.values for name, answer in item.answers.items() if answer.values}
    told = {name: values[0] for name, values in said.items()}.get
    price, year_text = money(told("price")), told("year_text")
    amount, date = amount_of(price, told("currency")), dated(year_text)
    return {
        **{name: told(name) for name in _TEXTS},
        **{name: joined(said.get(name, ())) for name in _LISTS},
        "listing_id": told("id"),
        "creator": told("creator") or creator_slug(told("creator_name") or "") or None,
        "year": date.year,
        "year_from": date.first,
        "year_to": date.last,
        "width_px": first_count(told("width_px") or ""),
        "height_px": first_count(told("height_px") or ""),
        "price": price,
        "price_amount": amount.amount if amount else None,
        "currency": (amount and amount.currency) or told("currency") if price else None,
        "sheet": sheet_of(item.sheet),
    }


def _sources(answers: Mapping[str, RuleAnswer], path_layer: str) -> tuple[str, str]:
    """The first layer that gave a field, and every field by its layer.

    ``path_layer`` is the layer in which paths go.
    """
    given: dict[str, list[str]] = {}
    for name, answer in sorted(answers.items()):
        if answer.rule is not None:
            source = answer.rule.source
            layer = path_layer if source == "path" else LAYERS.get(source, DOM)
            given.setdefault(layer, []).append(name)
    ranked = sorted(given, key=_RANKED.index)
    sources = "; ".join(f"{layer}: {', '.join(given[layer])}" for layer in ranked)
    return (ranked[0] if ranked else DOM), sources


def described_site(name: str, declared: SiteDeclaration, file: Path) -> Site:
    """The site that a file describes."""
    site = DescribedSite(name, file)

    def is_page_of(url: str) -> bool:
        host = urlsplit(url).hostname or ""
        return any(host == each or host.endswith(f".{each}") for each in declared.domains)

    return Site(
        name=name,
        domains=declared.domains,
        walk=site.walk,
        page_kind=site.page_kind,
        is_page_of=is_page_of,
        facts=site.facts,
        image_key=site.image_key,
        image_saved_as=site.image_saved_as,
        steering=site.steering,
    )
