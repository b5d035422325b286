"""From facts and requests to the rows of each capture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.ids import image_id_of
from pipeline.core.schema import LISTINGS, MANIFEST, Fetch
from scrapers.capture.capture_description import CaptureDescription, walked_again
from scrapers.parsing.listing_facts import DETAIL, LISTING, Fact, facts_table
from scrapers.parsing.listings import Captured, ListingHistory

IMAGES = "https://uploads8.wikiart.org/images/orla-venn"
WWW = "https://www.wikiart.org/en/orla-venn"
SHA = "ab" * 32
FIRST, SECOND = "2026-01-01", "2026-01-02"

Row = dict[str, Any]


def key_of(url: str) -> str:
    return url.partition("!")[0]


def fact(name: str, rank: int = LISTING, **more: Any) -> Fact:
    known: Row = {"image_key": f"{IMAGES}/{name}.jpg", "layer": "json", "position": 0}
    return Fact(key=f"orla-venn/{name}", rank=rank, page_url=f"{WWW}/{name}", **(known | more))


def request(url: str, fetch: Fetch, sha256: str | None = None, kind: str = "image") -> Row:
    row = dict.fromkeys(MANIFEST.arrow.names)
    return row | {"kind": kind, "url": url, "fetch": str(fetch), "sha256": sha256}


def came(name: str, sha256: str = SHA) -> Row:
    return request(f"{IMAGES}/{name}.jpg", Fetch.FETCHED, sha256)


def page(name: str, fetch: Fetch = Fetch.FETCHED) -> Row:
    return request(f"{WWW}/{name}", fetch, kind="page")


def captured(facts: list[Fact], *requests: Row, on: str = FIRST, **more: Any) -> Captured:
    schema = pa.schema([field.with_nullable(True) for field in MANIFEST.arrow])
    rows = [row | {"seq": seq} for seq, row in enumerate(requests)]
    manifest = pa.Table.from_pylist(rows, schema=schema)
    otherwise = {"page_fetch": {}, "walked_again": ()} | more
    return Captured(on, facts_table(facts), manifest, **otherwise)


def told(*captures: Captured, key: Callable[[str], str] = key_of) -> list[Row]:
    """The rows of the last of ``captures``."""
    history = ListingHistory("wikiart", key)
    tables = [history.rows(each) for each in captures]
    assert all(table.schema == LISTINGS.arrow for table in tables)
    return [dict(row) for row in tables[-1].to_pylist()]


def test_a_work_s_own_page_is_believed_and_its_gaps_are_filled_from_the_listing() -> None:
    facts = [
        fact("mill", title="Mill (listed)", year_text="1901", year=1901, listing_id="5a"),
        fact("mill", DETAIL, title="Mill", rights="Public domain", layer="dom"),
    ]
    large = request(f"{IMAGES}/mill.jpg!Large.jpg", Fetch.FETCHED, SHA)
    (row,) = told(captured(facts, page("mill"), large))
    assert (row["title"], row["rights"], row["layer"]) == ("Mill", "Public domain", "dom")
    assert (row["year"], row["listing_id"]) == (1901, "5a")
    assert (row["image_url"], row["image_id"]) == (large["url"], image_id_of(SHA))
    assert (row["image_key"], row["page_fetch"]) == (f"{IMAGES}/mill.jpg", "fetched")
    assert (row["capture"], row["position"]) == (FIRST, 0)


def test_without_an_id_a_work_is_named_by_its_page() -> None:
    (row,) = told(captured([fact("mill")], request(f"{IMAGES}/mill.jpg", Fetch.FAILED)))
    assert row["listing_id"] == "orla-venn/mill"
    assert (row["fetch"], row["image_id"], row["page_fetch"]) == ("failed", None, None)


@pytest.mark.parametrize("ids", [("5a", None), (None, "5a"), ("5a", "5a")])
def test_a_work_keeps_the_name_by_which_it_was_met_first(ids: tuple[str | None, ...]) -> None:
    first, second = (
        captured([fact("mill", listing_id=each)], came("mill"), on=on)
        for each, on in zip(ids, (FIRST, SECOND), strict=True)
    )
    (row,) = told(first, second)
    assert row["listing_id"] == (ids[0] or "orla-venn/mill")


def test_one_work_at_two_addresses_is_one_listing() -> None:
    facts = [fact("mill", listing_id="5a"), fact("the-mill", listing_id="5a")]
    rows = told(captured(facts, came("mill"), came("the-mill", "cd" * 32)))
    assert [(row["listing_id"], row["image_key"]) for row in rows] == [
        ("5a", f"{IMAGES}/mill.jpg"), ("5a", f"{IMAGES}/the-mill.jpg"),
    ]  # fmt: skip


def test_the_size_that_came_counts_not_the_one_that_was_missing() -> None:
    requests = [
        request(f"{IMAGES}/mill.jpg!HD.jpg", Fetch.GONE),
        request(f"{IMAGES}/mill.jpg", Fetch.FETCHED, SHA),
    ]
    for order in (requests, requests[::-1]):
        (row,) = told(captured([fact("mill")], *order))
        assert (row["fetch"], row["image_url"]) == ("fetched", f"{IMAGES}/mill.jpg")


def test_listings_that_were_not_asked_for_are_no_rows_and_shared_images_are_several() -> None:
    facts = [fact("mill"), fact("copy", image_key=f"{IMAGES}/mill.jpg"), fact("never-asked")]
    rows = told(captured(facts, came("mill")))
    assert [row["listing_id"] for row in rows] == ["orla-venn/copy", "orla-venn/mill"]


def test_a_picture_that_only_the_listing_shows_is_a_row_as_well() -> None:
    """The own page names another first picture than the card, and the card's was asked for."""
    facts = [
        fact("watch", DETAIL, image_key=f"{IMAGES}/new.jpg"),
        fact("watch", DETAIL, image_key=f"{IMAGES}/b.jpg", position=1),
        fact("watch", image_key=f"{IMAGES}/a.jpg"),
        fact("watch", image_key=f"{IMAGES}/b.jpg", position=0),
    ]
    rows = told(captured(facts, page("watch"), came("a"), came("b", "cd" * 32)))
    assert [(row["image_key"], row["position"]) for row in rows] == [
        (f"{IMAGES}/a.jpg", 0), (f"{IMAGES}/b.jpg", 1),
    ]  # fmt: skip


