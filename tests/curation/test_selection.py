from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.selection.decide import select
from curation.selection.funnel import funnel
from curation.selection.inputs import Inputs
from pipeline.core.errors import ListsError, TableError
from pipeline.core.params.select import Select
from pipeline.core.schema import DECISIONS, SELECTION
from tests.decision_tables import (
    Row,
    decision,
    id_of,
    image,
    inputs,
    listing,
    pair,
    score,
    table,
)

NAMES = {id_of(name): name for name in "abcdefghijklmnopqrstuvwxyz"}


def selected(made: Inputs, **params: Any) -> dict[str, Row]:
    """Rows of the selection by the images' short names."""
    selection = select(made, Select().model_copy(update=params))
    assert selection.schema.equals(SELECTION.arrow)
    assert selection["image_id"].equals(made.images["image_id"])
    rows = {NAMES[row["image_id"]]: row for row in selection.to_pylist()}
    for row in rows.values():
        row["group"] = NAMES.get(row["group"])
    return rows


def reasons(made: Inputs, **params: Any) -> dict[str, str | None]:
    return {name: row["reason"] for name, row in selected(made, **params).items()}


def sized(names: str) -> list[Row]:
    """Images that are the smaller the later they come."""
    return [image(name, width=590 - 10 * place) for place, name in enumerate(names)]


COLUMNS = ("status", "reason", "value", "threshold", "decided_by", "overruled", "group")
GOLDEN: dict[str, tuple[Any, ...]] = {
    "a": ("keep", None, None, None, "rule", None, "a"),
    "b": ("reject", "near_duplicate", 1.5, None, "rule", None, "a"),
    "c": ("reject", "exact_duplicate", 0.0, None, "rule", None, "a"),
    "d": ("keep", None, None, None, "rule", None, None),
    "e": ("reject", "unreadable", None, None, "rule", None, None),
    "f": ("reject", "curator_removed", None, None, "mira", None, None),
    "g": ("keep", None, 3.0, 2.0, "ana", "aspect_ratio", None),
    "h": ("reject", "too_small", 100.0, 128.0, "rule", None, None),
    "i": ("reject", "watermark", 9.5, 6.0, "rule", None, None),
    "j": ("reject", "opted_out", None, None, "rule", None, None),
    "k": ("reject", "placeholder", 2.0, 2.0, "rule", None, None),
    "l": ("keep", None, 1.5, None, "curator", "near_duplicate", "m"),
    "m": ("keep", None, None, None, "ana", None, "m"),
    "n": ("keep", None, None, None, "rule", None, None),
}


def golden() -> Inputs:
    shapes = {"b": (640, 480), "c": (800, 600), "g": (600, 200), "h": (100, 300), "m": (999, 999)}
    shapes["a"] = (900, 700)
    images = [
        image(name) | dict(zip(("width", "height"), shapes.get(name, (400, 300)), strict=True))
        for name in GOLDEN
    ]
    images[4] |= {"fault": "unreadable", "width": None, "height": None, "shard": None, "row": None}
    listings = [listing(name, name) for name in GOLDEN] + [listing("z", "k")]
    listings[9]["fetch"] = "opted_out"
    return inputs(
        images,
        listings,
        pairs=[
            pair("a", "b"), pair("c", "a", "exact", lab_distance=0.0), pair("d", "a", "doubtful"),
            pair("m", "l"), pair("n", "a"), pair("h", "d"), pair("f", "d"),
        ],
        scores=[score("i", 9.5), score("a", 1.0)],
        decisions=[
            decision("remove", "f", by="mira"), decision("keep", "g"), decision("keep", "j"),
            decision("keep", "m"), decision("keep", "l", by=""),
            decision("distinct", min(id_of("n"), id_of("a")), "pair", "") | PAIR_A_N,
        ],
    )  # fmt: skip


PAIR_A_N = {"target": min(id_of("a"), id_of("n")), "other": max(id_of("a"), id_of("n"))}


def test_golden_selection() -> None:
    rows = selected(golden(), placeholder_listings=2)
    assert {name: tuple(row[c] for c in COLUMNS) for name, row in rows.items()} == GOLDEN
    assert rows["b"]["group_note"] == "larger: 900x700 against 640x480"
    assert rows["a"]["group_note"] == rows["c"]["group_note"] == "larger: 900x700 against 800x600"
    assert rows["m"]["group_note"] == "larger: 999x999 against 400x300"
    assert rows["d"]["group_note"] is None
    assert (rows["d"]["creator"], rows["d"]["shard"]) == ("ada-vorn", "2026-05-04-00000")
    assert rows["e"]["shard"] is None


