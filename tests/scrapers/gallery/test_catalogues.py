"""The catalogues themselves: sizes, names, addresses and laziness, for both sites alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html import escape
from typing import Any

import pytest

from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.catalogue.work_files import exists
from scrapers.gallery.painters.painting.titles import HOSTILE
from tests.scrapers.gallery.pictures import PAINTINGS, WATCHES


def test_a_gallery_has_exactly_the_size_that_was_asked_for() -> None:
    assert len(list(PAINTINGS.works)) == len({w.id for w in PAINTINGS.works}) == 240
    assert len(list(WATCHES.watches)) == len({w.id for w in WATCHES.watches}) == 360
    assert (len(PAINTINGS.creators), len(WATCHES.creators)) == (30, 12)


def test_keys_and_addresses_are_unique() -> None:
    keys = [w.picture.key for w in PAINTINGS.works]
    addresses = [(w.artist.slug, w.slug) for w in PAINTINGS.works]
    files = [p.key for w in WATCHES.watches for p in w.pictures]
    for names in (keys, addresses, files):
        assert len(set(names)) == len(names)


def test_everything_is_found_again_by_its_name() -> None:
    for work in PAINTINGS.works[:40]:
        assert PAINTINGS.picture(work.picture.key) == work.picture
        assert PAINTINGS.work(work.artist.slug, work.slug) == work
        assert PAINTINGS.work_by_id(work.id) == work
    for watch in WATCHES.watches[:40]:
        assert WATCHES.watch(watch.id) == watch
        assert all(WATCHES.picture(picture.key) == picture for picture in watch.pictures)


@pytest.mark.parametrize(
    "name",
    ["", "untitled", "untitled-1958", "untitled-999999", "x-3", "../../etc/passwd-4", "9" * 40],
)
def test_names_that_nobody_has_lead_nowhere(name: str) -> None:
    assert PAINTINGS.picture(name) is None
    assert PAINTINGS.work(PAINTINGS.creators[0].slug, name) is None
    assert PAINTINGS.work_by_id(name) is None
    assert WATCHES.picture(name) is None
    assert WATCHES.watch(name) is None
    assert not PAINTINGS.works_of(name)
    assert not WATCHES.watches_of(name)


def test_creators_own_all_items_between_them() -> None:
    works = [w for artist in PAINTINGS.creators for w in PAINTINGS.works_of(artist.slug)]
    assert sorted(w.id for w in works) == sorted(w.id for w in PAINTINGS.works)
    assert all(
        w.artist == artist for artist in PAINTINGS.creators for w in PAINTINGS.works_of(artist.slug)
    )
    watches = [w for brand in WATCHES.creators for w in WATCHES.watches_of(brand.slug)]
    assert sorted(w.id for w in watches) == sorted(w.id for w in WATCHES.watches)


def test_another_seed_is_another_gallery() -> None:
    other = Paintings(seed=2, works=240, creators=30)
    assert {w.id for w in PAINTINGS.works}.isdisjoint(w.id for w in other.works)
    assert [a.slug for a in PAINTINGS.creators] != [a.slug for a in other.creators]


def test_a_million_items_open_without_being_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Counter[str] = Counter()
    for kind in (Paintings, Watches):
        monkeypatch.setattr(kind, "_described", _counting(kind._described, made))
    works = Paintings(seed=3, works=1_000_000, creators=500)
    watches = Watches(seed=3, watches=1_000_000, creators=500)
    assert len(works.works) == len(watches.watches) == 1_000_000
    assert not made
    assert works.works[999_999].picture == works.picture(works.works[999_999].picture.key)
    assert watches.watch(watches.watches[777_777].id) == watches.watches[777_777]
    assert sum(made.values()) <= 4


def _counting(method: Callable[[Any, int], object], made: Counter[str]) -> object:
    def counted(catalogue: object, item: int) -> object:
        made[method.__qualname__] += 1
        return method(catalogue, item)

    return counted


def test_titles_try_the_escaping_of_every_page() -> None:
    titles = [w.title for w in PAINTINGS.works]
    assert titles.count(HOSTILE) == 1
    assert "<script>" in HOSTILE
    for letter in "&'\"’é":
        assert any(letter in title for title in titles), letter
    assert any(escape(w.title) != w.title for w in WATCHES.watches)
    assert any(not w.artist.name.isascii() for w in PAINTINGS.works)
    assert all(w.artist.slug.isascii() for w in PAINTINGS.works)


def test_dates_are_written_in_all_the_ways_of_the_site() -> None:
    kinds = Counter(re.sub(r"\d{4}", "Y", w.year_text) for w in PAINTINGS.works)
    assert set(kinds) == {"Y", "Y-Y", "XX cent.", "?", ""}
    assert kinds["Y"] > 120


def test_styles_and_rights_are_those_of_the_site() -> None:
    assert all(w.styles[0] == "Color Field Painting" for w in PAINTINGS.works)
    assert {s for w in PAINTINGS.works for s in w.styles[1:]} == {
        "Hard Edge Painting",
        "Lyrical Abstraction",
    }
    rights = Counter(w.rights for w in PAINTINGS.works)
    assert rights["Public domain"] > 5 * rights["Fair Use"] / 2 > 0


def test_most_originals_are_large_enough_for_a_large_derivative() -> None:
    sizes = [(w.picture.width, w.picture.height) for w in PAINTINGS.works]
    assert 0.6 < sum(exists(size, "Large") for size in sizes) / len(sizes) < 0.8
    assert any(exists(size, "HD") for size in sizes)
    assert len({round(width / height, 1) for width, height in sizes}) > 8


def test_a_few_models_are_frequent() -> None:
    models = Counter((w.brand.slug, w.model_id) for w in WATCHES.watches)
    counts = sorted(models.values(), reverse=True)
    assert sum(counts[:5]) > len(WATCHES.watches) / 4
    assert len(counts) > 25
    assert len({(w.brand.slug, w.model_id, w.model) for w in WATCHES.watches}) == len(models)


def test_files_of_private_sellers_do_not_tell_the_listing() -> None:
    for watch in WATCHES.watches:
        for picture in watch.pictures:
            head, _, tail = picture.key.partition("-")
            assert re.fullmatch("[a-z0-9]{24}", tail)
            assert (head != watch.id) == watch.private_seller
            assert len(head) == (12 if watch.private_seller else 8)
