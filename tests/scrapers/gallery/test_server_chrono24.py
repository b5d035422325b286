"""The replica of Chrono24 over real HTTP, and what the parsers read back from it."""

from __future__ import annotations

import urllib.robotparser
from collections.abc import Iterator

import pytest
import requests

from pipeline.core.params.scrape import Gallery
from scrapers.address import AddressBook
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.items import Defect, Watch
from scrapers.gallery.replicas.chrono24.addresses import WWW, model_path, page_path, reference_path
from scrapers.gallery.replicas.chrono24.app import price
from scrapers.gallery.server import running
from scrapers.sites.chrono24.detail import parse_detail
from scrapers.sites.chrono24.listing import parse_brands, parse_listing
from scrapers.sites.chrono24.watch import Chrono24Watch as Card

SMALL = Gallery(seed=5, works=200, creators=2)


@pytest.fixture(scope="module")
def watches() -> Watches:
    return Watches(SMALL.seed, SMALL.works, SMALL.creators)


@pytest.fixture(scope="module")
def book() -> Iterator[AddressBook]:
    with running("chrono24", SMALL) as origins:
        yield AddressBook(origins)


def get(book: AddressBook, path: str) -> requests.Response:
    return requests.get(book.to_wire(WWW + path), timeout=20)


def cards_of(book: AddressBook, path: str) -> list[list[Card]]:
    """The cards of every page of a listing, by its own links."""
    pages = []
    url: str | None = WWW + path
    while url is not None:
        page = parse_listing(get(book, url.removeprefix(WWW)).content, url)
        pages.append(list(page.cards))
        url = None if page.next_url is None else book.to_canonical(page.next_url)
    assert len(pages) == page.last_page
    return pages


def shown_price(watch: Watch) -> str | None:
    return None if watch.price_usd is None else price(watch)


def image_keys(urls: tuple[str, ...]) -> list[str]:
    return [url.rpartition("/")[2].removesuffix("-ExtraLarge.jpg") for url in urls]


def test_the_front_page_leads_to_every_brand(book: AddressBook, watches: Watches) -> None:
    brands = parse_brands(get(book, "/").content, f"{WWW}/")
    assert [(b.slug, b.name) for b in brands] == [(b.slug, b.name) for b in watches.creators]


def test_brand_pages_hold_every_watch_exactly_as_the_catalogue_has_it(
    book: AddressBook, watches: Watches
) -> None:
    for brand in watches.creators:
        pages = cards_of(book, f"/{brand.slug}/index.htm")
        assert len(pages) > 1
        cards = {card.id: card for page in pages for card in page}
        expected = {watch.id: watch for watch in watches.watches_of(brand.slug)}
        assert cards.keys() == expected.keys()
        for id_, watch in expected.items():
            card = cards[id_]
            assert card.layer == "dom"
            assert card.title == f"{brand.name} {watch.model}"
            assert (card.subtitle, card.price) == (watch.title, shown_price(watch))
            assert (card.country, card.private_seller) == (watch.country, watch.private_seller)
            assert image_keys(card.image_urls) == [p.key for p in watch.pictures[:5]]
            assert book.to_canonical(WWW + page_path(watch)) == card.page_url


def test_promoted_cards_recur_from_page_to_page(book: AddressBook, watches: Watches) -> None:
    for brand in watches.creators:
        pages = cards_of(book, f"/{brand.slug}/index.htm")
        shown = [card.id for page in pages for card in page]
        assert len(shown) > len(set(shown))
        promoted = {w.id for w in watches.watches_of(brand.slug) if w.promoted}
        assert {card.id for page in pages for card in page if card.promoted} <= promoted


def test_every_page_of_a_watch_says_what_the_catalogue_says(
    book: AddressBook, watches: Watches
) -> None:
    for watch in watches.watches:
        path = page_path(watch)
        detail = parse_detail(get(book, path).content, WWW + path)
        assert (detail.layer, detail.id, detail.page_url) == ("json-ld", watch.id, WWW + path)
        assert detail.title == f"{watch.brand.name} {watch.model}"
        assert (detail.subtitle, detail.price) == (watch.title, shown_price(watch))
        assert (detail.brand_slug, detail.brand_name) == (watch.brand.slug, watch.brand.name)
        assert (detail.model, detail.reference) == (watch.model, watch.reference)
        assert (detail.year_text, detail.condition) == (watch.year_text, watch.condition)
        assert detail.country == watch.country
        assert dict(detail.sheet)["Case / Case material"] == watch.case_material
        assert detail.dimensions == f"{watch.diameter_mm} mm"
        assert detail.private_seller == watch.private_seller
        assert image_keys(detail.image_urls) == [p.key for p in watch.pictures]


