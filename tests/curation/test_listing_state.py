"""What the rows of one listing come to, capture by capture."""

from __future__ import annotations

from typing import Any

import pytest

from curation.selection.listing_state import newest_state
from pipeline.core.schema import LISTINGS
from tests.decision_tables import Row, id_of, listing, table

FREE = {"rights": "Public domain"}
READ: Row = {"page_fetch": "fetched"}
OUT: Row = {"page_fetch": "opted_out"}


def seen(day: int, image_name: str | None, **facts: Any) -> Row:
    return listing("mill", image_name, capture=f"2026-05-0{day}", **facts)


def without(day: int, page_fetch: str | None, **facts: Any) -> Row:
    told: Row = {"layer": None, "creator": None, "image_key": "", "fetch": None}
    return seen(day, None, page_fetch=page_fetch, **(told | facts))


def state(*rows: Row) -> dict[str, Row]:
    """What is said of each image, by its name; ``""`` for a place without bytes."""
    names = {id_of(name): name for name in "abc"} | {None: ""}
    told = newest_state(table(LISTINGS, rows)).to_pylist()
    assert len({names[row["image_id"]] for row in told}) == len(told)
    return {names[row["image_id"]]: row for row in told}


A = seen(1, "a", **READ, **FREE)
LOST: Row = {"fetch": "failed"}
OTHER: Row = {"image_key": "other.jpg"}


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ([A], "a"),
        ([A, seen(2, "a", fetch="unchanged")], "a"),
        ([A, seen(2, None, **LOST)], "a"),
        ([A, seen(2, None, fetch="gone")], "a"),
        ([A, seen(2, None, fetch=None)], "a"),
        ([A, seen(2, "b", fetch="changed")], "b"),
        ([A, seen(2, "b", fetch="changed"), seen(3, None, **LOST)], "b"),
        ([A, seen(2, "b", **OTHER)], "b"),
        ([A, seen(2, "b", **OTHER, position=1)], "ab"),
        ([A, seen(2, "b", **OTHER, **READ, position=1)], "b"),
        ([A, seen(2, None, **OTHER, **LOST)], ""),
        ([A, seen(2, None, **OTHER, fetch="placeholder")], ""),
        ([A, seen(2, "b", **OTHER), seen(3, "a")], "a"),
        ([A, without(2, None)], ""),
        ([A, without(2, "gone")], ""),
        ([A, without(2, "fetched")], ""),
        ([A, without(2, "failed")], "a"),
        ([A, without(2, None), seen(3, "a", fetch="unchanged")], "a"),
    ],
)
def test_what_a_listing_shows(rows: list[Row], shown: str) -> None:
    told = state(*rows)
    assert {name for name, row in told.items() if row["shown"]} == set(shown)
    assert not any(row["opted_out"] for row in told.values())


NOT_USED: Row = {"fetch": "opted_out"}


@pytest.mark.parametrize(
    ("rows", "out"),
    [
        ([A, seen(2, "a", **OUT)], "a"),
        ([A, without(2, "opted_out")], "a"),
        ([A, without(2, "opted_out"), seen(3, "a")], "a"),
        ([A, without(2, "opted_out"), without(3, "failed")], "a"),
        ([A, without(2, "opted_out"), without(3, "gone")], "a"),
        ([A, without(2, "opted_out"), seen(3, "a", **READ)], ""),
        ([A, seen(2, None, **NOT_USED)], "a"),
        ([A, seen(2, None, **NOT_USED), seen(3, None, **LOST)], "a"),
        ([A, seen(2, None, **NOT_USED), seen(3, "a")], ""),
        ([A, seen(2, None, **NOT_USED, **OUT), seen(3, None, **LOST, **READ)], ""),
        ([A, seen(2, None, **NOT_USED, **OTHER)], "a"),
        ([A, seen(2, None, **NOT_USED), seen(3, "b", **OTHER)], "a"),
    ],
)
def test_an_opt_out_holds_until_it_is_taken_back(rows: list[Row], out: str) -> None:
    assert {name for name, row in state(*rows).items() if row["opted_out"]} == set(out)


@pytest.mark.parametrize(
    ("rows", "label"),
    [
        ([A, seen(2, "b", **READ, **OTHER, rights="Fair Use")], "Fair Use"),
        ([A, seen(2, "a", **READ)], None),
        ([A, seen(2, "a")], "Public domain"),
        ([A, seen(2, "a", page_fetch="failed")], "Public domain"),
        ([A, without(2, "opted_out")], "Public domain"),
        ([A, without(2, "fetched", layer="dom", rights="Fair Use")], "Fair Use"),
    ],
)
def test_the_newest_page_that_tells_a_label_gives_it(rows: list[Row], label: str | None) -> None:
    assert {row["rights"] for row in state(*rows).values()} == {label}


def test_a_picture_that_opts_out_under_one_listing_is_out_under_all() -> None:
    shared: Row = {"image_key": "shared.jpg"}
    first = listing("one", "a", **shared)
    later = listing("two", None, **shared, **NOT_USED, capture="2026-06-01")
    told = newest_state(table(LISTINGS, [first, later]))
    assert told["image_id"].to_pylist() == [id_of("a"), id_of("a")]
    assert told["opted_out"].to_pylist() == [True, True]


def test_each_place_counts_once_and_each_picture_that_it_showed() -> None:
    rows = [
        A, seen(2, "b", **OTHER), seen(1, None, **LOST, image_key="second.jpg", position=1),
        seen(2, None, fetch="gone", image_key="second.jpg", position=1),
        without(3, "failed"), seen(3, None, fetch=None, image_key="third.jpg", position=2),
    ]  # fmt: skip
    told = state(*rows)
    assert {name: (row["position"], row["fetch"]) for name, row in told.items()} == {
        "a": (0, "fetched"), "b": (0, "fetched"), "": (1, "gone"),
    }  # fmt: skip
    spans = {name: (row["first_capture"], row["last_capture"]) for name, row in told.items()}
    assert spans["a"] == ("2026-05-01", "2026-05-01")
    assert spans[""] == ("2026-05-01", "2026-05-02")


def test_no_rows_are_no_rows() -> None:
    assert newest_state(table(LISTINGS, [])).num_rows == 0


def test_images_that_one_place_showed_come_in_the_order_of_their_ids() -> None:
    names = sorted("abc", key=id_of, reverse=True)
    rows = [
        listing("work", name, capture=f"2026-05-0{day}", image_key=f"{name}.jpg")
        for day, name in enumerate(names, start=1)
    ]
    state = newest_state(table(LISTINGS, rows))
    assert state["image_id"].to_pylist() == sorted(map(id_of, names))
