"""The three described sites walked whole, offline; and over HTTP through Chromium, as captured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import CaptureError, DescriptionError, GoneError, LayoutChangedError
from pipeline.core.log import progress
from pipeline.core.params.scrape import Gallery, Scrape
from pipeline.core.sites import DESCRIPTIONS, START_LISTS
from scrapers import job
from scrapers.address import AddressBook
from scrapers.browser.browser import Browser
from scrapers.capture import Capture
from scrapers.capture.capture_description import STEERING, CaptureDescription, walked_again
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.crawl.capture_crawl import CaptureCrawl
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.pieces import Pieces
from scrapers.gallery.faults.fault_rules import FaultRule, SiteFault
from scrapers.gallery.faults.misbehaving import Misbehaving
from scrapers.gallery.items import Defect
from scrapers.gallery.replica_registry import app_of, truth_rows
from scrapers.gallery.server import HostServer, running
from scrapers.gallery.web.messages import Request, Response
from scrapers.http.fetchers import fetchers
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy
from scrapers.site_registry import SITES
from scrapers.sites.described.load_description import steering
from scrapers.sites.described.records import Described, read_listing
from scrapers.sites.described.walk import walk
from tests.scrapers.gallery.visit import Visit, wire_origins
from tests.scrapers.sites.descriptions import made, named, small

SIZE = Gallery(seed=3, works=60, creators=6)
QUERIES = {"fashion": ("coats", "dresses", "shirts", "trousers")}
WAYS = [
    # site, size, and whether items' own pages are visited
    ("carlogos", "large", True),
    ("carlogos", "small", False),
    ("fashion", "large", False),
    ("fashion", "medium", True),
    ("museum", "whole", True),
]
OF_2024 = SiteFault.LAYOUT_2024
DRIFT = [
    # what changes, and the rule that the error names
    ("carlogos", FaultRule(OF_2024, "/badges/[?]*"), "`li.badge-card` (listing.item)"),
    ("carlogos", FaultRule(OF_2024, "/badges/?*-*"), "`css: figure img.zoomable::image`"),
    ("fashion", FaultRule(OF_2024, "/c/*"), "`article.product-card` (listing.item), nor by"),
    ("fashion", FaultRule(OF_2024, "/i/*"), "`json_ld: Product.name` (detail.fields.title)"),
    ("museum", FaultRule(OF_2024, "/v1/artworks[?]*"), "`data[]` (listing.item)"),
    (
        "museum",
        FaultRule(OF_2024, "/v1/artworks/*"),
        "`path: data.image_id` (detail.fields.images)",
    ),
]


def params(site: str, **more: Any) -> Scrape:
    size = next(iter((SITES[site].steering and named(site).description.image.sizes) or ()))
    asked = {"as_of": "2026-05-04", "queries": QUERIES.get(site, ()), "image_size": size}
    gentle = {"seconds_between_pages": 0.0, "seconds_between_images": 0.0, "retries": 0}
    return Scrape.model_validate({"site": site, "gallery": SIZE, **asked, **gentle, **more})


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is a few bytes that tell whose it is: painting is tested elsewhere."""
    monkeypatch.setattr(Paintings, "_encoded", lambda *asked: repr(asked[1:]).encode())
    monkeypatch.setattr(Pieces, "_painted", None, raising=False)
    monkeypatch.setattr(
        Pieces,
        "image",
        lambda _, p, width: None if Defect.MISSING in p.defects else f"{p.key} {width}".encode(),
    )


def walked(site: Described, rules: tuple[FaultRule, ...] = (), **more: Any) -> Visit:
    app = Misbehaving(app_of(site.name, SIZE, wire_origins(site.name)), rules)
    crawl = Visit(app, site.name)
    walk(site, crawl, params(site.name, images_per_listing=5, **more))
    return crawl


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize(("site", "size", "details"), WAYS)
def test_every_picture_of_the_truth_is_met(site: str, size: str, details: bool) -> None:
    crawl = walked(named(site), image_size=size, details=details)
    truth = {(row["listing_id"], row["position"]): row["defects"] for row in truth_rows(site, SIZE)}
    missing = {Defect.MISSING, *([Defect.PLACEHOLDER] if site == "museum" else [])}
    expected = {place for place, defects in truth.items() if not missing & {*defects.split(",")}}
    if not details:  # cards show the first picture
        expected = {place for place in expected if place[1] == 0}
    met = {(row["listing_id"], row["position"]) for row in crawl.rows().values()}
    assert met == expected
    assert len(crawl.missed) == len(truth) - len(expected) - (0 if details else len(truth) - 60)
    names = {"large": ("/large/", "_600x"), "small": ("/small/",), "medium": ("_300x",)}
    marks = names.get(size, ("/max/",))
    assert all(any(mark in url for mark in marks) for url in crawl.images)


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize(("site", "rule", "said"), DRIFT, ids=[said for *_, said in DRIFT])
def test_a_site_that_changed_its_markup_stops_the_walk(
    site: str, rule: FaultRule, said: str
) -> None:
    with pytest.raises(LayoutChangedError) as caught:
        walked(named(site), (rule,))
    assert said in str(caught.value)
    assert f"{site}.yaml" in str(caught.value)


