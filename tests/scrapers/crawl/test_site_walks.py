"""Which pages and images the walks ask for, of the replicas themselves, without a browser."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pipeline.core.errors import CappedError, GoneError, LayoutChangedError
from pipeline.core.params.scrape import Scrape
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.catalogue.work_files import exists
from scrapers.gallery.items import Defect
from scrapers.gallery.replicas.chrono24 import addresses as chrono24
from scrapers.gallery.replicas.chrono24.app import Chrono24
from scrapers.gallery.replicas.wikiart import addresses as wikiart
from scrapers.gallery.replicas.wikiart.app import WikiArt
from scrapers.sites.chrono24 import walk as chrono24_walk
from scrapers.sites.wikiart import walk as wikiart_walk
from scrapers.sites.wikiart import work
from scrapers.sites.wikiart.pages import page_kind
from tests.scrapers.crawl.asking import Asking

WORKS = Paintings(3, 150, 5)
OF_MANY = Paintings(3, 150, 70)
"""A third of its artists have no work among the first sixty."""
WATCHES = Watches(3, 150, 2)
STYLE = "color-field-painting"


def wikiart_replica(works: Paintings = WORKS) -> Asking:
    return Asking(WikiArt(works, {host: host for host in wikiart.HOSTS}), wikiart.WWW)


def chrono24_replica() -> Asking:
    return Asking(Chrono24(WATCHES, {h: h for h in chrono24.HOSTS}), chrono24.WWW)


def walked(asking: Asking, **params: Any) -> Asking:
    module = wikiart_walk if asking.host == wikiart.WWW else chrono24_walk
    values: dict[str, Any] = {"site": "wikiart", "image_size": "Large"}
    if module is chrono24_walk:
        values = {"site": "chrono24", "image_size": "ExtraLarge"}
    asked = Scrape(as_of="2026-05-04", **(values | params))
    module.walk(asking, asked)
    return asking


def details(asking: Asking) -> list[str]:
    """The works' own pages that were asked for."""
    own = (url for url in asking.pages if page_kind(url) == "detail")
    return [url.removeprefix(wikiart.WWW) for url in own]


ALL = [wikiart.page_path(w) for w in WORKS.works]
ARTIST = WORKS.creators[1].slug
OF_ARTIST = [wikiart.page_path(w) for w in WORKS.works_of(ARTIST)]


@pytest.mark.parametrize("list_by", ["json", "text-list", "sitemap"])
def test_an_artists_works_are_the_same_however_they_are_looked_up(list_by: str) -> None:
    asking = walked(wikiart_replica(), artists=(ARTIST,), list_by=list_by)
    assert sorted(details(asking)) == sorted(OF_ARTIST)
    assert len(asking.images) == len(OF_ARTIST)


def test_the_sitemap_alone_names_every_work() -> None:
    assert details(walked(wikiart_replica(), list_by="sitemap")) == ALL


def test_a_work_of_two_listings_is_taken_once() -> None:
    genres = tuple({w.genre for w in WORKS.works if w.genre})
    slugs = tuple(sorted(genre.replace(" ", "-") for genre in genres))
    asking = walked(wikiart_replica(), styles=(STYLE,), genres=slugs, artists=(ARTIST,))
    assert sorted(details(asking)) == sorted(ALL)


def test_a_size_that_does_not_exist_is_not_asked_for_first() -> None:
    asking = walked(wikiart_replica(), styles=(STYLE,), image_size="HD")
    known = {w.picture.key: w.picture for w in WORKS.works}
    for url in asking.images:
        key, _, variant = url.rpartition("/")[2].partition(".jpg")
        if key in known and Defect.PLACEHOLDER not in known[key].defects:
            big = exists((known[key].width, known[key].height), "HD")
            assert (variant == "!HD.jpg") == big


def test_an_address_that_a_works_own_page_states_is_believed() -> None:
    asking = wikiart_replica()
    work = next(w for w in WORKS.works_of(ARTIST) if not w.picture.defects)
    url = wikiart.WWW + wikiart.page_path(work)
    page = (asking.page(url) or b"").decode()
    stated = f"https://uploads5.wikiart.org{work.image_path}!Stated.jpg"
    asking.changed[url] = re.sub(
        r"(&#34;|&quot;)https://[^&]*!Large.jpg", rf"\1{stated}", page
    ).encode()
    assert asking.changed[url] != page.encode()
    walked(asking, artists=(ARTIST,))
    assert stated in asking.images


