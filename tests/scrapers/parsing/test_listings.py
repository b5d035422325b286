"""From facts and requests to rows, and from the rows of several captures to one table."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.ids import image_id_of
from pipeline.core.schema import LISTINGS, MANIFEST, Fetch
from scrapers.parsing.facts import DETAIL, LISTING, Fact, table_of
from scrapers.parsing.listings import listings_of, newest
from scrapers.sites.wikiart.images import image_key

HOST = "https://uploads8.wikiart.org/images/orla-venn"
SHA = "ab" * 32


def fact(name: str, rank: int = LISTING, **more: Any) -> Fact:
    page = f"https://www.wikiart.org/en/orla-venn/{name}"
    known = {"image_key": image_key(f"{HOST}/{name}.jpg"), "layer": "json"}
    return Fact(key=f"orla-venn/{name}", position=0, rank=rank, page_url=page, **(known | more))


def request(url: str, fetch: Fetch, sha256: str | None = None) -> dict[str, Any]:
    row = dict.fromkeys(MANIFEST.arrow.names)
    return row | {"kind": "image", "url": url, "fetch": str(fetch), "sha256": sha256}


def manifest(*requests: dict[str, Any]) -> pa.Table:
    schema = pa.schema([field.with_nullable(True) for field in MANIFEST.arrow])
    rows = [row | {"seq": seq} for seq, row in enumerate(requests)]
    return pa.Table.from_pylist(rows, schema=schema)


def parsed(facts: list[Fact], *requests: dict[str, Any], on: str = "2026-01-01") -> pa.Table:
    return listings_of("wikiart", on, table_of(facts), manifest(*requests), image_key)


def test_a_work_s_own_page_is_believed_and_its_gaps_are_filled_from_the_listing() -> None:
    facts = [
        fact("mill", title="Mill (listed)", year_text="1901", year=1901, listing_id="5a"),
        fact("mill", DETAIL, title="Mill", rights="Public domain", layer="dom"),
    ]
    (row,) = parsed(facts, request(f"{HOST}/mill.jpg!Large.jpg", Fetch.FETCHED, SHA)).to_pylist()
    assert (row["title"], row["rights"], row["layer"]) == ("Mill", "Public domain", "dom")
    assert (row["year"], row["listing_id"]) == (1901, "5a")
    assert (row["image_url"], row["image_id"]) == (f"{HOST}/mill.jpg!Large.jpg", image_id_of(SHA))
    assert (row["first_capture"], row["last_capture"]) == ("2026-01-01", "2026-01-01")


def test_without_an_id_a_work_is_named_by_its_page() -> None:
    (row,) = parsed([fact("mill")], request(f"{HOST}/mill.jpg", Fetch.FAILED)).to_pylist()
    assert row["listing_id"] == "orla-venn/mill"
    assert (row["fetch"], row["image_id"]) == ("failed", None)


def test_the_size_that_came_counts_not_the_one_that_was_missing() -> None:
    requests = [
        request(f"{HOST}/mill.jpg!HD.jpg", Fetch.GONE),
        request(f"{HOST}/mill.jpg", Fetch.FETCHED, SHA),
    ]
    for order in (requests, requests[::-1]):
        (row,) = parsed([fact("mill")], *order).to_pylist()
        assert (row["fetch"], row["image_url"]) == ("fetched", f"{HOST}/mill.jpg")


def test_listings_that_were_not_asked_for_are_no_rows_and_shared_images_are_several() -> None:
    facts = [
        fact("mill"),
        fact("copy", image_key=image_key(f"{HOST}/mill.jpg")),
        fact("never-asked"),
    ]
    table = parsed(facts, request(f"{HOST}/mill.jpg", Fetch.FETCHED, SHA))
    assert sorted(table["listing_id"].to_pylist()) == ["orla-venn/copy", "orla-venn/mill"]


def test_accents_match_in_either_writing() -> None:
    facts = [fact("café", image_key=image_key(f"{HOST}/café.jpg"))]
    table = parsed(facts, request(f"{HOST}/caf%C3%A9.jpg!Large.jpg", Fetch.FETCHED, SHA))
    assert table.num_rows == 1


def outcomes(*fetches: Fetch) -> dict[str, Any]:
    """The one row left of a listing that had these outcomes in captures of successive days."""
    tables = [
        parsed(
            [fact("mill", title=f"title of day {day}")],
            request(f"{HOST}/mill.jpg", fetch, f"{day}" * 64 if fetch is Fetch.FETCHED else None),
            on=f"2026-01-0{day}",
        )
        for day, fetch in enumerate(fetches, start=1)
    ]
    (row,) = newest(tables).to_pylist()
    assert (row["first_capture"], row["last_capture"]) == ("2026-01-01", f"2026-01-0{len(fetches)}")
    return dict(row)


def test_the_newest_capture_speaks() -> None:
    row = outcomes(Fetch.FETCHED, Fetch.FETCHED)
    assert (row["title"], row["image_id"]) == ("title of day 2", "2" * 24)


def test_a_failure_takes_nothing_away_but_opting_out_does() -> None:
    for lost in (Fetch.GONE, Fetch.FAILED):
        assert outcomes(Fetch.FETCHED, lost, lost)["image_id"] == "1" * 24
    for withdrawn in (Fetch.OPTED_OUT, Fetch.PLACEHOLDER):
        row = outcomes(Fetch.FETCHED, withdrawn)
        assert (row["fetch"], row["image_id"]) == (str(withdrawn), None)


def test_rows_are_never_mixed_from_two_captures() -> None:
    first = parsed(
        [fact("mill", title="old", rights="Fair Use")],
        request(f"{HOST}/mill.jpg", Fetch.FETCHED, SHA),
    )
    second = parsed(
        [fact("mill", title="new")],
        request(f"{HOST}/mill.jpg", Fetch.FETCHED, SHA),
        on="2026-01-02",
    )
    (row,) = newest([first, second]).to_pylist()
    assert (row["title"], row["rights"]) == ("new", None)


def test_no_captures_make_an_empty_table() -> None:
    assert newest([]).schema == LISTINGS.arrow
    assert newest([parsed([])]).num_rows == 0


# A busy machine may take long over any one example; how long is not what is tested.
@settings(deadline=None, max_examples=30)
@given(st.permutations(range(6)))
def test_the_order_of_the_pages_does_not_matter(order: list[int]) -> None:
    names = ("a", "b", "c")
    facts = [fact(n, title=n) for n in names] + [fact(n, DETAIL, genre="marina") for n in names]
    requests = [request(f"{HOST}/{n}.jpg", Fetch.FETCHED, SHA) for n in names]
    key = [(column, "ascending") for column in LISTINGS.key]
    expected = newest([parsed(facts, *requests)]).sort_by(key)
    assert newest([parsed([facts[i] for i in order], *requests)]).sort_by(key).equals(expected)