def test_image_hosts_serve_what_the_pages_announce(book: AddressBook, watches: Watches) -> None:
    pictures = [p for watch in watches.watches for p in watch.pictures]
    chosen = [next(p for p in pictures if d in p.defects) for d in (Defect.MISSING, Defect.TINY)]
    by_key = {p.key: p for p in chosen}
    hosts = set()
    for watch in watches.watches:
        if not by_key.keys() & {p.key for p in watch.pictures}:
            continue
        path = page_path(watch)
        for url in parse_detail(get(book, path).content, WWW + path).image_urls:
            hosts.add(url.partition("/images")[0])
            (key,) = image_keys((url,))
            for size in ("ExtraLarge", "Square280"):
                answer = requests.get(url.replace("ExtraLarge", size), timeout=20)
                picture = watches.picture(key)
                assert picture is not None
                expected = watches.image(picture, size)
                assert answer.status_code == (404 if expected is None else 200)
                assert expected is None or answer.content == expected
    assert hosts


def test_model_and_reference_pages_list_what_they_name(book: AddressBook, watches: Watches) -> None:
    watch = watches.watches[0]
    siblings = watches.watches_of(watch.brand.slug)
    for path, same in (
        (model_path(watch), [w for w in siblings if w.model_id == watch.model_id]),
        (reference_path(watch), [w for w in siblings if w.reference == watch.reference]),
    ):
        shown = [card.id for page in cards_of(book, path) for card in page]
        assert shown == [w.id for w in same]


@pytest.mark.parametrize(
    ("path", "status", "contains"),
    [
        ("/robots.txt", 200, "Disallow: /search"),
        ("/search/browse.htm?char=A", 200, "watches by brand"),
        ("/search/index.htm", 200, "200 listings"),
        ("/content/chrono24.css", 200, ".listing-item-list"),
        ("/content/chrono24.js", 200, "lazySweetSpot"),
        ("/nobrand/index.htm", 404, "nothing at this address"),
        ("/nobrand/ref-1.htm", 404, "nothing at this address"),
        ("/nobrand/model--mod1.htm", 404, "nothing at this address"),
        ("/watches/--id1.htm", 404, "nothing at this address"),
    ],
)
def test_route(book: AddressBook, path: str, status: int, contains: str) -> None:
    answer = get(book, path)
    assert answer.status_code == status
    assert contains in answer.text


def test_pages_outside_a_listing_do_not_exist(book: AddressBook, watches: Watches) -> None:
    brand = watches.creators[0].slug
    assert get(book, f"/{brand}/index-0.htm").status_code == 404
    assert get(book, f"/{brand}/index-99.htm").status_code == 404


def test_neutral_addresses_lead_to_the_watch(book: AddressBook, watches: Watches) -> None:
    watch = watches.watches[7]
    for path in (f"/watches/--id{watch.id}.htm", f"/{watch.brand.slug}/old-name--id{watch.id}.htm"):
        answer = get(book, path)
        assert [hop.status_code for hop in answer.history] == [301]
        assert book.to_canonical(answer.url) == WWW + page_path(watch)


def test_robots_forbids_the_search_and_nothing_that_a_listing_needs(
    book: AddressBook, watches: Watches
) -> None:
    rules = urllib.robotparser.RobotFileParser()
    rules.parse(get(book, "/robots.txt").text.splitlines())
    assert not rules.can_fetch("Salon", f"{WWW}/search/index.htm")
    watch = watches.watches[0]
    for path in ("/", f"/{watch.brand.slug}/index-2.htm", page_path(watch), model_path(watch)):
        assert rules.can_fetch("Salon", WWW + path)


def test_hostile_text_is_text_on_every_page(book: AddressBook, watches: Watches) -> None:
    watch = next(w for w in watches.watches if "<" in w.title)
    for path in (page_path(watch), model_path(watch)):
        page = get(book, path).text
        assert watch.title not in page
        assert "&lt;collector" in page