def test_max_listings_is_the_number_of_works() -> None:
    asking = walked(wikiart_replica(), styles=(STYLE,), max_listings=7)
    assert details(asking) == ALL[:7]


@pytest.fixture
def capped(monkeypatch: pytest.MonkeyPatch) -> Asking:
    """A style that hands out one page of its three, as the site does after sixty."""
    monkeypatch.setattr("scrapers.gallery.replicas.wikiart.app.MOST_PAGES", 1)
    for module in (work, wikiart_walk):
        monkeypatch.setattr(module, "MOST_ROWS", 60)
    return wikiart_replica(OF_MANY)


def test_a_capped_listing_is_completed_through_its_artists(
    capped: Asking, capsys: pytest.CaptureFixture[str]
) -> None:
    asking = walked(capped, styles=(STYLE,))
    works = {wikiart.page_path(work) for work in OF_MANY.works}
    assert set(details(asking)) == works
    assert len(asking.images) == len(works)
    said = " ".join(capsys.readouterr().err.split())
    assert "announces 150 works and hands out 60; going on through the artists" in said
    assert "works were found" not in said


@pytest.mark.parametrize("page", [None, b"<html>not a list of artists</html>"])
def test_where_no_artists_are_listed_the_missing_works_are_counted(
    capped: Asking, capsys: pytest.CaptureFixture[str], page: bytes | None
) -> None:
    capped.changed[f"{wikiart.WWW}/en/artists-by-art-movement/{STYLE}/text-list"] = page
    asking = walked(capped, styles=(STYLE,))
    first = {work.artist.slug for work in OF_MANY.works[:60]}
    expected = {wikiart.page_path(w) for w in OF_MANY.works if w.artist.slug in first}
    assert len(expected) < 150
    assert set(details(asking)) == expected
    said = " ".join(capsys.readouterr().err.split())
    assert f"{len(expected)} of 150 works were found; name the artists of the others" in said


def test_works_of_another_style_are_left_out_of_a_split(capped: Asking) -> None:
    listed = {work.artist.slug for work in OF_MANY.works[:60]}
    other = next(work for work in OF_MANY.works[60:] if work.artist.slug in listed)
    url = wikiart.WWW + wikiart.page_path(other)
    page = wikiart_replica(OF_MANY).page(url) or b""
    capped.changed[url] = page.replace(f"/paintings-by-style/{STYLE}".encode(), b"/elsewhere/x")
    asking = walked(capped, styles=(STYLE,))
    assert url in asking.pages
    assert not any(other.image_path() in image for image in asking.images)
    whole = walked(wikiart_replica(OF_MANY), styles=(STYLE,))
    assert any(other.image_path() in image for image in whole.images)


def test_a_capped_listing_without_details_cannot_be_split(capped: Asking) -> None:
    with pytest.raises(CappedError, match=r"announces 150 works and hands out 60.*details: true"):
        walked(capped, styles=(STYLE,), details=False)


def test_one_page_that_cannot_be_read_is_passed_over_and_many_stop_the_walk() -> None:
    asking = wikiart_replica()
    asking.changed[wikiart.WWW + OF_ARTIST[0]] = b"<html><p>withdrawn</p></html>"
    walked(asking, artists=(ARTIST,), list_by="text-list")
    assert len(asking.images) == len(OF_ARTIST) - 1
    asking = wikiart_replica()
    asking.changed = {wikiart.WWW + path: b"<html></html>" for path in OF_ARTIST}
    with pytest.raises(LayoutChangedError, match="paintingJson"):
        walked(asking, artists=(ARTIST,), list_by="text-list")


def test_an_unknown_slug_is_gone() -> None:
    with pytest.raises(GoneError, match="lists no works"):
        walked(wikiart_replica(), styles=("nobody-paints-so",))
    with pytest.raises(GoneError, match="correct artists"):
        walked(wikiart_replica(), artists=("nobody",), list_by="text-list")
    with pytest.raises(GoneError, match="correct brands, models or references"):
        walked(chrono24_replica(), brands=("nobody",))


