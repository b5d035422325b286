"""A gallery that has moved on: what came, went and changed, and what its hosts say about it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
import requests

from pipeline.core.params.scrape import Gallery
from scrapers.address import AddressBook
from scrapers.gallery.catalogue.painting_facts import FAIR_USE, PUBLIC_DOMAIN
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.revisions import CHANGED_SHARE, NEWS_SHARE, Revisions
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.items import Defect, Picture
from scrapers.gallery.replicas.wikiart.addresses import host_of
from scrapers.gallery.server import running

SEED, WORKS, CREATORS = 7, 240, 6
LATER = 3


def paintings(revision: int) -> Paintings:
    return Paintings(SEED, WORKS, CREATORS, revision)


def pictures(revision: int) -> dict[str, Picture]:
    return {work.picture.key: work.picture for work in paintings(revision).works}


def changed_pictures(before: Revisions, after: Revisions, size: int) -> list[int]:
    """Items that were replaced or photographed anew under the same address."""

    def shown(revisions: Revisions, item: int) -> tuple[int, int]:
        state = revisions.state(item)
        return state.edition, state.take - state.exchanges

    return [n for n in range(size) if shown(before, n) != shown(after, n)]


@pytest.mark.parametrize("size", [60, 2_000, 20_000])
def test_each_revision_changes_a_hundredth(size: int) -> None:
    before, after = Revisions(size, SEED, LATER - 1), Revisions(size, SEED, LATER)
    changed = changed_pictures(before, after, size)
    assert len(changed) == max(2, round(size * CHANGED_SHARE))
    replaced = [n for n in changed if before.number(n) != after.number(n)]
    assert len(replaced) == len(changed) // 2
    for item in replaced:
        assert after.item(before.number(item)) is None
        assert after.item(after.number(item)) == item
        assert before.item(after.number(item)) is None


@pytest.mark.parametrize("size", [60, 2_000])
def test_each_revision_brings_news_of_as_many_others(size: int) -> None:
    before, after = Revisions(size, SEED, LATER - 1), Revisions(size, SEED, LATER)
    each = max(1, round(size * NEWS_SHARE))
    states = [(before.state(n), after.state(n)) for n in range(size)]
    for name in ("exchanges", "opted_out", "relabelled"):
        news = [pair for pair in states if getattr(pair[0], name) != getattr(pair[1], name)]
        assert len([pair for pair in news if pair[0].edition == pair[1].edition]) == each, name
    assert len(after.withdrawn) == each
    assert {n for n in range(size) if after.state(n).withdrawn} == after.withdrawn
    assert not before.withdrawn & after.withdrawn
    assert not Revisions(size, SEED, 0).withdrawn


def test_listings_opt_out_change_picture_and_label_vanish_and_come_back() -> None:
    """The same work through the revisions, in the catalogue that the replica serves."""
    galleries = [paintings(revision) for revision in range(9)]
    listed = [{work.id: work for work in gallery.works} for gallery in galleries]
    for gallery, works in zip(galleries, listed, strict=True):
        of_artists = {w.id for artist in gallery.creators for w in gallery.works_of(artist.slug)}
        assert of_artists == set(works)
    pairs = [
        (old[id_], new[id_]) for old, new in pairwise(listed) for id_ in old.keys() & new.keys()
    ]
    assert {(old.opted_out, new.opted_out) for old, new in pairs} >= {(False, True), (True, True)}
    assert {(old.rights, new.rights) for old, new in pairs} >= {
        (PUBLIC_DOMAIN, FAIR_USE),
        (FAIR_USE, FAIR_USE),
    }
    assert any(old.slug == new.slug and old.picture.key != new.picture.key for old, new in pairs)
    back = [
        id_
        for first, second, third in zip(listed, listed[1:], listed[2:], strict=False)
        for id_ in (first.keys() & third.keys()) - second.keys()
    ]
    assert back


def test_what_is_withdrawn_is_nowhere_until_it_is_back() -> None:
    before, after = paintings(LATER - 1), paintings(LATER)
    gone = {work.id: work for work in before.works}.keys() - {work.id for work in after.works}
    works = [work for work in before.works if work.id in gone]
    assert len(works) >= 2
    for work in works:
        assert after.work(work.artist.slug, work.slug) is None
        assert after.work_by_id(work.id) is None
        assert after.work_showing(work.picture.key) is None


def test_numbers_are_never_used_twice() -> None:
    seen = {item: Revisions(60, SEED, 0).number(item) for item in range(60)}
    used = set(seen.values())
    for revision in range(1, 40):
        history = Revisions(60, SEED, revision)
        for item, number in seen.items():
            now = history.number(item)
            assert now == number or now not in used
            seen[item] = now
            used.add(now)


def test_what_went_is_found_no_more_and_what_came_was_not_there() -> None:
    old, new = pictures(0), pictures(LATER)
    went, came = old.keys() - new.keys(), new.keys() - old.keys()
    each = max(1, round(WORKS * NEWS_SHARE))
    assert len(came) == LATER * (1 + each), "one was replaced and one exchanged at each revision"
    assert len(went) == len(came) + each, "and one is withdrawn in the last"
    assert all(paintings(LATER).picture(key) is None for key in went)
    assert all(paintings(0).picture(key) is None for key in came)
    ids = [{work.id for work in paintings(revision).works} for revision in (0, LATER)]
    assert len(ids[0]) == len(ids[1]) + each == WORKS
    assert len(ids[0] - ids[1]) == LATER + each


def test_a_version_names_the_bytes() -> None:
    before, after = paintings(0), paintings(LATER)
    old, new = pictures(0), pictures(LATER)
    both = sorted(old.keys() & new.keys())
    moved = [key for key in both if differs(before, after, old[key], new[key])]
    assert LATER - 1 <= len(moved) <= 2 * LATER  # copies follow their originals
    for key in [*moved, *both[:6]]:
        bytes_of = [before.image(old[key], "PortraitSmall"), after.image(new[key], "PortraitSmall")]
        if None not in bytes_of:  # some are missing, whatever their version
            assert (bytes_of[0] == bytes_of[1]) is (key not in moved)


def differs(before: Paintings, after: Paintings, old: Picture, new: Picture) -> bool:
    return before.version(old, None).tag != after.version(new, None).tag


def test_watches_come_go_and_change_as_well() -> None:
    before, after = (Watches(SEED, 120, 3, revision) for revision in (0, 1))
    old = {p.key: p for watch in before.watches for p in watch.pictures}
    new = {p.key: p for watch in after.watches for p in watch.pictures}
    assert {w.id for w in before.watches} != {w.id for w in after.watches}
    both = sorted(old.keys() & new.keys())
    moved = [
        key
        for key in both
        if before.version(old[key], "Square140").tag != after.version(new[key], "Square140").tag
    ]
    assert 0 < len(moved) < len(both) / 10
    repainted = [key for key in moved if set(old[key].defects) <= {Defect.WATERMARK}]
    assert repainted
    for key in repainted[:2]:
        pair = (before.image(old[key], "Square140"), after.image(new[key], "Square140"))
        assert pair[0] != pair[1]


@pytest.fixture(scope="module")
def hosts() -> Iterator[list[AddressBook]]:
    galleries = [Gallery(seed=SEED, works=WORKS, creators=CREATORS, revision=r) for r in (0, LATER)]
    with running("wikiart", galleries[0]) as before, running("wikiart", galleries[1]) as after:
        yield [AddressBook(before), AddressBook(after)]


def test_a_host_confirms_what_is_as_it_was_by_tag_and_by_date(hosts: list[AddressBook]) -> None:
    before, after = paintings(0), paintings(LATER)
    old, new = pictures(0), pictures(LATER)
    both = sorted(old.keys() & new.keys())
    moved = next(key for key in both if differs(before, after, old[key], new[key]))
    still = next(key for key in both if key != moved and before.image(old[key], None))
    for key, status in ((moved, 200), (still, 304)):
        held = get(hosts[0], old[key])
        tag, date = held.headers["ETag"], held.headers["Last-Modified"]
        assert get(hosts[1], new[key], {"If-None-Match": f'"other", {tag}'}).status_code == status
        assert get(hosts[1], new[key], {"If-Modified-Since": date}).status_code == status
        # An entity tag counts before a date.
        both_sent = {"If-None-Match": '"other"', "If-Modified-Since": date}
        assert get(hosts[1], new[key], both_sent).status_code == 200


def get(
    book: AddressBook, picture: Picture, headers: dict[str, str] | None = None
) -> requests.Response:
    work = next(w for r in (0, LATER) for w in paintings(r).works if w.picture.key == picture.key)
    path = work.image_path()
    url = book.to_wire(host_of(path) + path)
    return requests.get(url, headers=headers, timeout=10)