@pytest.mark.usefixtures("cheap")
def test_links_that_lead_elsewhere_than_described_stop_the_walk() -> None:
    site = named("carlogos", "match: /badges/[a-z0-9-]*-[0-9]+/$", "match: /emblems/")
    with pytest.raises(LayoutChangedError, match=r"`/emblems/` \(detail.match in carlogos.yaml\)"):
        walked(site)


@pytest.mark.usefixtures("cheap")
def test_a_key_that_differs_with_the_size_is_refused() -> None:
    key = "  key: {re: '^', to: x}\n  sizes:"
    site = named("fashion", "  sizes:", key)
    with pytest.raises(DescriptionError, match=r"are one image in two sizes.*write image.key"):
        walked(site, image_size="medium")


@pytest.mark.usefixtures("cheap")
def test_a_query_that_lists_nothing_is_named() -> None:
    with pytest.raises(GoneError, match=r"/c/hats/\?page=1: not found; correct queries in params"):
        walked(named("fashion"), queries=("hats",))


def test_params_know_a_described_site_by_its_file() -> None:
    with pytest.raises(ValueError, match="name at least one of queries"):
        params("fashion", queries=())
    with pytest.raises(ValueError, match="image_size huge does not exist on carlogos; write large"):
        params("carlogos", image_size="huge")
    with pytest.raises(ValueError, match="queries: belong to"):
        params("museum", queries=("coats",))


def test_a_capture_of_another_walk_is_another_capture(tmp_path: Path) -> None:
    asked = job.description_of(params("carlogos"))
    assert asked.selection[STEERING] == steering(named("carlogos").description)
    folder = tmp_path / "logos" / "2026-05-04"
    CaptureWriter(folder, asked, AddressBook(), 1_000_000).finish({})
    assert job.finished(folder, params("carlogos")) is not None
    other = CaptureDescription(
        asked.site, asked.origin, asked.as_of, {**asked.selection, STEERING: "x"}
    )
    assert not walked_again(other, asked, listings=1, most_listed=None)
    assert walked_again(asked, asked, listings=1, most_listed=None)
    CaptureWriter(tmp_path / "b" / "2026-05-04", other, AddressBook(), 1_000_000).finish({})
    with pytest.raises(CaptureError, match=r"finished with other params \(description"):
        job.finished(tmp_path / "b" / "2026-05-04", params("carlogos"))


@pytest.mark.parametrize("unknown", sorted({*START_LISTS} - {"styles"}))
def test_a_list_that_a_capture_did_not_know_yet_was_empty(unknown: str, tmp_path: Path) -> None:
    asked = Scrape(site="wikiart", as_of="2026-05-04", styles=("cubism",), image_size="Large")
    held = job.description_of(asked)
    assert STEERING not in held.selection
    del held.selection[unknown]
    folder = tmp_path / "c" / "2026-05-04"
    CaptureWriter(folder, held, AddressBook(), 1_000_000).finish({})
    assert job.finished(folder, asked) is not None
    with pytest.raises(CaptureError, match=rf'\({unknown}: \[\] -> \["b"\]\)'):
        job.finished(folder, asked.model_copy(update={unknown: ("b",)}))


def test_pages_saved_from_a_described_site_are_captured(tmp_path: Path) -> None:
    """The page, and a smaller picture than the one that a walk would have asked for."""
    page = DESCRIPTIONS / "fashion.pages" / "detail.html"
    saved, to = tmp_path / "saved", tmp_path / "c" / "2026-05-04"
    (saved / "coat_files").mkdir(parents=True)
    note = b"<!-- saved from url=(0043)https://www.fashion.example/i/x-40009 -->"
    body = page.read_bytes().replace(b"</body>", b'<img src="coat_files/x.jpg"></body>')
    (saved / "coat.html").write_bytes(note + body)
    (saved / "coat_files" / "grisaille-6-40009-0_150x200.jpg").write_bytes(b"\xff\xd8\xff picture")
    asked = params("fashion", origin="folder", folder=str(saved), queries=())
    job.capture(to, asked, work=tmp_path, retry_policy=RetryPolicy(0))
    rows = {row["kind"]: row for row in Capture(to).manifest().to_pylist()}
    assert (rows["page"]["fetch"], rows["image"]["fetch"]) == ("fetched", "fetched")
    assert SITES["fashion"].image_key(rows["image"]["url"]) == "p/grisaille-6-40009-0_600x800.jpg"


