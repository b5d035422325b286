"""A gallery that has moved on: what came, went and changed, and what its hosts say about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from pipeline.core.params.scrape import Gallery
from scrapers.address import AddressBook
from scrapers.gallery import catalogue
from scrapers.gallery.catalogue import Defect, PaintingCatalogue, Picture
from scrapers.gallery.history import CHANGED_SHARE, History
from scrapers.gallery.server import running
from scrapers.gallery.wikiart import shard_of

SEED, WORKS, CREATORS = 7, 240, 6
LATER = 3


def paintings(revision: int) -> PaintingCatalogue:
    return catalogue.paintings(SEED, WORKS, CREATORS, revision)


def pictures(revision: int) -> dict[str, Picture]:
    return {work.picture.key: work.picture for work in paintings(revision).works}


@pytest.mark.parametrize("size", [60, 2_000, 20_000])
def test_each_revision_changes_a_hundredth(size: int) -> None:
    before, after = History(size, SEED, LATER - 1), History(size, SEED, LATER)
    changed = [n for n in range(size) if before.standing(n) != after.standing(n)]
    assert len(changed) == max(2, round(size * CHANGED_SHARE))
    replaced = [n for n in changed if before.number(n) != after.number(n)]
    assert len(replaced) == len(changed) // 2
    for item in replaced:
        assert after.item(before.number(item)) is None
        assert after.item(after.number(item)) == item
        assert before.item(after.number(item)) is None


def test_numbers_are_never_used_twice() -> None:
    seen = {item: History(60, SEED, 0).number(item) for item in range(60)}
    used = set(seen.values())
    for revision in range(1, 40):
        history = History(60, SEED, revision)
        for item, number in seen.items():
            now = history.number(item)
            assert now == number or now not in used
            seen[item] = now
            used.add(now)


def test_what_went_is_found_no_more_and_what_came_was_not_there() -> None:
    old, new = pictures(0), pictures(LATER)
    went, came = old.keys() - new.keys(), new.keys() - old.keys()
    assert len(went) == len(came) == LATER
    assert all(paintings(LATER).picture(key) is None for key in went)
    assert all(paintings(0).picture(key) is None for key in came)
    ids = [{work.id for work in paintings(revision).works} for revision in (0, LATER)]
    assert len(ids[0]) == len(ids[1]) == WORKS
    assert len(ids[0] - ids[1]) == LATER


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


def differs(
    before: PaintingCatalogue, after: PaintingCatalogue, old: Picture, new: Picture
) -> bool:
    return before.version(old, None).tag != after.version(new, None).tag


def test_watches_come_go_and_change_as_well() -> None:
    before, after = (catalogue.watches(SEED, 120, 3, revision) for revision in (0, 1))
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
    drawn = [key for key in moved if set(old[key].defects) <= {Defect.WATERMARK}]
    assert drawn
    for key in drawn[:2]:
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
    url = book.to_wire(shard_of(picture) + work.image_path)
    return requests.get(url, headers=headers, timeout=10)
