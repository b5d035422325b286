"""`parse` on real captures: pages as the replicas serve them, written by the capture's writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from curation.selection.listing_state import newest_state
from pipeline.core import tables
from pipeline.core.errors import CaptureError, LayoutChangedError
from pipeline.core.params.parse import Parse
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS, Fetch
from pipeline.stages import parse
from scrapers.address import AddressBook
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.outcome import Outcome
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.replicas.chrono24 import addresses as chrono24
from scrapers.gallery.replicas.chrono24.addresses import IMG, image_path
from scrapers.gallery.replicas.chrono24.app import Chrono24
from scrapers.gallery.replicas.wikiart import addresses as wikiart
from scrapers.gallery.replicas.wikiart.app import WikiArt
from scrapers.gallery.web.messages import Request

WORKS = Paintings(3, 60, 6)
WATCHES = Watches(3, 60, 2)
WIKIART = {host: f"http://127.0.0.1:{41000 + i}" for i, host in enumerate(wikiart.HOSTS)}
CHRONO24 = {host: f"http://127.0.0.1:{42000 + i}" for i, host in enumerate(chrono24.HOSTS)}
STYLE = "/en/paintings-by-style/color-field-painting"
AJAX = {"x-requested-with": "XMLHttpRequest"}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path, "some")


def write(
    paths: Paths,
    site: str,
    origins: dict[str, str],
    outcomes: Iterable[tuple[str, Outcome]],
    as_of: str = "2026-01-01",
    *,
    finished: bool = True,
) -> None:
    description = CaptureDescription(site=site, origin="gallery", as_of=as_of, selection={})
    writer = CaptureWriter(paths.capture(as_of), description, AddressBook(origins), 1_000_000)
    for kind, outcome in outcomes:
        (writer.add_page if kind == "page" else writer.add_image)(outcome)
    if finished:
        writer.finish({})
    else:
        writer.abandon()


def outcome(url: str, body: bytes | None, fetch: Fetch = Fetch.FETCHED) -> Outcome:
    return Outcome(url, "http://127.0.0.1:41000", fetch, "2026-01-01T00:00:00.000+00:00", body=body)


def paintings(details: bool = True) -> list[tuple[str, Outcome]]:
    """What a scrape of the style records; every picture is its own address as bytes."""
    site = WikiArt(WORKS, WIKIART)
    answer = site.answer(wikiart.WWW, Request(STYLE, {"json": "2", "page": "1"}, AJAX))
    recorded = [("page", outcome(f"{wikiart.WWW}{STYLE}?json=2&page=1", answer.body))]
    for work in WORKS.works:
        path = wikiart.page_path(work)
        if details:
            page = site.answer(wikiart.WWW, Request(path))
            recorded.append(("page", outcome(wikiart.WWW + path, page.body)))
        path = work.image_path("Large")
        url = wikiart.host_of(path) + path
        recorded.append(("image", outcome(url, url.encode())))
    return recorded


def watches() -> list[tuple[str, Outcome]]:
    site = Chrono24(WATCHES, CHRONO24)
    recorded = []
    for brand in WATCHES.creators:
        path = f"/{brand.slug}/index.htm"
        recorded.append(
            ("page", outcome(chrono24.WWW + path, site.answer(chrono24.WWW, Request(path)).body))
        )
    for watch in WATCHES.watches:
        for picture in watch.pictures[:2]:
            path = image_path(picture, "ExtraLarge")
            url = IMG + path
            recorded.append(("image", outcome(url, None, Fetch.GONE)))
    return recorded


def table_of(paths: Paths) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = tables.read(paths.table("listings"), LISTINGS).to_pylist()
    return rows


def test_every_work_becomes_one_row_with_all_that_its_pages_say(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    write(paths, "wikiart", WIKIART, paintings())
    parse.run(paths, Parse())
    rows = {row["listing_id"]: row for row in table_of(paths)}
    placeholders = 0
    for work in WORKS.works:
        if work.id not in rows:
            placeholders += 1
            continue
        row = rows[work.id]
        assert (row["title"], row["creator"]) == (work.title, work.artist.slug)
        assert (row["style"], row["rights"]) == (", ".join(work.styles), work.rights)
        assert (row["year_text"] or "") == work.year_text
        assert row["page_url"] == wikiart.WWW + wikiart.page_path(work)
        assert str(row["image_url"]).startswith("https://uploads")
        assert row["fetch"] == "fetched"
    assert len(rows) + placeholders == len(WORKS.works)
    n = len(rows)
    expected = f"parse: {n} images of {n} listings from 1 capture: {n} fetched"
    assert expected in capsys.readouterr().err


def test_a_listing_alone_is_enough(paths: Paths) -> None:
    write(paths, "wikiart", WIKIART, paintings(details=False))
    parse.run(paths, Parse())
    rows = table_of(paths)
    assert len(rows) > 50
    assert all(row["layer"] == "json" and row["style"] is None for row in rows)


def test_each_photograph_of_a_watch_is_a_row(paths: Paths) -> None:
    write(paths, "chrono24", CHRONO24, watches())
    parse.run(paths, Parse())
    rows = {(row["listing_id"], row["position"]): row for row in table_of(paths)}
    expected = {(w.id, i) for w in WATCHES.watches for i in range(min(2, len(w.pictures)))}
    assert rows.keys() == expected
    assert {row["fetch"] for row in rows.values()} == {"gone"}
    watch = WATCHES.watches[0]
    kind = "private" if watch.private_seller else "dealer"
    assert rows[watch.id, 0]["seller"] == f"{kind}, {watch.country}"


def test_the_same_captures_make_the_same_bytes(paths: Paths) -> None:
    write(paths, "wikiart", WIKIART, paintings())
    parse.run(paths, Parse())
    first = paths.table("listings").read_bytes()
    parse.run(paths, Parse())
    assert paths.table("listings").read_bytes() == first


def test_a_second_capture_stands_beside_the_first(paths: Paths) -> None:
    write(paths, "wikiart", WIKIART, paintings())
    moved = {
        host: address.replace("127.0.0.1:41", "127.0.0.1:43") for host, address in WIKIART.items()
    }
    half = paintings(details=False)[:30]
    write(paths, "wikiart", moved | WIKIART, half, "2026-02-01")
    parse.run(paths, Parse())
    fetched = Counter((row["capture"], row["fetch"]) for row in table_of(paths))
    asked = fetched["2026-02-01", "unchanged"]
    listed = newest_state(tables.read(paths.table("listings"), LISTINGS))
    assert fetched == {
        ("2026-01-01", "fetched"): listed.num_rows,
        ("2026-02-01", "unchanged"): asked,
        ("2026-02-01", None): listed.num_rows - asked,
    }
    assert 25 < asked < 30
    assert set(listed["last_capture"].to_pylist()) == {"2026-02-01"}
    assert set(listed["shown"].to_pylist()) == {True}


def test_what_a_second_walk_over_the_same_lists_does_not_meet_is_told(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    write(paths, "chrono24", CHRONO24, watches())
    fewer = [(kind, o) for kind, o in watches() if f"/{WATCHES.creators[0].slug}/" not in o.url]
    write(paths, "chrono24", CHRONO24, fewer, "2026-02-01")
    parse.run(paths, Parse())
    left = {row["listing_id"] for row in table_of(paths) if row["image_key"] == ""}
    of_brand = {watch.id for watch in WATCHES.watches if watch.brand is WATCHES.creators[0]}
    assert left == of_brand
    assert f"; {len(left)} times a listing without one" in capsys.readouterr().err


def test_an_unfinished_capture_is_not_parsed(paths: Paths) -> None:
    write(paths, "wikiart", WIKIART, paintings()[:3], finished=False)
    with pytest.raises(CaptureError, match="unfinished"):
        parse.run(paths, Parse())


def test_no_capture_is_told_in_a_sentence(paths: Paths) -> None:
    with pytest.raises(CaptureError, match="salon scrape some"):
        parse.run(paths, Parse())


def test_a_few_lost_pages_are_named_and_many_stop_the_stage(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = paintings()
    detail = [i for i, (kind, o) in enumerate(sound) if kind == "page" and "?" not in o.url]
    for count, on in ((2, "2026-01-01"), (len(detail) // 2 + 1, "2026-02-01")):
        recorded = list(sound)
        for i in detail[:count]:
            recorded[i] = ("page", outcome(recorded[i][1].url, b"<html><p>withdrawn</p></html>"))
        write(paths, "wikiart", WIKIART, recorded, on)
        if count == 2:
            parse.run(paths, Parse())
            assert "2 pages could not be read, the first: https://" in capsys.readouterr().err
    with pytest.raises(LayoutChangedError, match=f"{count} of {len(detail)} pages"):
        parse.run(paths, Parse())


def test_a_listing_that_cannot_be_read_stops_the_stage(paths: Paths) -> None:
    page = outcome(f"{wikiart.WWW}{STYLE}?json=2&page=1", b'{"Works": []}')
    write(paths, "wikiart", WIKIART, [("page", page)])
    with pytest.raises(LayoutChangedError, match="Paintings"):
        parse.run(paths, Parse())
