"""Every way through the replicas leads to every work, in every size, on the host that has it."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.params.scrape import Scrape
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.catalogue.work_files import exists
from scrapers.gallery.faults.fault_rules import FaultRule, SiteFault
from scrapers.gallery.faults.misbehaving import Misbehaving
from scrapers.gallery.items import Defect, Work
from scrapers.gallery.replicas.chrono24.app import Chrono24
from scrapers.gallery.replicas.wikiart.app import WikiArt
from scrapers.sites.wikiart import walk as wikiart_walk
from scrapers.sites.wikiart import work as wikiart_work
from tests.scrapers.gallery.visit import Visit, visit, wire_origins

WORKS = Paintings(3, 60, 6)
WATCHES = Watches(3, 60, 2)
ARTISTS = tuple(artist.slug for artist in WORKS.creators)
STYLE = "color-field-painting"
WAYS: dict[str, dict[str, Any]] = {
    "json": {"artists": ARTISTS},
    "style": {"styles": (STYLE,)},
    "listing alone": {"styles": (STYLE,), "details": False},
    "text list": {"artists": ARTISTS, "list_by": "text-list"},
    "sitemap": {"list_by": "sitemap"},
    "split": {"styles": (STYLE,)},
}
NO_MAP = FaultRule(SiteFault.NO_MAP)
OF_2024 = FaultRule(SiteFault.LAYOUT_2024)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is a few bytes that tell whose it is: painting is tested elsewhere."""
    monkeypatch.setattr(Paintings, "_encoded", lambda *asked: repr(asked[1:]).encode())
    monkeypatch.setattr(Watches, "_encoded", lambda *asked: repr(asked[1:3]).encode())


def capped_after(monkeypatch: pytest.MonkeyPatch, works: int) -> None:
    """Have styles end after so many works, as the site's do after 3,600."""
    monkeypatch.setattr("scrapers.gallery.replicas.wikiart.app.PAGE_SIZE", works)
    monkeypatch.setattr("scrapers.gallery.replicas.wikiart.app.MOST_PAGES", 1)
    for module in (wikiart_work, wikiart_walk):
        monkeypatch.setattr(module, "MOST_ROWS", works)


def paintings_visited(way: str, *rules: FaultRule, **params: Any) -> Visit:
    app = Misbehaving(WikiArt(WORKS, wire_origins("wikiart")), rules)
    return visit(app, Scrape(site="wikiart", as_of="2026-05-04", **(WAYS[way] | params)))


def address_of(work: Work, size: str) -> str:
    """Path of the file that should come for a size: the original stands in for a missing one."""
    there = exists((work.picture.width, work.picture.height), size)
    return work.image_path(size if there else None)


@pytest.mark.parametrize("size", ["Large", "HD", "original"])
@pytest.mark.parametrize("way", WAYS)
def test_every_work_is_listed_with_its_picture(
    way: str, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "split":
        capped_after(monkeypatch, 20)
    crawl = paintings_visited(way, image_size=size)
    assert_all_listed(crawl, size)


@pytest.mark.parametrize("way", ["json", "listing alone"])
@pytest.mark.parametrize("rule", [NO_MAP, OF_2024], ids=lambda rule: rule.fault)
def test_rows_without_a_map_and_pages_of_2024_lead_to_as_much(rule: FaultRule, way: str) -> None:
    assert_all_listed(paintings_visited(way, rule, image_size="HD"), "HD")


def assert_all_listed(crawl: Visit, size: str) -> None:
    """60 of 60: with a picture, but for those that no address has, or that the site withholds."""
    by_id = {row["listing_id"]: url for url, row in crawl.rows().items()}
    lost = {Defect.MISSING: 0, Defect.PLACEHOLDER: 0}
    for work in WORKS.works:
        if lost.keys() & set(work.picture.defects):
            lost[work.picture.defects[0]] += 1
        else:
            assert by_id.pop(work.id).endswith(address_of(work, size))
    assert not by_id
    assert len(crawl.images) + len(crawl.missed) + crawl.placeholders == 60
    assert (len(crawl.missed), crawl.placeholders) == tuple(lost.values())


@pytest.mark.parametrize("rules", [(), (OF_2024,)], ids=["2026", "2024"])
def test_what_pages_say_reaches_the_row_in_either_layout(rules: tuple[FaultRule, ...]) -> None:
    rows = paintings_visited("json", *rules, image_size="original").rows().values()
    works = {work.id: work for work in WORKS.works}
    told = [works[row["listing_id"]] for row in rows]
    assert {work.rights for work in told} == {"Public domain", "Fair Use"}
    assert any(work.place for work in told)
    for row, work in zip(rows, told, strict=True):
        assert (row["rights"], row.get("location")) == (work.rights, work.place)
        assert (row["title"], row.get("year_text")) == (work.title, work.year_text or None)


@pytest.mark.parametrize(
    ("details", "rules"),
    [(True, ()), (True, (OF_2024,)), (False, ())],
    ids=["2026", "2024", "listing alone"],
)
def test_every_watch_is_listed_with_its_photographs(
    details: bool, rules: tuple[FaultRule, ...]
) -> None:
    app = Misbehaving(Chrono24(WATCHES, wire_origins("chrono24")), rules)
    asked = Scrape(
        site="chrono24",
        as_of="2026-05-04",
        image_size="ExtraLarge",
        images_per_listing=5,
        details=details,
    )
    crawl = visit(app, asked)
    listed = {(row["listing_id"], row["position"]) for row in crawl.rows().values()}
    expected = {
        (watch.id, position)
        for watch in WATCHES.watches
        for position, picture in enumerate(watch.pictures)
        if Defect.MISSING not in picture.defects
    }
    assert listed == expected
