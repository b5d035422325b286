"""Recorded pages (synthetic, in the shapes of both sites) against expectations kept beside them.

``NAME.expected.json`` names the parser, the page's address, and either the whole result or the
error with a part of its sentence.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.core import errors
from scrapers.chrono24 import parse as chrono24
from scrapers.wikiart import parse as wikiart

PAGES = Path(__file__).parent / "pages"
SITES = {"wikiart": wikiart, "chrono24": chrono24}
EXPECTATIONS = sorted(PAGES.glob("*/*.expected.json"))


def as_data(result: Any) -> Any:
    """Dataclasses and tuples as what JSON makes of them."""
    if isinstance(result, tuple):
        return [as_data(item) for item in result]
    return json.loads(json.dumps(dataclasses.asdict(result)))


@pytest.mark.parametrize("path", EXPECTATIONS, ids=lambda p: f"{p.parent.name}/{p.name[:-14]}")
def test_page(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    (page,) = (p for p in path.parent.glob(f"{path.name[:-14]}.*") if p != path)
    parser = getattr(SITES[path.parent.name], expected["parser"])
    if "error" in expected:
        with pytest.raises(getattr(errors, expected["error"])) as caught:
            parser(page.read_bytes(), expected["url"])
        assert expected["says"] in str(caught.value)
        assert expected["url"] in str(caught.value)
    else:
        assert as_data(parser(page.read_bytes(), expected["url"])) == expected["result"]


def test_every_page_has_its_expectation() -> None:
    pages = {p.name.partition(".")[0] for p in PAGES.glob("*/*") if "expected" not in p.name}
    assert pages == {p.name.partition(".")[0] for p in EXPECTATIONS}
    assert len(EXPECTATIONS) > 20


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.wikiart.org/robots.txt", "robots"),
        ("https://www.wikiart.org/en", "other"),
        ("https://www.wikiart.org/fr/orla-venn", "other"),
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
    assert wikiart.page_kind(url) == kind


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
        ("https://www.chrono24.com/info/agb.htm", "other"),
    ],
)
def test_page_kind_of_chrono24(url: str, kind: str) -> None:
    assert chrono24.page_kind(url) == kind