@pytest.mark.parametrize("fault", ["unreadable", "not_an_image"])
def test_keep_cannot_save_what_is_no_image(fault: str) -> None:
    rows = selected(inputs([image("a", fault=fault)], decisions=[decision("keep", "a")]))
    assert (rows["a"]["reason"], rows["a"]["decided_by"]) == (fault, "rule")
    assert rows["a"]["overruled"] is None


def test_removing_a_kept_image_lets_its_copy_return() -> None:
    pairs = [pair("a", "b"), pair("b", "c")]
    made = inputs(sized("abc"), pairs=pairs)
    assert reasons(made) == {"a": None, "b": "near_duplicate", "c": None}
    made = inputs(sized("abc"), pairs=pairs, decisions=[decision("remove", "a")])
    assert reasons(made) == {"a": "curator_removed", "b": None, "c": "near_duplicate"}


def test_a_rejected_image_takes_no_copy_with_it() -> None:
    made = inputs([image("a", width=9000), image("b")], pairs=[pair("a", "b")])
    assert reasons(made) == {"a": "aspect_ratio", "b": None}


def test_pairs_told_apart_and_doubtful_pairs_are_no_duplicates() -> None:
    a, b = sorted((id_of("a"), id_of("b")))
    apart = decision("distinct", "a", "pair") | {"target": a, "other": b}
    made = inputs(
        sized("abc"), pairs=[pair("a", "b"), pair("b", "c", "doubtful")], decisions=[apart]
    )
    assert set(reasons(made).values()) == {None}
    assert {row["group"] for row in selected(made).values()} == {None}


def test_duplicate_rules_can_be_switched_off_one_by_one() -> None:
    pairs = [pair("a", "b", "exact"), pair("a", "c", "near")]
    made = inputs(sized("abcd"), pairs=pairs)
    assert reasons(made, exact_duplicates=False)["b"] is None
    assert reasons(made, exact_duplicates=False)["c"] == "near_duplicate"
    rows = selected(made, near_duplicates=False)
    assert (rows["b"]["reason"], rows["c"]["reason"]) == ("exact_duplicate", None)
    assert [rows[name]["group"] for name in "abcd"] == ["a", "a", "a", None]


def test_copies_a_curator_keeps_share_a_group_with_the_rest() -> None:
    pairs = [pair("a", "b"), pair("b", "c")]
    decisions = [decision("keep", "a"), decision("keep", "b")]
    rows = selected(inputs(sized("abc"), pairs=pairs, decisions=decisions))
    assert [rows[name]["reason"] for name in "abc"] == [None, None, "near_duplicate"]
    assert [rows[name]["group"] for name in "abc"] == ["a", "a", "a"]
    assert rows["b"]["overruled"] == "near_duplicate"


class TestGroupEntries:
    IMAGES = (*sized("abcde"), image("f", luminance_std=0.5))
    PAIRS = (pair("a", "b"), pair("a", "c"), pair("c", "d"), pair("a", "f"))

    def made(self, *decisions: Row) -> Inputs:
        return inputs(self.IMAGES, pairs=self.PAIRS, decisions=decisions)

    @pytest.mark.parametrize("member", ["a", "b", "f"])
    def test_any_member_names_the_whole_group(self, member: str) -> None:
        by_image = reasons(self.made(decision("remove", member, "group")))
        removed = {name for name, reason in by_image.items() if reason == "curator_removed"}
        assert removed == {"a", "b", "c", "f"}

    def test_an_entry_about_a_member_outweighs_it(self) -> None:
        group = decision("remove", "a", "group")
        by_image = reasons(self.made(group, decision("keep", "b"), decision("keep", "f")))
        assert by_image == {
            "a": "curator_removed", "b": None, "c": "curator_removed", "d": None, "e": None,
            "f": None,
        }  # fmt: skip

    def test_it_means_the_same_whatever_else_is_removed(self) -> None:
        both = self.made(decision("remove", "b", "group"), decision("remove", "a"))
        assert {n for n, r in reasons(both).items() if r == "curator_removed"} == set("abcf")

    def test_keep_spares_all_of_it(self) -> None:
        rows = selected(self.made(decision("keep", "c", "group")))
        assert {name for name, row in rows.items() if row["reason"]} == {"d"}
        assert [rows[name]["overruled"] for name in "abcf"] == [
            None, "near_duplicate", "near_duplicate", "blank",
        ]  # fmt: skip

    def test_contradictions_are_told(self) -> None:
        made = self.made(decision("keep", "a", "group"), decision("remove", "b", "group"))
        with pytest.raises(
            ListsError, match=r"(keep|remove) group:\w+ and (keep|remove) group:.*delete one"
        ):
            select(made, Select())


def test_a_decision_about_a_stranger_is_told() -> None:
    with pytest.raises(TableError, match="decisions names the image"):
        select(inputs([image("a")], decisions=[decision("remove", "z")]), Select())


