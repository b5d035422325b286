"""The replica of WikiArt over real HTTP, and what the parsers read back from it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests

from pipeline.core.params.scrape import Gallery
from scrapers.address import AddressBook
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.work_files import VARIANTS, exists
from scrapers.gallery.items import Defect, Work
from scrapers.gallery.replicas.replica import Facet
from scrapers.gallery.replicas.wikiart.addresses import HOSTS, WWW, host_of, page_path
from scrapers.gallery.replicas.wikiart.app import WikiArt
from scrapers.gallery.server import running
from scrapers.gallery.web.messages import Request
from scrapers.sites.wikiart.detail import parse_detail
from scrapers.sites.wikiart.images import is_placeholder
from scrapers.sites.wikiart.listing import parse_listing_json, parse_text_list
from scrapers.sites.wikiart.work import WikiArtWork as Row

SMALL = Gallery(seed=3, works=130, creators=6)
STYLE = "/en/paintings-by-style/color-field-painting"
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture(scope="module")
def works() -> Paintings:
    return Paintings(SMALL.seed, SMALL.works, SMALL.creators)


@pytest.fixture(scope="module")
def book() -> Iterator[AddressBook]:
    with running("wikiart", SMALL) as origins:
        yield AddressBook(origins)


def get(book: AddressBook, path: str, **headers: str) -> requests.Response:
    return requests.get(book.to_wire(WWW + path), headers=headers, timeout=20)


def rows_of(book: AddressBook, path: str) -> list[Row]:
    rows: list[Row] = []
    for number in range(1, 100):
        url = f"{WWW}{path}?json=2&layout=new&page={number}&resultType=masonry"
        answer = get(book, url.removeprefix(WWW), **SCRIPT)
        page = parse_listing_json(answer.content, url)
        if not page.rows:
            assert len(rows) == page.total
            return rows
        rows += page.rows
    raise AssertionError("the listing does not end")


def facts(work: Work) -> tuple[object, ...]:
    return (
        work.id,
        work.title,
        work.artist.slug,
        work.artist.name,
        work.year_text or None,
        f"{WWW}{page_path(work)}",
    )


def test_listings_hold_every_work_exactly_as_the_catalogue_has_it(
    book: AddressBook, works: Paintings
) -> None:
    rows = rows_of(book, STYLE)
    assert len(rows) == SMALL.works
    for row, work in zip(rows, works.works, strict=True):
        read = (row.id, row.title, row.artist_slug, row.artist_name, row.year_text, row.page_url)
        assert read == facts(work)
        size = (work.picture.width, work.picture.height)
        assert (row.width, row.height) == size
        assert set(row.derivatives or ()) == {name for name in VARIANTS if exists(size, name)}
        assert row.image_url is not None
        assert is_placeholder(row.image_url) == (Defect.PLACEHOLDER in work.picture.defects)


def test_an_artist_lists_the_same_works_in_all_three_ways(
    book: AddressBook, works: Paintings
) -> None:
    for artist in works.creators:
        ids = [work.id for work in works.works_of(artist.slug)]
        listed = rows_of(book, f"/en/{artist.slug}/mode/all-paintings")
        assert [row.id for row in listed] == ids
        path = f"/en/{artist.slug}/all-works/text-list"
        texts = parse_text_list(get(book, path).content, WWW + path).rows
        for row, text in zip(listed, texts, strict=True):
            assert (row.page_url, row.title) == (text.page_url, text.title)
        path = f"/en/App/Painting/PaintingsByArtist?artistUrl={artist.slug}&json=2"
        plain = parse_listing_json(get(book, path).content, WWW + path).rows
        assert [row.title for row in plain] == [row.title for row in listed]


def test_every_page_of_a_work_says_what_the_catalogue_says(
    book: AddressBook, works: Paintings
) -> None:
    for work in works.works:
        path = page_path(work)
        detail = parse_detail(get(book, path).content, WWW + path)
        assert (
            detail.id,
            detail.title,
            detail.artist_slug,
            detail.artist_name,
            detail.year_text,
            detail.page_url,
        ) == facts(work)
        assert (detail.styles, detail.media) == (work.styles, work.media)
        assert detail.genres == ((work.genre,) if work.genre else ())
        assert (detail.tags, detail.rights) == (work.tags, work.rights)
        withheld = Defect.PLACEHOLDER in work.picture.defects
        size = (work.picture.width, work.picture.height)
        names = {"Original", *(name for name in VARIANTS if exists(size, name))}
        assert {s.name for s in detail.sizes} == (set() if withheld else names)


def test_image_hosts_serve_what_the_pages_announce(book: AddressBook, works: Paintings) -> None:
    seen: set[Defect | None] = set()
    for work in works.works:
        defect = next(iter(work.picture.defects), None)
        if defect in seen:
            continue
        seen.add(defect)
        for size in ("PinterestSmall", "HD"):
            path = work.image_path(size)
            answer = requests.get(book.to_wire(host_of(path) + path), timeout=20)
            expected = works.image(work.picture, size)
            assert answer.status_code == (404 if expected is None else 200)
            if expected is not None:
                assert answer.content == expected
                assert answer.headers["Content-Type"] == "image/jpeg"
    assert {Defect.MISSING, Defect.HTML_PAGE, Defect.TRUNCATED, None} <= seen


def test_names_with_accents_are_served_under_their_escaped_address(
    book: AddressBook, works: Paintings
) -> None:
    work = next(w for w in works.works if not w.picture.key.isascii())
    path = work.image_path("PinterestSmall")
    escaped = book.to_wire(host_of(path) + quote(path))
    served = requests.get(escaped, timeout=20).content
    assert served == works.image(work.picture, "PinterestSmall")


@pytest.mark.parametrize(
    ("path", "status", "content_type", "contains"),
    [
        ("/", 200, "text/html", "Color Field Painting"),
        ("/en", 200, "text/html", "wiki-artistgallery-container"),
        ("/robots.txt", 200, "text/plain", "/sitemap/sitemap_index.xml"),
        ("/sitemap/sitemap_index.xml", 200, "text/xml", "/sitemap/paintings-1.xml</loc>"),
        ("/sitemap/artists.xml", 200, "text/xml", "/en/"),
        ("/sitemap/paintings-2.xml", 404, "text/html", ""),
        ("/content/wikiart.css", 200, "text/css", ".wiki-masonry-container"),
        ("/content/wikiart.js", 200, "text/javascript", "XMLHttpRequest"),
        ("/en/paintings-by-style", 200, "text/html", f'href="{STYLE}"'),
        ("/en/paintings-by-media/canvas", 200, "text/html", "masonry-load-more-button"),
        (STYLE, 200, "text/html", 'class="wiki-masonry-container"></ul>'),
        (f"{STYLE}?json=2&page=1", 200, "text/html", "masonry-content"),
        ("/en/paintings-by-style/nothing-like-it", 200, "text/html", "load-more-button hide"),
        ("/en/nobody", 404, "text/html", "Not found"),
        ("/en/nobody/harbour", 404, "text/html", "Not found"),
        ("/en/nobody/all-works/text-list", 404, "text/html", "Not found"),
        ("/en/nobody?json=2", 404, "text/html", "Not found"),
        ("/fr", 404, "text/html", "Not found"),
    ],
)
def test_route(book: AddressBook, path: str, status: int, content_type: str, contains: str) -> None:
    answer = get(book, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(content_type)
    assert contains in answer.text


def test_pages_of_an_artist(book: AddressBook, works: Paintings) -> None:
    artist = works.creators[0]
    record = get(book, f"/en/{artist.slug}?json=2", **SCRIPT).json()
    assert (record["artistName"], record["url"]) == (artist.name, artist.slug)
    assert html.escape(artist.name) in get(book, f"/en/{artist.slug}").text
    assert f"/en/{artist.slug}" in get(book, f"/en/alphabet/{artist.slug[0]}/text-list").text


def test_an_unknown_slug_is_an_empty_listing_with_its_proof(book: AddressBook) -> None:
    for path in ("/en/nobody/mode/all-paintings", "/en/paintings-by-style/nothing-like-it"):
        assert rows_of(book, path) == []


def test_hostile_titles_are_text_on_every_page(book: AddressBook, works: Paintings) -> None:
    work = next(w for w in works.works if "<script" in w.title)
    paths = (page_path(work), f"/en/{work.artist.slug}/all-works/text-list")
    for path in paths:
        page = get(book, path).text
        assert work.title not in page
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_a_style_hands_out_3600_works_and_tells_how_many_there_are() -> None:
    site = WikiArt(Paintings(3, 3_661, 6), dict.fromkeys(HOSTS, "http://127.0.0.1:1"))

    def page(number: int) -> tuple[int, int | None]:
        query = {"json": "2", "page": str(number)}
        answer = site.answer(WWW, Request(STYLE, query, {"x-requested-with": "XMLHttpRequest"}))
        url = f"{WWW}{STYLE}?json=2&page={number}"
        listing = parse_listing_json(answer.body, url)
        return len(listing.rows), listing.total

    assert page(60) == (60, 3661)
    assert page(61) == (0, 3661)


def test_a_facet_keeps_the_order_of_its_items() -> None:
    facet = Facet("Oil")
    for place in (1, 3):
        facet.add(place)
    assert list(facet.of("abcd")) == ["b", "d"]
    assert len(facet) == 2
