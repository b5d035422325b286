"""Items that pages tell by JSON-LD alone, and lists that an index leads to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from pipeline.core.errors import DescriptionError, LayoutChangedError
from pipeline.core.params.scrape import Scrape
from scrapers.sites.described.load_description import steering
from scrapers.sites.described.site import facts
from scrapers.sites.described.walk import walk
from scrapers.trial.draft import drafted
from scrapers.trial.trial_report import report, words
from scrapers.trial.tried_page import TriedPage
from tests.scrapers.sites.descriptions import made, small

WWW = "https://www.shop.example"


def product(number: int) -> dict[str, Any]:
    return {
        "@type": "Product",
        "sku": f"L{number}",
        "name": f"Lamp {number}",
        "url": f"/lamp/{number}",
        "image": [{"@type": "ImageObject", "contentUrl": f"{WWW}/{number}.jpg"}],
        "brand": {"@type": "Brand", "name": "Sørlie"},
        "offers": {"@type": "Offer", "price": 40 + number, "priceCurrency": "EUR"},
    }


def page(*blocks: Any, markup: str = "") -> bytes:
    """A page as shops have it that are drawn by a script: nothing but its JSON-LD tells items."""
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks
    )
    return f"<!doctype html><html><body><div id=app></div>{markup}{scripts}</body></html>".encode()


def listed(*numbers: int) -> dict[str, Any]:
    entries = [
        {"@type": "ListItem", "position": number, "item": product(number)} for number in numbers
    ]
    return {"@context": "https://schema.org", "@type": "ItemList", "itemListElement": entries}


FIELDS = {
    "link": "url",
    "id": "sku",
    "title": "name",
    "images": "image[].contentUrl",
    "creator_name": "brand.name",
    "price": "offers.price",
    "currency": "offers.priceCurrency",
}
NEXT = {"css": "a.next::attr(href)"}
EMPTY = {"json_ld": "ItemList.numberOfItems", "re": "^0$"}
PAGES = {
    "several blocks": ("Product", page(product(1), product(2))),
    "a graph": ("Product", page({"@graph": [product(1), {"@type": "WebSite"}, product(2)]})),
    "a list of items": ("ItemList.itemListElement[].item", page(listed(1, 2))),
    "a list and the same blocks": ("Product", page(listed(1, 2), product(2))),
}


def described(items: str, **listing: Any) -> Any:
    return made(small(item={"json_ld": items}, fields=FIELDS, empty=EMPTY, **listing))


@pytest.mark.parametrize("shape", PAGES)
def test_json_ld_tells_the_items(shape: str) -> None:
    items, body = PAGES[shape]
    rows = list(facts(described(items), body, f"{WWW}/all", str))
    assert [(row.listing_id, row.title, row.page_url, row.image_url) for row in rows] == [
        (f"L{n}", f"Lamp {n}", f"{WWW}/lamp/{n}", f"{WWW}/{n}.jpg") for n in (1, 2)
    ]
    assert {(row.creator, row.currency, row.layer) for row in rows} == {
        ("sorlie", "EUR", "json-ld")
    }
    assert [row.price_amount for row in rows] == [41, 42]


def test_a_page_without_the_blocks_is_drift_unless_proven_empty() -> None:
    site = described("Product")
    with pytest.raises(LayoutChangedError, match=r"`json_ld: Product` \(listing.item\), nor by"):
        list(facts(site, page({"@type": "WebSite"}), f"{WWW}/all", str))
    assert list(facts(site, page({"@type": "ItemList", "numberOfItems": 0}), WWW, str)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"format": "json", "item": {"json_ld": "Product"}}, "json_ld stands in html"),
        ({"item": {"json_ld": "[]"}}, "begin with a type"),
    ],
)
def test_a_mistake_in_items_is_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(DescriptionError, match=said):
        made(small(fields=FIELDS, **wrong))


class Shop:
    """A `Crawl` of a few pages; others are not there."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        self._pages, self._met = pages, set[str]()
        self.asked: list[str] = []
        self.images: list[str] = []

    def page(self, url: str) -> bytes | None:
        self.asked.append(url.removeprefix(WWW))
        return self._pages.get(url.removeprefix(WWW))

    detail = page

    def json(self, url: str, within: str) -> bytes:
        raise AssertionError(url, within)

    def whole_page(self, url: str, button: str, item: str) -> bytes | None:
        raise AssertionError(url, button, item)

    def image(self, urls: Sequence[str], *, referer: str, is_placeholder: bool = False) -> None:
        del referer, is_placeholder
        self.images += [url.removeprefix(WWW) for url in urls]

    def canonical(self, url: str) -> str:
        return url

    def is_new(self, name: str) -> bool:
        is_new = name not in self._met
        self._met.add(name)
        return is_new

    def expect(self, requests: int) -> None:
        pass


