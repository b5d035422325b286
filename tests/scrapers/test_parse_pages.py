"""Recorded pages (synthetic, in the shapes of both sites) against expectations kept beside them.

``NAME.expected.json`` names the page's address, and either the rows (what has no value is left
out) or the error with a part of its sentence; ``listing`` tells more of a page of a listing.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.core import errors
from scrapers.parsing.listing_facts import Fact
from scrapers.site_registry import parse_page
from scrapers.sites.chrono24.listing import parse_listing
from scrapers.sites.chrono24.pages import page_kind as chrono24_kind
from scrapers.sites.wikiart.listing import parse_gallery_dom, parse_listing_json, parse_text_list
from scrapers.sites.wikiart.pages import page_kind as wikiart_kind

PAGES = Path(__file__).parent / "pages"
LISTINGS: dict[str, Callable[[bytes, str], Any]] = {
    "listing": parse_listing,
    "listing-json": parse_listing_json,
    "text-list": parse_text_list,
    "gallery": parse_gallery_dom,
}
EXPECTATIONS = sorted(PAGES.glob("*/*.expected.json"))


def told(fact: Fact) -> dict[str, Any]:
    """What a row tells, as data; its key and rank only serve to join pages."""
    fields = dataclasses.asdict(fact).items()
    row = {name: v for name, v in fields if v is not None and name not in {"key", "rank"}}
    return row | {"sheet": json.loads(row["sheet"])} if "sheet" in row else row


@pytest.mark.parametrize("path", EXPECTATIONS, ids=lambda p: f"{p.parent.name}/{p.name[:-14]}")
def test_page(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    (page,) = (p for p in path.parent.glob(f"{path.name[:-14]}.*") if p != path)
    body, url = page.read_bytes(), expected["url"]
    if "error" in expected:
        with pytest.raises(errors.ScrapeError) as caught:
            parse_page(body, url)
        assert type(caught.value).__name__ == expected["error"]
        assert expected["says"] in str(caught.value)
        assert url in str(caught.value)
        return
    assert [told(fact) for fact in parse_page(body, url)] == expected["rows"]
    if "listing" in expected:
        kind = wikiart_kind(url) if "wikiart" in url else chrono24_kind(url)
        listing = LISTINGS[kind](body, url)
        assert {n: getattr(listing, n) for n in expected["listing"]} == expected["listing"]


@pytest.mark.parametrize(
    ("url", "body", "error"),
    [
        ("https://www.wikiart.org/en/terms-of-use/of/somebody", b"<p>terms", "no kind of page"),
        ("https://www.chrono24.com/info/agb.htm", b"<p>terms", "no kind of page"),
        ("https://www.wikiart.org/sitemap/paintings-1.xml", b"<p>moved", "no <loc>"),
        ("https://www.wikiart.org/en/orla-venn?json=2", b"{}", "artistName of an artist"),
        ("https://www.wikiart.org/en/alphabet/o/text-list", b"<p>", "leads to an artist"),
        ("https://www.chrono24.com/", b"<p>welcome", "no link to a brand"),
    ],
)
def test_a_page_without_images_is_read_as_what_it_is(url: str, body: bytes, error: str) -> None:
    with pytest.raises(errors.LayoutChangedError, match=error):
        parse_page(body, url)


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("https://www.wikiart.org/robots.txt", b"User-agent: *"),
        ("https://www.wikiart.org/sitemap/s.xml", b"<loc>https://www.wikiart.org/en/a/b</loc>"),
        ("https://www.wikiart.org/en/orla-venn?json=2", b'{"url": "orla", "artistName": "O"}'),
        (
            "https://www.wikiart.org/en/alphabet/o/text-list",
            b"<li class=painting-list-text-row><a href=/en/orla-venn>Orla Venn</a>",
        ),
        ("https://www.chrono24.com/", b"<a href=/halden/index.htm>Halden</a>"),
    ],
)
def test_such_a_page_has_no_rows(url: str, body: bytes) -> None:
    assert parse_page(body, url) == ()


def test_every_page_has_its_expectation() -> None:
    pages = {p.name.partition(".")[0] for p in PAGES.glob("*/*") if "expected" not in p.name}
    assert pages == {p.name.partition(".")[0] for p in EXPECTATIONS}
    assert len(EXPECTATIONS) > 20


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.wikiart.org/robots.txt", "robots"),
        ("https://www.wikiart.org/en", "other"),
        ("https://www.wikiart.org/fr/orla-venn", "gallery"),
        ("https://www.wikiart.org/de/orla-venn/hafen-1901", "detail"),
        ("https://www.wikiart.org/en/App/Painting/ImageJson/9223372032559808512", "record-json"),
        ("https://www.wikiart.org/en/api/2/Painting?id=5a00", "record-json"),
        ("https://www.wikiart.org/en/api/2/PaintingSearch?term=venn", "listing-json"),
        ("https://www.wikiart.org/en/popular-paintings/alltime?json=2&page=1", "listing-json"),
        ("https://www.wikiart.org/en/App/Artist/AlphabetJson?v=new&json=2", "other"),
        ("https://www.wikiart.org/en/artists-by-nation/norwegian/text-list", "artist-list"),
        ("https://www.wikiart.org/en/paintings-by-style", "other"),
        ("https://www.wikiart.org/sitemap/paintings-1.xml", "sitemap"),
        ("https://www.wikiart.org/", "other"),
        ("https://www.wikiart.org/en/orla-venn", "gallery"),
        ("https://www.wikiart.org/en/orla-venn?json=2", "artist-json"),
        ("https://www.wikiart.org/en/orla-venn?json=2&page=2", "listing-json"),
        ("https://www.wikiart.org/en/orla-venn/all-works", "gallery"),
        ("https://www.wikiart.org/en/orla-venn/all-works/text-list", "text-list"),
        ("https://www.wikiart.org/en/alphabet/o/text-list", "artist-list"),
        ("https://www.wikiart.org/en/orla-venn/mode/all-paintings?json=2&page=1", "listing-json"),
        ("https://www.wikiart.org/en/paintings-by-style/color-field-painting", "gallery"),
        ("https://www.wikiart.org/en/paintings-by-genre/marina?json=2&page=9", "listing-json"),
        ("https://www.wikiart.org/en/App/Painting/PaintingsByArtist?json=2", "listing-json"),
        ("https://www.wikiart.org/en/orla-venn/harbour-1901", "detail"),
        ("https://www.wikiart.org/en/Search/venn", "other"),
    ],
)
def test_page_kind_of_wikiart(url: str, kind: str) -> None:
    assert wikiart_kind(url) == kind


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.chrono24.com/robots.txt", "robots"),
        ("https://www.chrono24.com/", "brands"),
        ("https://www.chrono24.com/search/browse.htm?char=A", "brands"),
        ("https://www.chrono24.com/search/index.htm?query=x", "search"),
        ("https://www.chrono24.com/halden/index.htm", "listing"),
        ("https://www.chrono24.com/halden/index-12.htm", "listing"),
        ("https://www.chrono24.com/halden/polaris--mod9-2.htm?sortorder=5", "listing"),
        ("https://www.chrono24.com/halden/ref-16610.htm", "listing"),
        ("https://www.chrono24.com/halden/polaris--id40000001.htm", "detail"),
        ("https://www.chrono24.com/watches/--id40000001.htm", "detail"),
        ("https://www.chrono24.de/halden/index-2.htm", "listing"),
        ("https://www.chrono24.com/search/detail.htm?id=40000001", "detail"),
        ("https://www.chrono24.com/watches/pre-owned-watches--64-2.htm", "listing"),
        ("https://www.chrono24.com/info/agb.htm", "other"),
    ],
)
def test_page_kind_of_chrono24(url: str, kind: str) -> None:
    assert chrono24_kind(url) == kind
