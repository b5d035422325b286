from __future__ import annotations

import pytest

from curation.selection.decide import select
from curation.selection.funnel import funnel
from curation.selection.listing_state import newest_state
from pipeline.core.errors import TableError
from pipeline.core.params.select import Select
from pipeline.core.schema import LISTINGS
from tests.decision_tables import Row, decision, image, inputs, listing, table

LISTED: list[Row] = [
    listing("1", "a"),
    listing("2", "a"),
    listing("3", "b"),
    listing("4", "c"),
    listing("5", None, fetch="gone"),
    listing("6", None, fetch="failed"),
    listing("7", None, fetch="failed"),
    listing("8", None, fetch="opted_out"),
]


def test_the_funnel_of_a_small_collection() -> None:
    made = inputs(
        [image("a"), image("b", width=3000), image("c"), image("d", luminance_std=0.5)],
        LISTED,
        decisions=[decision("keep", "b")],
    )
    counted = funnel(made.listed, select(made, Select()))
    totals = {key: value for key, value in counted.items() if key != "steps"}
    assert totals == {
        "listed": 8,
        "fetched": 4,
        "images": 4,
        "in_no_listing": 1,
        "rejected": {"unlisted": 1},
        "overruled": {"aspect_ratio": 1},
        "groups": 0,
        "kept": 3,
    }
    told = [(s["of"], s["step"], s["before"], s["left_out"], s["after"]) for s in counted["steps"]]
    assert told[:6] == [
        ("listed images", "gone", 8, 1, 7),
        ("listed images", "placeholder", 7, 0, 7),
        ("listed images", "opted_out", 7, 1, 6),
        ("listed images", "failed", 6, 2, 4),
        ("listed images", "same_bytes", 4, 1, 3),
        ("images", "unreadable", 4, 0, 4),
    ]
    assert [row[1:] for row in told if row[3]][-1] == ("unlisted", 4, 1, 3)


def test_a_funnel_that_does_not_add_up_is_refused() -> None:
    made = inputs([image("a"), image("b"), image("c")], LISTED)
    selection = select(made, Select())
    torn = selection.set_column(1, "status", selection["status"].take([0, 0, 0]))
    broken = torn.set_column(2, "reason", [["blank", None, None]])
    with pytest.raises(TableError, match="does not add up"):
        funnel(made.listed, broken)


def test_a_selection_that_lacks_images_is_refused() -> None:
    made = inputs([image("a"), image("b"), image("c")], LISTED)
    with pytest.raises(TableError, match="1 images that were not selected from"):
        funnel(made.listed, select(made, Select()).slice(1))


def test_bytes_without_any_outcome_known_are_refused() -> None:
    odd = [*LISTED, listing("9", None, fetch="fetched")]
    made = inputs([image("a"), image("b"), image("c")])
    with pytest.raises(TableError, match="does not add up"):
        funnel(newest_state(table(LISTINGS, odd)), select(made, Select()))
