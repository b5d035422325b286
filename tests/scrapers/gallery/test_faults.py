"""Faults that change what the replicas say; what becomes of a capture is in test_fault_matrix."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from pipeline.core.params.scrape import Gallery
from scrapers.address import AddressBook
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.faults.fault_rules import FaultRule, SiteFault
from scrapers.gallery.faults.listing_faults import HEADERS, METAS
from scrapers.gallery.faults.misbehaving import Misbehaving
from scrapers.gallery.replicas.chrono24 import addresses as chrono24
from scrapers.gallery.replicas.chrono24.app import Chrono24
from scrapers.gallery.replicas.wikiart import addresses as wikiart
from scrapers.gallery.replicas.wikiart.app import WikiArt
from scrapers.gallery.server import running
from scrapers.gallery.web.messages import Request, Response

WORKS, WATCHES = Paintings(3, 130, 6), Watches(3, 130, 2)
LISTING = "/en/paintings-by-style/color-field-painting"
AJAX = {"x-requested-with": "XMLHttpRequest"}
SIZE = Gallery(seed=3, works=130, creators=6)


def asked(fault: SiteFault, path: str, page: str | None = None) -> Response:
    app = Misbehaving(WORKS_APP, [FaultRule(fault)])
    query = {"json": "2", "page": page} if page else {}
    return app.answer(wikiart.WWW, Request(path, query, AJAX))


WORKS_APP = WikiArt(WORKS, {host: host for host in wikiart.HOSTS})
WATCHES_APP = Chrono24(WATCHES, {host: host for host in chrono24.HOSTS})


def test_a_listing_without_its_count_gives_its_first_page_for_ever() -> None:
    whole = json.loads(WORKS_APP.answer(wikiart.WWW, Request(LISTING, {"json": "2"}, AJAX)).body)
    for page in ("1", "2", "77"):
        listing = json.loads(asked(SiteFault.NO_COUNT, LISTING, page).body)
        assert listing["AllPaintingsCount"] is None
        assert listing["Paintings"] == whole["Paintings"]


def test_rows_and_pages_lose_their_map_and_nothing_else() -> None:
    rows = json.loads(asked(SiteFault.NO_MAP, LISTING, "1").body)["Paintings"]
    told = json.loads(asked(SiteFault.SHIFTED, LISTING, "1").body)["Paintings"]
    assert [row.keys() for row in rows] == [row.keys() - {"map"} for row in told]
    path = wikiart.page_path(WORKS.works[0])
    page = asked(SiteFault.NO_MAP, path).body
    assert b"map&#34;" in WORKS_APP.answer(wikiart.WWW, Request(path)).body
    assert b"map&#34;" not in page
    assert b"thumbnailSizesModel" in page


def test_pages_can_be_had_as_they_were_in_2024() -> None:
    watch = WATCHES.watches[0]
    app = Misbehaving(WATCHES_APP, [FaultRule(SiteFault.LAYOUT_2024)])
    page = app.answer(chrono24.WWW, Request(chrono24.page_path(watch))).body.decode()
    head, _, _ = page.partition("</h1>")
    assert head.count("<span") == head.count("</span>") + 2, "one span of the h1 is not closed"
    assert 'th scope="row"' not in page
    listing = app.answer(chrono24.WWW, Request(f"/{watch.brand.slug}/index.htm")).body.decode()
    assert "js-article-item-container" in listing
    assert "js-listing-item-container" not in listing
    page = asked(SiteFault.LAYOUT_2024, wikiart.page_path(WORKS.works[0])).body.decode()
    assert '<h3 itemprop="name">' in page
    assert "<h1" not in page


def test_brands_is_the_first_large_text_of_every_listing() -> None:
    path = f"/{WATCHES.creators[0].slug}/index.htm"
    page = WATCHES_APP.answer(chrono24.WWW, Request(path)).body.decode()
    assert page.index("Brands") < page.index("listings</strong>")
    assert page.index("text-lg") < page.index("Brands") < page.index("<main")


@pytest.mark.parametrize("fault", METAS)
def test_a_page_opts_out_in_its_head(fault: SiteFault) -> None:
    name, content = METAS[fault]
    page = asked(fault, wikiart.page_path(WORKS.works[0])).body.decode()
    head, _, _ = page.partition("</head>")
    assert head.count(f'<meta name="{name}" content="{content}">') == 1
    assert page.startswith("<!DOCTYPE html>")


def test_robots_txt_opts_out_for_all_robots_and_nothing_else_does() -> None:
    lines = asked(SiteFault.OPT_OUT_ROBOTS_TXT, "/robots.txt").body.decode().splitlines()
    assert lines[:3] == [
        "User-agent: *",
        "Content-Signal: search=yes, ai-train=no",
        "Allow: /",
    ]
    path = wikiart.page_path(WORKS.works[0])
    assert asked(SiteFault.OPT_OUT_ROBOTS_TXT, path) == WORKS_APP.answer(wikiart.WWW, Request(path))


def test_the_page_for_users_names_every_fault() -> None:
    page = (Path(__file__).parents[3] / "docs" / "faults.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(SiteFault)


@pytest.fixture(scope="module")
def rules() -> list[FaultRule]:
    return []


@pytest.fixture(scope="module")
def book(rules: list[FaultRule]) -> Iterator[AddressBook]:
    with running("wikiart", SIZE, rules=rules) as origins:
        yield AddressBook(origins)


@pytest.mark.parametrize("fault", HEADERS)
def test_a_header_opts_out_an_image_also_on_a_304(
    fault: SiteFault, rules: list[FaultRule], book: AddressBook
) -> None:
    rules[:] = [FaultRule(fault)]
    name, value = HEADERS[fault]
    url = book.to_wire(wikiart.UPLOADS + wikiart.FRAME)
    answer = requests.get(url, timeout=20)
    again = requests.get(url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=20)
    assert [answer.status_code, again.status_code] == [200, 304]
    assert [answer.headers[name], again.headers[name]] == [value, value]


def test_a_listing_that_opted_out_says_so_on_its_page_and_with_its_image() -> None:
    """A revision does what a rule does, to the works that it chose."""
    for revision in range(1, 5):
        works = Paintings(3, 240, 6, revision)
        app = WikiArt(works, {host: host for host in wikiart.HOSTS})
        opted_out = [w for w in works.works if w.opted_out]
        others = [w for w in works.works if not w.opted_out and not w.picture.defects][:2]
        assert opted_out
        for work in [*opted_out, *others]:
            page = app.answer(wikiart.WWW, Request(wikiart.page_path(work))).body
            assert (b'<meta name="robots" content="noai' in page) == work.opted_out
            version = works.version(work.picture, "PinterestSmall")
            path = work.image_path("PinterestSmall")
            held = {"if-none-match": f'"{version.tag}"'}
            image = app.answer(wikiart.host_of(path), Request(path, headers=held))
            assert image.status == 304
            assert ("X-Robots-Tag" in image.headers) == work.opted_out
        watches = Watches(3, 240, 2, revision)
        shop = Chrono24(watches, {host: host for host in chrono24.HOSTS})
        for watch in [w for w in watches.watches if w.opted_out]:
            answer = shop.answer(chrono24.WWW, Request(chrono24.page_path(watch)))
            assert "noai" in answer.headers["X-Robots-Tag"]