def test_a_known_picture_is_told_where_it_was_not_asked_for_and_what_took_its_place() -> None:
    first = captured([fact("mill"), fact("weir")], came("mill"), came("weir", "cd" * 32))
    facts = [fact("mill"), fact("weir", image_key=f"{IMAGES}/other.jpg"), fact("new")]
    rows = told(first, captured(facts, on=SECOND))
    assert [(row["image_key"], row["fetch"], row["capture"]) for row in rows] == [
        (f"{IMAGES}/mill.jpg", None, SECOND), (f"{IMAGES}/other.jpg", None, SECOND),
    ]  # fmt: skip


KNOWN = captured([fact("mill", title="Mill")], page("mill"), came("mill"))
UNREADABLE = {f"{WWW}/mill": Fetch.FAILED}


@pytest.mark.parametrize(
    ("second", "page_fetch"),
    [
        (captured([], page("mill", Fetch.OPTED_OUT), on=SECOND), "opted_out"),
        (captured([], page("mill", Fetch.GONE), on=SECOND), "gone"),
        (captured([], page("mill"), on=SECOND, page_fetch=UNREADABLE), "failed"),
        (captured([fact("mill", image_key=None)], page("mill"), on=SECOND), "fetched"),
        (captured([], on=SECOND, walked_again={FIRST}), None),
    ],
    ids=["opted out", "gone", "unreadable", "without a picture", "in no list any more"],
)
def test_a_known_listing_without_a_picture_is_a_row(second: Captured, page_fetch: object) -> None:
    (row,) = told(KNOWN, second)
    assert (row["image_key"], row["fetch"], row["page_fetch"]) == ("", None, page_fetch)
    assert (row["listing_id"], row["page_url"]) == ("orla-venn/mill", f"{WWW}/mill")


@pytest.mark.parametrize(
    "second",
    [
        captured([], on=SECOND),
        captured([fact("weir")], on=SECOND, walked_again={"2025-12-31"}),
        captured([fact("mill", image_key=None)], on=SECOND, walked_again={FIRST}),
    ],
    ids=["it looked elsewhere", "it looked where another had", "a list names it"],
)
def test_what_was_not_looked_for_is_not_missed(second: Captured) -> None:
    assert told(KNOWN, second) == []


def test_a_listing_leaves_once_and_may_come_back() -> None:
    gone = captured([], on=SECOND, walked_again={FIRST})
    still = captured([], on="2026-01-03", walked_again={FIRST, SECOND})
    assert told(KNOWN, gone, still) == []
    back = captured([fact("mill")], came("mill"), on="2026-01-04")
    (row,) = told(KNOWN, gone, still, back)
    assert row["image_id"] == image_id_of(SHA)


def asked(origin: str = "live", /, **selection: Any) -> CaptureDescription:
    return CaptureDescription("wikiart", origin, FIRST, {"list_by": "json", **selection})


STYLE: Row = {"styles": ["a"]}
BOTH: Row = {**STYLE, "genres": ["b"]}


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        (asked(**STYLE), asked(**STYLE), True),
        (asked(**BOTH), asked(**STYLE), True),
        (asked(**STYLE), asked(**BOTH), False),
        (asked(styles=["b"]), asked(**STYLE), False),
        (asked(), asked(**STYLE), True),
        (asked(**STYLE), asked(), False),
        (asked(), asked(), True),
        (asked(**STYLE, max_listings=3), asked(**STYLE), False),
        (asked(**STYLE, max_listings=4), asked(**STYLE), True),
        (asked(**STYLE), asked(**STYLE, max_listings=3), True),
        (asked(list_by="sitemap"), asked(), False),
        (asked("gallery", **STYLE), asked(**STYLE), False),
        (asked("folder"), asked("folder"), False),
    ],
)
def test_what_a_capture_looked_for(
    later: CaptureDescription, earlier: CaptureDescription, expected: bool
) -> None:
    assert walked_again(later, earlier, listings=3, most_listed=None) is expected
    assert not walked_again(later, earlier, listings=3, most_listed=3)


# A busy machine may take long over any one example; how long is not what is tested.
@settings(deadline=None, max_examples=30)
@given(st.permutations(range(6)))
def test_the_order_of_the_pages_does_not_matter(order: list[int]) -> None:
    names = ("a", "b", "c")
    facts = [fact(n, title=n) for n in names] + [fact(n, DETAIL, genre="marina") for n in names]
    requests = [came(name) for name in names]
    expected = told(captured(facts, *requests))
    assert told(captured([facts[i] for i in order], *requests)) == expected
