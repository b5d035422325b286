"""Every way through the replicas leads to every work, in every size, on the host that has it."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.params.scrape import Scrape
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.faults.misbehaving import Misbehaving
from scrapers.gallery.faults.rules import Rule
from scrapers.gallery.items import Defect
from scrapers.gallery.replicas.wikiart import WikiArt
from scrapers.sites.wikiart import walk as wikiart_walk
from scrapers.sites.wikiart import work as wikiart_work
from tests.scrapers.gallery.visit import listed, visit, wire_origins

WORKS = Paintings(3, 60, 6)
ARTISTS = tuple(artist.slug for artist in WORKS.creators)
STYLE = "color-field-painting"
WAYS: dict[str, dict[str, Any]] = {
    "json": {"artists": ARTISTS},
    "style": {"styles": (STYLE,)},
    "without details": {"styles": (STYLE,), "details": False},
    "text-list": {"artists": ARTISTS, "list_by": "text-list"},
    "sitemap": {"list_by": "sitemap"},
    "split": {"styles": (STYLE,)},
}
NOT_HAD = {Defect.MISSING, Defect.PLACEHOLDER}
"""Defects of pictures that no address has."""


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is a few bytes that tell whose it is: painting is tested elsewhere."""
    monkeypatch.setattr(
        Paintings, "_encoded", lambda _, item, __, variant: f"{item}{variant}".encode()
    )
    monkeypatch.setattr(Watches, "_encoded", lambda _, item, place, *__: f"{item}/{place}".encode())


def paintings_visited(way: str, rules: list[Rule], **params: Any) -> dict[str, dict[str, Any]]:
    origins = wire_origins("wikiart")
    app = Misbehaving(WikiArt(WORKS, origins), rules)
    asked = Scrape(site="wikiart", as_of="2026-05-04", **(WAYS[way] | params))
    return listed(visit(app, origins, asked), "wikiart")


@pytest.mark.parametrize("size", ["Large", "HD", "original"])
@pytest.mark.parametrize("way", WAYS)
def test_every_work_is_listed_with_its_picture(
    way: str, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "split":
        monkeypatch.setattr("scrapers.gallery.replicas.wikiart.app.PAGE_SIZE", 20)
        monkeypatch.setattr("scrapers.gallery.replicas.wikiart.app.MOST_PAGES", 1)
        for module in (wikiart_work, wikiart_walk):
            monkeypatch.setattr(module, "MOST_ROWS", 20)
    rows = paintings_visited(way, [], image_size=size)
    had = [work for work in WORKS.works if NOT_HAD.isdisjoint(work.picture.defects)]
    assert {row["listing_id"] for row in rows.values()} == {work.id for work in had}
    by_id = {row["listing_id"]: url for url, row in rows.items()}
    for work in had:
        variant = None if size == "original" else size
        if WORKS.image(work.picture, variant) is None:
            variant = None
        assert by_id[work.id].endswith(work.image_path(variant))
