"""Addresses of images: one key for all sizes and hosts, stated addresses before made ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from scrapers.sites.chrono24 import images as watch_images
from scrapers.sites.wikiart import images as work_images
from scrapers.sites.wikiart.detail import parse_detail
from scrapers.sites.wikiart.listing import (
    parse_gallery_dom,
    parse_listing_json,
    parse_record_json,
    parse_text_list,
)
from scrapers.sites.wikiart.pages import page_kind
from scrapers.sites.wikiart.work import Size, WikiArtWork, WorkList

PAGES = Path(__file__).parent.parent / "pages" / "wikiart"
RECORDED = [
    path
    for path in sorted(PAGES.glob("*.expected.json"))
    if "rows" in path.read_text(encoding="utf-8")
]
READERS: dict[str, Callable[[bytes, str], WikiArtWork | WorkList]] = {
    "detail": parse_detail,
    "record-json": parse_record_json,
    "listing-json": parse_listing_json,
    "text-list": parse_text_list,
    "gallery": parse_gallery_dom,
}
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/?#%\x00"), min_size=1)
FILES = st.sampled_from([".jpg", ".jpeg", ".JPG", ".png", ".PNG"])
FOLDERS = st.sampled_from(["/images/", "/00142/images/", "/temp/", "/"])
VARIANTS = st.sampled_from(["Large", "HD", "HalfHD", "Blog", "PinterestSmall"])
SIZES = VARIANTS | st.just("original")


@st.composite
def originals(draw: st.DrawFn) -> str:
    """The address of an original, escaped or not, wherever the site keeps pictures."""
    folder, artist, name = draw(FOLDERS), draw(NAMES), draw(NAMES)
    path = f"{folder}{artist}/{name}" if folder == "/images/" else f"{folder}{name}"
    path += draw(FILES)
    assume("!" not in path.rpartition(".")[2])
    number = work_images.host_number(path) if folder == "/images/" else draw(st.integers(0, 8))
    written = draw(st.sampled_from([quote(path), quote(path, safe="/!()")]))
    return f"https://uploads{number}.wikiart.org{written}"


@given(originals(), SIZES, SIZES)
def test_all_sizes_of_a_picture_share_one_key_and_lead_to_each_other(
    original: str, first: str, second: str
) -> None:
    once = work_images.image_of_size(original, first)
    assert work_images.image_key(once) == work_images.image_key(original)
    assert work_images.image_of_size(once, second) == work_images.image_of_size(original, second)
    assert work_images.image_of_size(once, "original") == original
    assert not work_images.is_placeholder(once)
    assert work_images.is_picture(once, "https://www.wikiart.org/en/orla-venn/mill")


@given(originals(), SIZES, st.integers(0, 8))
def test_no_key_depends_on_the_host_the_scheme_or_the_escapes(
    original: str, size: str, host: int
) -> None:
    url = work_images.image_of_size(original, size)
    path = urlsplit(url).path
    for other in (
        f"https://uploads{host}.wikiart.org{path}",
        f"http://use2-uploads{host}.wikiart.org{quote(unquote(path))}",
        f"https://uploads.wikiart.org{path}?v=2",
    ):
        assert work_images.image_key(other) == work_images.image_key(url)


@given(originals(), originals())
def test_two_pictures_have_two_keys(first: str, second: str) -> None:
    same_path = unquote(urlsplit(first).path) == unquote(urlsplit(second).path)
    assert (work_images.image_key(first) == work_images.image_key(second)) == same_path


@given(originals(), VARIANTS)
@example("https://uploads0.wikiart.org/images/0/..jpg", "Large")
def test_a_variant_ends_as_its_file_does(original: str, variant: str) -> None:
    ending = original.rpartition(".")[2]
    assert work_images.image_of_size(original, variant).endswith(f".{ending}!{variant}.{ending}")


@given(originals(), SIZES, VARIANTS, st.booleans())
def test_stated_addresses_come_before_made_ones_and_the_original_is_always_there(
    original: str, shown: str, size: str, is_stated: bool
) -> None:
    other_host = original.replace("https://uploads", "https://use2-uploads")
    listed = (Size(name="Original", url=original), Size(name=size, url=f"{other_host}!{size}.gif"))
    work = WikiArtWork(
        layer="json",
        sources="",
        image_url=work_images.image_of_size(original, shown),
        sizes=listed if is_stated else (),
    )
    urls = work_images.addresses(work, size)
    assert urls[0] == (listed[1].url if is_stated else work_images.image_of_size(original, size))
    assert original in urls
    assert len(set(urls)) == len(urls)
    assert len({work_images.image_key(url) for url in urls}) == 1


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("/images/raphael/vision-of-a-knight.jpg", 5),
        ("/images/raphael/vision-of-a-knight.jpg!Large.jpg", 6),
        ("/images/raphael/vision-of-a-knight.jpg!Portrait.jpg", 0),
        ("/images/salvador-dali.jpg!Portrait.jpg", 5),
        ("/images/m-c-f-kahlo-y-calderón-de-rivera/the-two-fridas-1939.jpg!Large.jpg", 5),
        ("/images/m-c-f-kahlo-y-calder%C3%B3n-de-rivera/the-two-fridas-1939.jpg!Large.jpg", 5),
    ],
)
def test_the_host_is_told_by_the_length_of_the_path_in_characters(url: str, number: int) -> None:
    assert work_images.host_number(url) == number


@pytest.mark.parametrize(
    ("stated", "size", "address"),
    [
        # Below /images/ by the rule, even where the page states another host.
        ("//uploads2.wikiart.org/images/v/mill.jpg", "Large", "4.wikiart.org/images/v/mill.jpg!"),
        # Elsewhere from the stated host: ten more characters are one host on.
        ("//uploads3.wikiart.org/00142/images/v/mill.jpg", "Large", "4.wikiart.org/00142/"),
        ("//uploads4.wikiart.org/00142/images/v/mill.jpg!Large.jpg", "HD", "1.wikiart.org/00142/"),
        ("//uploads2.wikiart.org/mill(1).jpg!Large.jpg", "original", "1.wikiart.org/mill(1).jpg"),
        # No number to count from, or none of the site's image hosts: as stated.
        ("//uploads.wikiart.org/temp/mill.jpg", "Large", "uploads.wikiart.org/temp/mill.jpg!Large"),
        ("//uploads.wikiart.org/images/a/b.jpg", "HD", "uploads.wikiart.org/images/a/b.jpg!HD.jpg"),
        ("//127.0.0.1:8003/images/v/mill.jpg", "HD", "127.0.0.1:8003/images/v/mill.jpg!HD.jpg"),
    ],
)
def test_the_host_of_a_made_address(stated: str, size: str, address: str) -> None:
    work = WikiArtWork(layer="json", sources="", image_url=f"https:{stated}")
    made, fallback, *_ = [*work_images.addresses(work, size), ""]
    assert address in made
    on_stated_host = f"https://{stated.split('/')[2]}/"
    assert made.startswith(on_stated_host) or fallback.startswith(on_stated_host)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://uploads2.wikiart.org/mill(1).jpg!Large.jpg", "mill(1).jpg"),
        ("https://uploads2.wikiart.org/images/a/help!.jpg", "images/a/help!.jpg"),
        ("https://uploads2.wikiart.org/images/a/help!.jpg!HD.jpg", "images/a/help!.jpg"),
        ("https://uploads2.wikiart.org/images/a/b.PNG%21Large.PNG", "images/a/b.PNG"),
        ("https://uploads2.wikiart.org/00109/images/a/1.jpg", "00109/images/a/1.jpg"),
        ("https://uploads2.wikiart.org/00335/images//b.jpg!Portrait.jpg", "00335/images//b.jpg"),
    ],
)
def test_keys_of_odd_names(url: str, key: str) -> None:
    assert work_images.image_key(url) == key


def test_the_stated_sizes_of_a_page_are_its_addresses() -> None:
    url = "https://www.wikiart.org/en/orla-venn/mill-at-ebb"
    work = parse_detail((PAGES / "detail-hosts.html").read_bytes(), url)
    assert [size.name for size in work.sizes] == ["Original", "Large", "PinterestSmall"]
    large, original = work_images.addresses(work, "Large")
    assert (urlsplit(large).hostname, urlsplit(original).hostname) == (
        "uploads1.wikiart.org",
        "uploads0.wikiart.org",
    )
    first, *others = work_images.addresses(work, "HD")  # not among them: the original stands in
    assert first == original
    assert all(other.endswith("!HD.png") for other in others)


def test_a_picture_in_the_root_of_a_host_is_asked_for() -> None:
    body = (PAGES / "record-root.json").read_bytes()
    work = parse_record_json(body, "https://www.wikiart.org/en/App/Painting/ImageJson/41")
    assert work_images.addresses(work, "Large") == (
        "https://uploads3.wikiart.org/slow-tide(1).jpg!Large.jpg",
        "https://uploads2.wikiart.org/slow-tide(1).jpg",
        "https://uploads3.wikiart.org/slow-tide(1).jpg",
    )


def test_addresses_of_a_listing_that_states_only_originals() -> None:
    body = (PAGES / "listing-hosts.json").read_bytes()
    url = "https://www.wikiart.org/en/orla-venn/mode/all-paintings?json=2&page=1"
    of_rows = [work_images.addresses(row, "Large") for row in parse_listing_json(body, url).rows]
    assert [urls[0].partition("wikiart.org/")[::2] for urls in of_rows] == [
        ("https://uploads2.", "slow-tide(1).jpg!Large.jpg"),
        ("https://uploads5.", "00145/images/orla-venn/low-lamp.JPG!Large.JPG"),
        ("https://uploads7.", "images/orla-venn/ebb-1950.png!Large.png"),
        ("https://uploads7.", "images/orla-venn/café-1950.jpg"),  # its map has no Large
    ]


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: p.name.removesuffix(".expected.json"))
def test_what_is_asked_for_joins_the_facts_of_the_page_that_names_it(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    (page,) = (p for p in path.parent.glob(f"{path.name[:-14]}.*") if p != path)
    keys = {row["image_key"] for row in expected["rows"] if "image_key" in row}
    read = READERS[page_kind(expected["url"])]
    shown = read(page.read_bytes(), expected["url"])
    works = shown.rows if isinstance(shown, WorkList) else [shown]
    for size in ("Large", "HD", "original"):
        for work in works:
            asked_for = {work_images.image_key(url) for url in work_images.addresses(work, size)}
            assert asked_for <= keys
            assert work.image_url is None or len(asked_for) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://www.wikiart.org/en/orla-venn/mill_files/mill.jpg!Large.jpg",  # a saved copy
        "https://www.wikiart.org/favicon.png",
        "https://uploads2.wikiart.org/robots.txt",
        "https://uploads2.wikiart.org/",
    ],
)
def test_what_is_no_picture_of_the_site(url: str) -> None:
    assert not work_images.is_picture(url, "https://www.wikiart.org/en/orla-venn/mill")


def test_a_frame_is_a_placeholder_in_any_size() -> None:
    frame = "https://uploads.wikiart.org/Content/images/FRAME-600x480.jpg"
    lazy = "https://uploads.wikiart.org/Content/wiki/img/lazy-load-placeholder.png"
    for url in (frame, f"{frame}!Large.jpg", lazy, "data:image/svg+xml,%3Csvg%3E"):
        assert work_images.is_placeholder(url)
    row = {"title": "Mill", "image": frame}
    body = json.dumps({"Paintings": [row], "AllPaintingsCount": 1}).encode()
    (work,) = parse_listing_json(body, "https://www.wikiart.org/en/a?json=2&page=1").rows
    assert work_images.addresses(work, "Large") == (frame,)


@given(
    st.from_regex(r"[a-z0-9]{8,12}-[a-z0-9]{24}", fullmatch=True),
    st.sampled_from(["ExtraLarge", "Square280", "Square_SIZE_"]),
    st.sampled_from(["ExtraLarge", "Square140"]),
    st.sampled_from(["img.chrono24.com", "cdn2.chrono24.com"]),
)
def test_all_sizes_of_a_photograph_share_one_key_on_any_host(
    key: str, had: str, size: str, host: str
) -> None:
    url = f"https://img.chrono24.com/images/uhren/{key}-{had}.jpg"
    other = watch_images.image_of_size(url, size)
    assert other.endswith(f"{key}-{size}.jpg")
    assert watch_images.image_saved_as(url, f"{key}-{size}.jpg") == other
    on_other_host = other.replace("img.chrono24.com", host)
    assert watch_images.image_key(on_other_host) == watch_images.image_key(url)
    assert watch_images.image_key(url) == f"images/uhren/{key}"
    assert watch_images.is_photograph(url)


@given(st.text())
def test_what_names_no_size_is_left_alone(text: str) -> None:
    url = f"{text}.svg"
    assert watch_images.image_of_size(url, "ExtraLarge") == url
    assert not watch_images.is_photograph(url)