SITEMAP = """<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{inner}</{root}>"""
URLS = """<url><loc>{at}/{n}?a=1&amp;b=2</loc>
<image:image><image:loc>{at}/{n}.jpg</image:loc></image:image></url>"""
FEED = """<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><item><title>A &amp; B</title><link>{at}/1</link><dc:creator>Ann</dc:creator>
<pubDate>Mon, 06 Sep 2021 00:01:00 +0000</pubDate>
<description><![CDATA[<p>new: <img src="{at}/1.jpg"></p>]]></description></item></channel></rss>"""


class Xml:
    """A site of a feed and of a sitemap in two parts."""

    def answer(self, host: str, request: Request) -> Response:
        del host
        at = "https://www.shop.example"
        shard = f"<sitemap><loc>{at}/shard.xml</loc></sitemap>"
        inner = "".join(URLS.format(at=at, n=n) for n in range(3))
        bodies = {
            "/index.xml": (SITEMAP.format(root="sitemapindex", inner=shard), "application/xml"),
            "/shard.xml": (SITEMAP.format(root="urlset", inner=inner), "text/xml"),
            "/feed": (FEED.format(at=at), "application/rss+xml"),
        }
        body, kind = bodies[request.path]
        return Response(200, kind, body.encode())


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    profile = tmp_path_factory.mktemp("described") / "profile"
    with Browser(profile, user_agent="Salon", timeout_s=10.0, hosts=("127.0.0.1",)) as browser:
        yield browser


def captured(browser: Browser, site: Described, asked: Scrape, book: AddressBook, to: Path) -> Any:
    """What `scrapers.job.capture` does, in the browser that is there."""
    writer = CaptureWriter(to, job.description_of(asked), book, 1_000_000)
    limiter = RateLimiter()
    pages, images = fetchers(
        asked, site.description.hosts, book, browser, RetryPolicy(0), limiter, writer.earlier
    )
    try:
        with (
            progress("described") as bar,
            closing(CaptureCrawl(writer, pages, images, 2, bar)) as crawl,
        ):
            crawl.begin()
            walk(site, crawl, asked)
            assert crawl.finish() == 0
        writer.finish({})
    finally:
        limiter.stop()
        writer.abandon()
    return Capture(to)


@pytest.mark.parametrize("name", ["carlogos", "fashion", "museum"])
def test_a_described_site_is_captured_over_http(
    name: str, browser: Browser, tmp_path: Path
) -> None:
    asked = params(name, max_listings=4, images_per_listing=2)
    rules: list[FaultRule] = []
    with running(name, SIZE, rules=rules) as origins:
        book = AddressBook(origins)
        capture = captured(browser, named(name), asked, book, tmp_path / "c" / "2026-05-04")
        rows = capture.manifest().to_pylist()
        assert {row["fetch"] for row in rows} <= {"fetched", "gone"}
        assert sum(row["kind"] == "page" for row in rows) == 5
        assert all(not row["url"].startswith("http://127") for row in rows)
        keys = {SITES[name].image_key(row["url"]) for row in rows if row["kind"] == "image"}
        told = [
            fact
            for page in capture.pages()
            for fact in SITES[name].facts(page.body, page.url, capture.canonical)
        ]
        assert keys <= {fact.image_key for fact in told}
        rules.append(FaultRule(OF_2024))
        with pytest.raises(LayoutChangedError, match=rf"{name}\.yaml: nothing is matched by"):
            captured(browser, named(name), asked, book, tmp_path / "d" / "2026-05-05")


def test_feeds_and_sitemaps_are_read_as_chromium_shows_them(browser: Browser) -> None:
    server = HostServer(0)
    server.serve(Xml(), "https://www.shop.example")
    detail = {"match": "/[0-9]", "fields": {"images": "img::image"}}
    bodies = {
        p: browser.open(server.address + p).body.encode()
        for p in ("/index.xml", "/shard.xml", "/feed")
    }
    server.shutdown()
    server.server_close()

    def read(form: str, path: str) -> Any:
        start = f"https://www.shop.example{path}"
        site = made({**small(), "detail": detail, "listing": {"format": form, "start": start}})
        return read_listing(site, bodies[path], start, str)

    assert read("sitemap", "/index.xml").lists == ("https://www.shop.example/shard.xml",)
    shard = read("sitemap", "/shard.xml").items
    assert [item.link for item in shard] == [
        f"https://www.shop.example/{n}?a=1&b=2" for n in range(3)
    ]
    assert [*shard[2].images.values()] == ["https://www.shop.example/2.jpg"]
    (entry,) = read("feed", "/feed").items
    assert (entry.link, *entry.images.values()) == (
        "https://www.shop.example/1",
        "https://www.shop.example/1.jpg",
    )
    told = {name: answer.values for name, answer in entry.answers.items()}
    assert (told["title"], told["creator_name"], told["year_text"]) == (
        ("A & B",),
        ("Ann",),
        ("2021",),
    )