def test_rows_without_a_page_of_their_own_are_taken_too() -> None:
    asking = wikiart_replica()
    row = {"title": "A", "image": "https://uploads0.wikiart.org/images/a/a.jpg", "contentId": 7}
    url = f"{wikiart.WWW}/en/{ARTIST}/mode/all-paintings?json=2&layout=new&page=1"
    body = json.dumps({"Paintings": [row], "AllPaintingsCount": 1}).encode()
    asking.changed[f"{url}&resultType=masonry"] = body
    assert walked(asking, artists=(ARTIST,)).images == [
        "https://uploads1.wikiart.org/images/a/a.jpg!Large.jpg"
    ]


@pytest.mark.parametrize("count", [None, 150])
def test_a_listing_whose_pages_repeat_ends(
    count: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    asking = wikiart_replica()
    gallery = f"{wikiart.WWW}/en/{ARTIST}/mode/all-paintings"
    of_first_page = asking.page(f"{gallery}?json=2&layout=new&page=1&resultType=masonry") or b""
    wrapper = json.loads(of_first_page) | {"AllPaintingsCount": count}
    asking.pages.clear()
    for number in range(1, 10):
        url = f"{gallery}?json=2&layout=new&page={number}&resultType=masonry"
        asking.changed[url] = json.dumps(wrapper).encode()
    walked(asking, artists=(ARTIST,))
    assert sum("json=2" in url for url in asking.pages) == 2
    assert len(asking.images) == len(OF_ARTIST)
    said = " ".join(capsys.readouterr().err.split())
    assert f"{gallery}: page 2 lists only works that an earlier page lists" in said


def test_a_listing_without_a_count_ends_with_its_first_empty_page() -> None:
    asking = wikiart_replica()
    gallery = f"{wikiart.WWW}/en/{ARTIST}/mode/all-paintings"
    for number in (1, 2):
        url = f"{gallery}?json=2&layout=new&page={number}&resultType=masonry"
        wrapper = json.loads(asking.page(url) or b"")
        del wrapper["AllPaintingsCount"]
        asking.changed[url] = json.dumps(wrapper).encode()
    asking.pages.clear()
    walked(asking, artists=(ARTIST,))
    assert sum("json=2" in url for url in asking.pages) == 2
    assert len(asking.images) == len(OF_ARTIST)


def test_models_and_references_are_walked_to_their_last_page() -> None:
    brand = WATCHES.creators[0]
    watches = WATCHES.watches_of(brand.slug)
    first = watches[0]
    model = chrono24.model_path(first).removeprefix("/").removesuffix(".htm")
    reference = chrono24.reference_path(first).removeprefix("/").removesuffix(".htm")
    of_model = [w for w in watches if w.model_id == first.model_id]
    of_reference = [w for w in watches if w.reference == first.reference]
    asking = walked(chrono24_replica(), models=(model,))
    expected = {chrono24.WWW + chrono24.page_path(w) for w in of_model}
    assert {url for url in asking.pages if "--id" in url} == expected
    asking = walked(chrono24_replica(), references=(reference,))
    expected = {chrono24.WWW + chrono24.page_path(w) for w in of_reference}
    assert {url for url in asking.pages if "--id" in url} == expected


def test_a_listing_of_watches_whose_pages_repeat_ends(capsys: pytest.CaptureFixture[str]) -> None:
    asking = chrono24_replica()
    index = f"{chrono24.WWW}/{WATCHES.creators[0].slug}/index"
    page = asking.page(f"{index}.htm") or b""
    asking.pages.clear()
    for number in range(2, 10):
        following = f"-{number + 1}.htm".encode()
        asking.changed[f"{index}-{number}.htm"] = page.replace(b"-2.htm", following)
    walked(asking, brands=(WATCHES.creators[0].slug,))
    assert [url for url in asking.pages if "/index" in url] == [f"{index}.htm", f"{index}-2.htm"]
    assert "lists the watches of the page before it once more" in capsys.readouterr().err


def test_promoted_watches_are_taken_once() -> None:
    asking = walked(chrono24_replica(), brands=tuple(b.slug for b in WATCHES.creators))
    own = [url for url in asking.pages if "--id" in url]
    assert len(own) == len(set(own)) == len(WATCHES.watches)
    assert all(url.endswith("-ExtraLarge.jpg") for url in asking.images)
