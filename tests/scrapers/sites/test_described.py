"""Descriptions of sites: what is refused, what a page is read as, and what counts as drift."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from pipeline.core.errors import (
    ChallengedError,
    DescriptionError,
    GoneError,
    LayoutChangedError,
    ScrapeError,
)
from pipeline.core.sites import DESCRIPTIONS, SITES, described_in
from scrapers.parsing.markup import tree
from scrapers.sites.described import bounded, images
from scrapers.sites.described.description_schema import Image
from scrapers.sites.described.load_description import load_description, steering
from scrapers.sites.described.page import MOST_ELEMENTS
from scrapers.sites.described.records import read_detail, read_listing
from scrapers.sites.described.site import facts
from scrapers.trial import recorded_pages
from tests.scrapers.sites.descriptions import made, named, small

URL = "https://www.shop.example/all"
FILES = sorted(DESCRIPTIONS.glob("*.yaml"))
WRONG = [
    # what the file of fashion says instead of a right line, and what the user is told
    ("title: Fashion", "titel: Fashion", "titel: there is no such key (did you mean 'title'?)"),
    ("item: article", "itm: article", "listing.itm: there is no such key (did you mean 'item'?)"),
    ("    title: h2", "    titel: h2", "listing.fields.titel: there is no such key (did you mean"),
    ("hosts: [fashion.example]", "hosts: [127.0.0.1]", "hosts.0: not a public host; write a name"),
    ("hosts: [fashion.example]", "hosts: [db.internal]", "hosts.0: not a public host"),
    ("hosts: [fashion.example]", "hosts: [localhost]", "hosts.0: not a public host"),
    ("hosts: [fashion.example]", "hosts: ['[::1]']", "hosts.0: not a public host"),
    ("hosts: [fashion.example]", "hosts: [other.example]", "www.fashion.example is none of hosts"),
    ("start: https://www.fashion.example/c/{query}/", "start: file:///etc/", "not an https://"),
    ("?page={page}", "?page={number}", "{number} has no meaning here; write {query} or {page}"),
    ("title: h2", "title: h2[", "listing.fields.title.0.css: not a CSS selector"),
    ("title: h2", "title: h2 ~ p", "siblings (+, ~, following::) and ancestors are not allowed"),
    ("{xpath: ./@data-sku}", "{xpath: './/['}", "not an XPath 1.0: Invalid expression"),
    ("{xpath: ./@data-sku}", "{css: a, meta: b}", "a rule has one source, not css and meta"),
    ("re: '^[^?]+'", "re: '(?=x)'", "not a regex of RE2: invalid perl operator"),
    ("to: '\\0'", "to: '\\2'", "to: \\2 names a group that re does not have"),
    ("{json_ld: Product.sku}", "{json_ld: 'sort(x)'}", "function_expression: not allowed in a"),
    ("{sheet: Season}", "{sheat: Season}", "detail.fields.year_text.0.sheat: there is no such"),
    ("rows: table.spec tr", "rows: tr, list: dl", "detail.sheet: name one of rows, list and path"),
    ("needs: [title, images]", "needs: [model]", "needs: model: there is no such rule in fields"),
    ("creators: brands", "title: Twice", "title: written twice; keep one of the two"),
    (
        "  match: /c/",
        "  next: .next a::attr(href)\n  match: /c/",
        "there is {page} in start, which",
    ),
    ("title: Fashion", "title: &a Fashion\nx: *a", "an alias (*); write the text out"),
    ("title: Fashion", "title: [[[[[[[[[[[[[]]]]]]]]]]]]]", "nested too deep"),
    ("title: Fashion", "title: 'Fashion", "not YAML"),
    ("title: Fashion", "title: Fashion # " + "x" * 70_000, "65,536 at most"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG, ids=[said for *_, said in WRONG])
def test_a_mistake_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    text = (DESCRIPTIONS / "fashion.yaml").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "fashion.yaml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        load_description(path)
    assert said in str(caught.value)
    assert all(line.startswith(f"{path}: ") for line in str(caught.value).splitlines())


BOMBS = [
    ("xpath", "//*[count(//*[count(//*) > 0]) > 0]"),
    ("xpath", "//*[contains(string(..), 'x')]"),
    ("xpath", "//*[.//*[contains(., 'x')]]"),
    ("xpath", "//a[.//b//c//d]"),
    ("xpath", "//dt/following-sibling::dd"),
    ("xpath", "//p[preceding-sibling::p[preceding-sibling::p]]"),
    ("xpath", "//a[re:test(@href, '(a+)+$')]"),
    ("xpath", "document('file:///etc/passwd')"),
    ("xpath", "|".join(["//*"] * 200)),
    ("path", "[@, @][] | [@, @][] | [@, @][]"),
    ("path", "sort_by(data, &title)"),
    ("regex", "(?:(?:x{1000}){1000}){1000}"),
]


@pytest.mark.parametrize(("kind", "bomb"), BOMBS, ids=[bomb[:40] for _, bomb in BOMBS])
def test_what_would_take_long_is_refused_at_once(kind: str, bomb: str) -> None:
    started = time.monotonic()
    with pytest.raises(ValueError, match=r"."):
        {"xpath": bounded.xpath, "path": bounded.path, "regex": bounded.regex}[kind](bomb)
    assert time.monotonic() - started < 1


def test_a_regex_that_runs_away_elsewhere_does_not() -> None:
    pattern = bounded.regex(r"^(a+)+$")
    started = time.monotonic()
    assert pattern.search("a" * 100_000 + "b") is None
    assert time.monotonic() - started < 1


HOSTILE_PAGES = {
    "nested": "<div class=a>" * 100_000,
    "flat": "<ul>" + "<li class=a><a href=/x><img src=x.jpg></a>" * 2_000 + "<p>" * 30_000,
    "one attribute": f'<li><a href=/x><img srcset="{"a, " * 300_000}" data-x="{".jpg?" * 99_999}">',
    "no end": "<!--" + "<li" * 1_000_000,
}


@pytest.mark.parametrize("page", HOSTILE_PAGES)
@pytest.mark.parametrize("item", ["li", ".a .a .a .a", "*:nth-child(2n) > a"])
def test_a_hostile_page_takes_bounded_time(page: str, item: str) -> None:
    site = made(small(item=item))
    started = time.thread_time()
    try:
        rows = list(facts(site, HOSTILE_PAGES[page].encode(), URL, str))
    except LayoutChangedError as error:
        rows = []
        said = str(error)
    else:
        said = URL
    assert URL in said
    assert len(rows) <= 2_000
    assert time.thread_time() - started < 10


ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))
ITEM = "<item><title>{}</title><link>https://www.shop.example/1</link></item>"


@pytest.mark.parametrize(
    "declared", [ENTITIES, '<!ENTITY l11 SYSTEM "file:///etc/passwd">'], ids=["lol", "file"]
)
def test_entities_of_a_feed_stand_for_nothing(declared: str) -> None:
    feed = f"<!DOCTYPE rss [{declared}]><rss><channel>{ITEM.format('&l11;')}</channel></rss>"
    detail = {"match": "/1", "fields": {"images": "img::image"}}
    written = small() | {"detail": detail}
    written["listing"] = {"format": "feed", "start": URL}
    page = read_listing(made(written), feed.encode(), URL, str)
    assert [item.answers["title"].values for item in page.items] == [()]


@pytest.mark.parametrize("href", ["file:///etc/passwd", "javascript:alert(1)", "data:image/png,x"])
def test_no_other_address_than_of_the_web_comes_out_of_a_page(href: str) -> None:
    body = f'<li><a href="{href}"><img src="{href}"></a><li><a href=/1><img src=/1.jpg></a>'
    rows = list(facts(made(small()), body.encode(), URL, str))
    assert [(row.page_url, row.image_url) for row in rows] == [
        ("https://www.shop.example/1", "https://www.shop.example/1.jpg")
    ]


TAGS = st.sampled_from(["a", "b", "div"])
TREES = st.recursive(
    TAGS.map(lambda tag: f"<{tag} class=x>t</{tag}>"),
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)).map(
        lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"
    ),
    max_leaves=25,
)
SELECTORS = st.sampled_from(
    ["a b", "div div", "div a, b", ".x", "div > a b", "b:nth-child(2)", "a:has(b)", "div *"]
)


@settings(max_examples=60, deadline=None)
@given(page=TREES, selector=SELECTORS)
@example(page="<div><div><div><b>t</b></div></div></div>", selector="div div")
@example(page="<div><b>t</b><div><a>t</a></div></div>", selector="div a, b")
def test_stages_find_what_libxml2_finds(page: str, selector: str) -> None:
    """In the order of the document, but for texts of several ways, which no test here asks for."""
    root = tree(page.encode()).root
    expression = bounded.css(selector)
    assert bounded.select_xpath(expression)(root) == etree.XPath(expression)(root)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_recorded_pages_are_read_as_expected(file: Path) -> None:
    pages = recorded_pages.recorded_pages_of(file)
    assert len(pages) >= 3
    assert [
        line for page in pages for line in recorded_pages.differences(named(file.stem), page)
    ] == []


def test_the_descriptions_that_come_along_are_declared_as_they_say() -> None:
    for file in FILES:
        declared, description = SITES[file.stem], load_description(file)
        assert declared.domains == description.hosts
        assert declared.image_sizes == tuple(description.image.sizes)
        assert declared.gallery_kinds == (("site",) if description.replicated else ())
        assert bool(declared.start_lists) == any("{query}" in s for s in description.listing.start)


def test_the_example_of_the_docs_reads_the_shop() -> None:
    text = (DESCRIPTIONS.parents[1] / "docs" / "describe-a-site.md").read_text(encoding="utf-8")
    example = next(part for part in text.split("```yaml\n") if part.startswith("title:"))
    shop = made(yaml.safe_load(example.partition("```")[0]))
    for page in ("listing", "detail"):
        path = DESCRIPTIONS / "fashion.pages" / f"{page}.html"
        expected = json.loads(path.with_name(f"{page}.expected.json").read_text(encoding="utf-8"))
        rows = list(facts(shop, path.read_bytes(), expected["url"], str))
        assert [row.title for row in rows] == [row["title"] for row in expected["rows"]]
        assert [row.image_key for row in rows] == [row["image_key"] for row in expected["rows"]]


def test_one_file_that_cannot_be_read_stands_in_nobody_elses_way(tmp_path: Path) -> None:
    text = (DESCRIPTIONS / "fashion.yaml").read_text(encoding="utf-8")
    files = {"shop": text, "wikiart": text, "My-Shop": text, "torn": text[:9], "bomb": "[" * 50_000}
    for name, written in files.items():
        (tmp_path / f"{name}.yaml").write_text(written, encoding="utf-8")
    sites, unreadable = described_in(tmp_path)
    assert [*sites] == ["shop"]
    said = {name: reason.partition(".yaml: ")[2] for name, reason in unreadable.items()}
    assert said == {
        "My-Shop": "name the file in small letters, digits and _, beginning with a letter",
        "bomb": "line 1: nested too deep",
        "torn": "title, hosts and listing.start are needed",
        "wikiart.yaml": "wikiart is a site in Python; name it otherwise",
    }


def test_every_mend_of_a_rule_that_only_tells_asks_the_site_nothing() -> None:
    before = steering(named("fashion").description)
    told = [
        ("title: h2", "title: h3"),
        ("price: p.price", "price: p.cost"),
        ("needs: [title, images]", "needs: [title]"),
        ("year_text: {sheet: Season}", "year_text: {sheet: Year}"),
        ("creators: brands", "creators: houses"),
    ]
    assert {steering(named("fashion", *mend).description) for mend in told} == {before}


@pytest.mark.parametrize(
    "mend",
    [
        ("item: article.product-card", "item: article.card"),
        ("images: picture::image", "images: img::image"),
        ("a.cover::attr(href)", "a.open::attr(href)"),
        ("match: /i/", "match: /items/"),
        ("to: _600x800.jpg", "to: _1200x1600.jpg"),
        ("empty: p.no-results", "empty: p.nothing"),
        ("div.gallery img::image", "div.photos img::image"),
    ],
    ids=lambda mend: mend[0],
)
def test_a_mend_of_what_steers_the_walk_is_another_capture(mend: tuple[str, str]) -> None:
    assert steering(named("fashion", *mend).description) != steering(named("fashion").description)


def listing(body: str, **more: Any) -> Any:
    return read_listing(made(small(**more)), body.encode(), URL, str)


DRIFT = [
    ("<p>new", {}, "nothing is matched by `li` (listing.item), and no listing.empty is written"),
    ("<p>new", {"empty": ".none"}, "(listing.item), nor by `css: .none` (listing.empty)"),
    (
        "<li><b>x</b><img src=/1.jpg>",
        {},
        "nothing of its 1 items is matched by `css: a::",
    ),
    ("<li><a href=/1>x", {}, "is matched by `css: img::image` (listing.fields.images)"),
]


@pytest.mark.parametrize(("body", "more", "said"), DRIFT, ids=[said for *_, said in DRIFT])
def test_drift_names_the_page_the_file_and_the_selector(
    body: str, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(LayoutChangedError) as caught:
        listing(body, **more)
    assert str(caught.value).startswith(f"{URL}: shop.yaml: ")
    assert said in str(caught.value)


def test_a_proof_makes_an_empty_page_right() -> None:
    assert listing("<p class=none>0 things", empty=".none").items == ()


def test_a_challenge_is_no_drift() -> None:
    with pytest.raises(ChallengedError):
        listing("<title>Just a moment...</title><form id=challenge-form></form>")


def test_an_item_that_left_the_site_says_so() -> None:
    fields = {"title": "h1"}
    detail = {"match": "/i/", "gone": {"css": ".sold", "re": "(?i)sold"}, "fields": fields}
    site = made(small() | {"detail": detail})
    with pytest.raises(GoneError, match=r"the page says 'Sold'"):
        read_detail(site, b"<p class=sold>Sold out", "https://www.shop.example/i/1", str)


PICTURES = [
    # what a page holds, and which address is meant
    ('<img src="data:,x" data-src="/1.jpg">', "/1.jpg"),
    ('<img src="/s.jpg" srcset="/a,b.jpg 300w, /c.jpg 900w">', "/c.jpg"),
    ('<img src="/s.jpg" srcset="/a.jpg, /b.jpg 2x">', "/b.jpg"),
    ('<picture><source srcset="/a.webp 1x"><img src="/s.jpg"></picture>', "/a.webp"),
    ('<picture><source data-srcset="/a.jpg 9w"><img src="/blank.svg"></picture>', "/a.jpg"),
    ('<img src="/s.jpg" data-zoom-image="/z.jpg" data-src="/m.jpg">', "/z.jpg"),
    ('<img src="data:,x" data-lazy-sweet-master="https://cdn.shop.example/w.jpg">', "/w.jpg"),
    ("<div style=\"background: url('/b.jpg')\">", "/b.jpg"),
    ('<img src="/blank.svg"><noscript><img src="/n.jpg"></noscript>', "/n.jpg"),
    ('<base href="/deep/"><img src="n.jpg">', "/deep/n.jpg"),
    ('<img src="//cdn.shop.example/p.jpg">', "/p.jpg"),
]


@pytest.mark.parametrize(("body", "meant"), PICTURES, ids=[body for body, _ in PICTURES])
def test_an_image_is_the_best_address_that_its_element_names(body: str, meant: str) -> None:
    fields = {
        "images": "img, div::image" if "div" in body else "img::image",
        "id": {"xpath": ".//b"},
    }
    site = small(item="body", fields=fields)
    site["image"] = {"placeholder": r"blank\.svg"}
    (row,) = facts(made(site), f"<body>{body}<b>1</b>".encode(), URL, str)
    assert (row.image_url or "").endswith(meant)


def test_sizes_of_one_image_share_a_key() -> None:
    image = named("fashion").description.image
    stated = "https://cdn.fashion.example/p/coat-1_300x400.jpg"
    sizes = {images.of_size(stated, size, image) for size in image.sizes} | {stated}
    assert len(sizes) == 2
    assert {images.image_key(url, image) for url in sizes} == {"p/coat-1_600x800.jpg"}
    assert images.image_key(stated, Image()) == "p/coat-1_300x400.jpg"


@settings(max_examples=30, deadline=None)
@given(body=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_whatever_comes_there_are_rows_or_an_error_of_the_site(file: Path, body: bytes) -> None:
    site = named(file.stem)
    start = site.listing.start[0].format(query="coats", page=1)
    try:
        assert isinstance(list(facts(site, body, start, str)), list)
    except ScrapeError as error:
        assert start in str(error)  # noqa: PT017 (rows are as right as an error)


def test_a_page_may_be_large_where_a_selector_is_not_costly() -> None:
    body = "<ul>" + "<li><a href=/x><img src=/x.jpg></a>" * MOST_ELEMENTS
    site = made(small(item="p"))
    with pytest.raises(LayoutChangedError, match=r"nothing is matched by `p`"):
        read_listing(site, body.encode(), URL, str)
    with pytest.raises(LayoutChangedError, match=r"elements, too many to try 'li:nth-child\(2n\)'"):
        read_listing(made(small(item="li:nth-child(2n)")), body.encode(), URL, str)
