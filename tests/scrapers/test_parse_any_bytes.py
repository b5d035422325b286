"""Whatever bytes stand at an address: rows, or an error that says why not, and nothing else."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.core.errors import ScrapeError
from scrapers.address import AddressBook
from scrapers.parsing.listing_facts import Fact, facts_table, year_span
from scrapers.site_registry import parse_page, site_of
from scrapers.sites.wikiart.artist import parse_artist
from scrapers.sites.wikiart.galleries import parse_sitemap

PAGES = Path(__file__).parent / "pages"
RECORDED = [
    (next(p for p in e.parent.glob(f"{e.name[:-14]}.*") if p != e).read_bytes(), url)
    for e in sorted(PAGES.glob("*/*.expected.json"))
    for url in [json.loads(e.read_text(encoding="utf-8"))["url"]]
]
URLS = sorted({url for _, url in RECORDED})
KEYS = st.sampled_from(
    [
        "Paintings",
        "AllPaintingsCount",
        "PageSize",
        "data",
        "hasMore",
        "Exception",
        "Message",
        "id",
        "_id",
        "contentId",
        "title",
        "image",
        "year",
        "yearAsString",
        "artistName",
        "artistUrl",
        "paintingUrl",
        "url",
        "width",
        "height",
        "map",
        "style",
        "genres",
        "tags",
        "galleries",
        "period",
        "serie",
        "sizeX",
        "diameter",
        "description",
        "@type",
        "@graph",
        "offers",
        "price",
        "priceCurrency",
        "name",
        "contentUrl",
        "brand",
        "sku",
        "productID",
        "availableAtOrFrom",
        "address",
        "addressCountry",
        "caliber",
        "x",
    ]
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(body: bytes, url: str) -> None:
    """Every row can be written into the table."""
    rows: tuple[Fact, ...] = ()
    with suppress(ScrapeError):
        rows = parse_page(body, url)
    assert facts_table(rows).num_rows == len(rows)
    assert all(row.layer in {"json", "json-ld", "dom"} and row.page_url for row in rows)


@SLOW
@given(st.binary(max_size=400), st.sampled_from(URLS))
@example(b"http:", URLS[0])
def test_any_bytes(body: bytes, url: str) -> None:
    read(body, url)


@SLOW
@given(JSON_VALUES, st.sampled_from(URLS))
def test_any_json(value: object, url: str) -> None:
    read(json.dumps(value).encode(), url)
    script = json.dumps(value).replace("<", "\\u003c")
    read(f'<script type="application/ld+json">{script}</script>'.encode(), url)


@SLOW
@given(st.sampled_from(RECORDED), st.data())
def test_any_change_to_a_page(recorded: tuple[bytes, str], data: st.DataObject) -> None:
    body, url = recorded
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 300)))
    read(body[:start] + data.draw(st.binary(max_size=20)) + body[end:], url)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"<div>" * 20_000,
        b"<" * 300_000,
        b"&" * 300_000,
        b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>",
        b'{"Paintings":[{"title":"a","image":"https://[","width":' + b"9" * 4_000 + b"}]}",
        b"\xff\xfe" + "<h1>".encode("utf-16-le") * 50_000,
    ],
    ids=["lists", "objects", "depth", "angles", "entities", "linked", "numbers", "utf-16"],
)
def test_hostile_bytes_end(body: bytes) -> None:
    for url in (URLS[0], URLS[-1]):
        read(body, url)


@given(st.text(max_size=60))
def test_a_span_of_years_is_in_order(text: str) -> None:
    span = year_span(text)
    assert span is None or -9999 <= span[0] <= span[1] <= 9999


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1916", (1916, 1916)),
        ("1920-1930", (1920, 1930)),
        ("1503–1519", (1503, 1519)),
        ("c.1650/55", (1650, 1655)),
        ("1960s", (1960, 1969)),
        ("XX cent.", (1901, 2000)),
        ("XIX-XX cent.", (1801, 2000)),
        ("IV cent. BC", (-400, -301)),
        ("850 BC", (-850, -850)),
        ("1955; Brussels", (1955, 1955)),
        ("1930-1920", (1930, 1930)),
        ("?", None),
        ("Unknown", None),
        ("", None),
    ],
)
def test_a_span_of_years(text: str, span: tuple[int, int] | None) -> None:
    assert year_span(text) == span


@given(st.binary(max_size=200))
def test_records_of_artists_and_sitemaps(body: bytes) -> None:
    with pytest.raises(ScrapeError):
        parse_artist(body, "https://www.wikiart.org/en/orla-venn?json=2")
    with pytest.raises(ScrapeError):
        parse_sitemap(body, "https://www.wikiart.org/sitemap/paintings-1.xml", str)


def test_an_artist_and_a_sitemap_are_read() -> None:
    record = {
        "url": "orla-venn",
        "artistName": "Orla Venn",
        "birthDay": "/Date(-5330448000000)/",
        "deathDay": "/Date(253402300799999)/",
        "series": "Harbours\r\nMills",
        "biography": "Born in [url href=https://x.example]Bergen[/url].",
        "dictonaries": [1368],
    }
    artist = parse_artist(json.dumps(record).encode(), "https://www.wikiart.org/en/orla-venn")
    assert (str(artist.born), artist.died) == ("1801-02-01", None)
    assert (artist.series, artist.dictionaries) == (("Harbours", "Mills"), ("1368",))
    assert artist.biography == "Born in Bergen."
    shard = b"<url><loc> https://www.wikiart.org/en/a/b?x=1&amp;y=2 </loc></url>"
    shard += b"<url><loc>https://shop.example/</loc></url>"
    assert parse_sitemap(shard, "u", str) == ("https://www.wikiart.org/en/a/b?x=1&y=2",)


@pytest.mark.parametrize("no_day", ["/Date(253402300799999)/", "/Date(-62135596800000)/"])
def test_an_artist_who_is_alive_has_no_day_of_death(no_day: str) -> None:
    record = {
        "url": "orla-venn",
        "artistName": "Orla Venn",
        "birthDay": no_day,
        "deathDay": no_day,
        "birthDayAsString": "1958",
        "deathDayAsString": "January 1, 0001",
    }
    artist = parse_artist(json.dumps(record).encode(), "https://www.wikiart.org/en/orla-venn")
    assert (artist.born, artist.born_text) == (None, "1958")
    assert (artist.died, artist.died_text) == (None, None)


def test_a_sitemap_may_name_the_address_that_stands_for_the_site() -> None:
    book = AddressBook({"https://www.wikiart.org": "http://127.0.0.1:8000"})
    shard = b"<loc>http://127.0.0.1:8000/en/a/b</loc><loc>http://127.0.0.1:8001/en/a/c</loc>"
    (address,) = parse_sitemap(shard, "u", book.to_canonical)
    assert address == "https://www.wikiart.org/en/a/b"


def test_a_site_is_told_by_its_host_alone() -> None:
    assert site_of("https://www.wikiart.org/en/a/b") == "wikiart"
    assert site_of("https://www.chrono24.co.uk/rolex/index.htm") == "chrono24"
    for url in ("https://wikiart.org.example/en/a/b", "https://notchrono24.com/", "about:blank"):
        assert site_of(url) is None