def link(path: str, name: str) -> str:
    return f'<a class={name} href="{path}">more</a>'


SHOP = {
    "/all": page(markup=link("/c/desk", "list") + link("/c/floor", "list")),
    "/c/desk": page(product(1), product(2), markup=link("/c/desk/2", "next")),
    "/c/desk/2": page(product(3), markup=link("/c/desk", "list")),
    "/c/floor": page({"@type": "ItemList", "numberOfItems": 0}),
}
LISTS = {"css": "a.list::attr(href)"}
ASKED = Scrape.model_validate(
    {"site": "carlogos", "as_of": "2026-11-30", "image_size": "large", "images_per_listing": 5}
)


def test_an_index_leads_to_lists_of_several_pages() -> None:
    shop = Shop(SHOP)
    walk(described("Product", lists=LISTS, next=NEXT), shop, ASKED)
    assert shop.asked == ["/all", "/c/desk", "/c/desk/2", "/c/floor"]
    assert shop.images == ["/1.jpg", "/2.jpg", "/3.jpg"]


def test_lists_that_an_index_names_may_be_counted_up() -> None:
    pages = {
        "/all": SHOP["/all"],
        "/c/desk?page=1": page(product(1)),
        "/c/desk?page=2": page(product(2)),
        "/c/floor?page=1": page(product(3)),
    }
    shop = Shop(pages)
    counted = {**LISTS, "to": r"\0?page={page}"}
    walk(described("Product", lists=counted), shop, ASKED)
    assert shop.images == ["/1.jpg", "/2.jpg", "/3.jpg"]
    assert shop.asked[-1] == "/c/floor?page=2"


def test_lists_steer_and_their_absence_changes_nothing_of_before() -> None:
    plain = described("Product").description
    assert steering(plain) != steering(described("Product", lists=LISTS).description)


SESSION = {"re": "&sid=[^&]+", "to": ""}
DETAIL = {"match": "/lot", "address": SESSION, "fields": {"title": "h1", "images": "img::image"}}
LOTS = """<li><a href="/lot?id=7&sid=k2"><img src=/7.jpg></a></li>"""
LOT = b"<h1>A lamp</h1><img src=/7.jpg>"


def test_a_session_is_cut_out_of_links_and_of_the_pages_own_address() -> None:
    site = made({**small(), "detail": DETAIL})
    (listed_row,) = facts(site, LOTS.encode(), f"{WWW}/all", str)
    (own_row,) = facts(site, LOT, f"{WWW}/lot?id=7&sid=x9", str)
    assert listed_row.key == own_row.key == f"{WWW}/lot?id=7"
    assert own_row.page_url == f"{WWW}/lot?id=7&sid=x9", "where the page was had is kept"
    shop = Shop({"/all": LOTS.encode(), "/lot?id=7": LOT})
    walk(site, shop, ASKED)
    assert shop.asked == ["/all", "/lot?id=7"]


@pytest.mark.parametrize("detail", [DETAIL, {**DETAIL, "address": None}])
def test_a_session_in_a_link_is_warned_of(detail: dict[str, Any]) -> None:
    site = made({**small(), "detail": detail})
    said = list(words(site, report(site, TriedPage(f"{WWW}/all", LOTS.encode())), 0))
    warned = [line for line in said if line.startswith(f"looks like a session: {WWW}/lot?id=7&sid")]
    assert len(warned) == (detail["address"] is None)


CARD = """<div class=lot><a href=/lot/{0}><img src=/{0}.jpg></a>
<h2><a href=/lot/{0}>Lamp {0}</a></h2>
<span class=sub>No. {0}</span></div>"""
OWN = """<h1>Lamp 1</h1><div class=facts><div class=row><b>Year:</b><i>1962</i></div>
<div class=row><b>Maker:</b><i>Sorlie</i></div><div class=row><b>Height:</b><i>40 cm</i></div></div>
<img src=/1.jpg>"""


def test_a_draft_takes_plain_headings_and_tables_of_blocks() -> None:
    cards = "".join(CARD.format(number) for number in range(4))
    pages = [TriedPage(f"{WWW}/all", cards.encode()), TriedPage(f"{WWW}/lot/1", OWN.encode())]
    written = yaml.safe_load(drafted(pages))
    assert written["listing"]["fields"]["title"] == "h2"
    site = made(written)
    assert [row.title for row in facts(site, pages[0].body, pages[0].url, str)] == [
        f"Lamp {number}" for number in range(4)
    ]
    (own,) = facts(site, pages[1].body, pages[1].url, str)
    assert json.loads(own.sheet or "") == {"Year": "1962", "Maker": "Sorlie", "Height": "40 cm"}