def test_an_empty_collection() -> None:
    selection = select(inputs([]), Select())
    assert selection.num_rows == 0
    assert funnel(inputs([]).listings, selection)["kept"] == 0


LETTERS = "abcdefghij"


@st.composite
def collections(draw: st.DrawFn) -> Inputs:
    """Any small collection: every fault, number, pair and decision."""
    images = [
        image(
            name,
            fault=draw(st.sampled_from([None, None, None, "unreadable", "not_an_image"])),
            width=draw(st.sampled_from([100, 300, 301, 900])),
            luminance_std=draw(st.sampled_from([1.0, 30.0, None])),
        )
        for name in draw(st.sets(st.sampled_from(LETTERS)))
    ]
    names = sorted(NAMES[row["image_id"]] for row in images)
    shown = draw(st.lists(st.sampled_from([*names, None]), max_size=14))
    bytesless = ["gone", "placeholder", "opted_out", "failed"]
    listings = [
        listing(
            str(number),
            name,
            fetch=draw(st.sampled_from(bytesless if name is None else ["fetched", "opted_out"])),
        )
        for number, name in enumerate(shown)
    ]
    ends = [(a, b) for a in names for b in names if a < b]
    joined = draw(st.sets(st.sampled_from(ends))) if ends else set()
    pairs = [pair(a, b, draw(st.sampled_from(["exact", "near", "doubtful"]))) for a, b in joined]
    scores = [score(name, draw(st.sampled_from([1.0, 9.0, None]))) for name in names]
    decisions = [
        decision(draw(st.sampled_from(["keep", "remove"])), name)
        for name in (draw(st.sets(st.sampled_from(names))) if names else ())
    ]
    return inputs(images, listings, pairs, scores, decisions)


@given(collections())
def test_every_row_is_decided_and_the_funnel_adds_up(made: Inputs) -> None:
    selection = select(made, Select(placeholder_listings=3))
    for row in selection.to_pylist():
        assert (row["status"] == "keep") == (row["reason"] is None)
    counted = funnel(made.listings, selection)
    steps = counted["steps"]
    assert all(step["before"] - step["left_out"] == step["after"] >= 0 for step in steps)
    assert steps[0]["before"] == made.listings.num_rows
    assert steps[-1]["after"] == counted["kept"] == selection["reason"].null_count
    assert sum(counted["rejected"].values()) + counted["kept"] == made.images.num_rows


@given(collections())
def test_no_two_kept_images_are_duplicates_unless_a_curator_says_so(made: Inputs) -> None:
    rows = {row["image_id"]: row for row in select(made, Select()).to_pylist()}
    for edge in made.pairs.to_pylist():
        a, b = rows[edge["a"]], rows[edge["b"]]
        if edge["kind"] != "doubtful" and a["status"] == b["status"] == "keep":
            assert "ana" in (a["decided_by"], b["decided_by"])
            assert a["group"] == b["group"] is not None
    for row in rows.values():
        if row["reason"] in ("exact_duplicate", "near_duplicate"):
            assert rows[row["group"]]["status"] == "keep"


@given(collections(), st.data())
def test_removing_images_takes_out_exactly_these_and_may_only_bring_back_copies(
    made: Inputs, data: Any
) -> None:
    before = select(made, Select()).to_pylist()
    kept = [row["image_id"] for row in before if row["status"] == "keep"]
    chosen = data.draw(st.sets(st.sampled_from(kept))) if kept else set()
    rows = [row for row in made.decisions.to_pylist() if row["target"] not in chosen]
    rows += [decision("remove", "") | {"target": image_id} for image_id in chosen]
    edited = dataclasses.replace(made, decisions=table(DECISIONS, rows))
    for old, new in zip(before, select(edited, Select()).to_pylist(), strict=True):
        if new["image_id"] in chosen:
            assert new["reason"] == "curator_removed"
        elif old["status"] == "keep" and new["status"] == "reject":
            # Its own copy has come back, being preferred to it.
            assert new["reason"] in ("exact_duplicate", "near_duplicate")
        elif old["status"] == "reject" and new["status"] == "keep":
            assert old["reason"] in ("exact_duplicate", "near_duplicate")


def test_rights_are_the_labels_of_all_listings_of_an_image() -> None:
    said = [("1", "a", "Fair use"), ("2", "a", "Public domain"), ("3", "b", "Fair use")]
    said += [("4", "b", "Fair use"), ("5", "c", ""), ("6", "d", "Public domain")]
    listings = [listing(name, shows, rights=label or None) for name, shows, label in said]
    rows = select(inputs([image(name) for name in "abcde"], listings), Select()).to_pylist()
    assert {row["image_id"]: row["rights"] for row in rows} == {
        id_of("a"): "Fair use / Public domain",
        id_of("b"): "Fair use",
        id_of("c"): None,
        id_of("d"): "Public domain",
        id_of("e"): None,
    }
