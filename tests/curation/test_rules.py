from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from curation.decisions.list_syntax import CURATORS_REASONS
from curation.selection.decide import select
from curation.selection.evidence import Evidence, gather
from curation.selection.rules.declarations import REASONS, RULES
from curation.selection.rules.rule import Rule
from pipeline.core.errors import TableError
from pipeline.core.params.augment import Augment
from pipeline.core.params.base import Section
from pipeline.core.params.select import Select
from tests.decision_tables import Row, id_of, image, inputs, listing, score

OFF = Select(
    min_side_px=None,
    max_aspect_ratio=None,
    min_colour_std=None,
    max_watermark_score=None,
    placeholder_listings=None,
    rights=None,
)

TORN, PAGE = image("a", fault="unreadable"), image("b", fault="not_an_image")

CASES: list[tuple[str, dict[str, Any], list[tuple[Row, float | None, bool]]]] = [
    ("unreadable", {}, [(TORN, None, True), (PAGE, None, False)]),
    ("not_an_image", {}, [(TORN, None, False), (PAGE, None, True)]),
    (
        "too_small",
        {"min_side_px": 128},
        [
            (image("a", width=127, height=900), 127, True),
            (image("b", width=900, height=127), 127, True),
            (image("c", width=128, height=128), 128, False),
            (image("d", width=None, height=None, fault="unreadable"), None, False),
        ],
    ),
    (
        "aspect_ratio",
        {"max_aspect_ratio": 2.0},
        [
            (image("a", width=401, height=200), 2.005, True),
            (image("b", width=200, height=401), 2.005, True),
            (image("c", width=200, height=400), 2.0, False),
            (image("d", width=None, height=None), None, False),
        ],
    ),
    (
        "blank",
        {"min_colour_std": 3.0},
        [
            (image("a", luminance_std=2.99), 2.99, True),
            (image("b", luminance_std=3.0), 3.0, False),
            (image("c", luminance_std=None, chroma_std=None), None, False),
            (image("d", luminance_std=0.0, chroma_std=158.0), 158.0, False),
            (image("e", luminance_std=0.3, chroma_std=1.2), 1.2, True),
        ],
    ),
    (
        "blurry",
        {"min_sharpness": 20.0},
        [
            (image("a", sharpness=19.9), 19.9, True),
            (image("b", sharpness=20.0), 20.0, False),
            (image("c", sharpness=None), None, False),
        ],
    ),
]  # fmt: skip


THRESHOLDS = {"rights": ("Public domain",)}
"""Params of rules that are no numbers."""
BY_NAME = {rule.name: rule for rule in RULES}


def evidence(*images: Row, **others: Any) -> Evidence:
    return gather(inputs(images, **others))


def rejected(reason: str, given: Evidence, **params: Any) -> set[str]:
    verdict = BY_NAME[reason].ask(given, OFF.model_copy(update=params))
    if verdict is None:
        return set()
    return set(np.array(given.images["image_id"].to_pylist())[verdict.rejected])


@pytest.mark.parametrize(("reason", "params", "cases"), CASES, ids=lambda c: str(c)[:12])
def test_a_rule_rejects_and_says_by_what(
    reason: str, params: dict[str, Any], cases: list[tuple[Row, float | None, bool]]
) -> None:
    given = evidence(*(row for row, _, _ in cases))
    verdict = BY_NAME[reason].ask(given, OFF.model_copy(update=params))
    assert verdict is not None
    told = {
        image_id: (
            None if verdict.value is None else float(verdict.value[row]),
            verdict.rejected[row],
        )
        for row, image_id in enumerate(given.images["image_id"].to_pylist())
    }
    for row, value, out in cases:
        measured, decided = told[row["image_id"]]
        assert decided == out
        if verdict.value is not None:
            assert measured == pytest.approx(np.nan if value is None else value, nan_ok=True)


@pytest.mark.parametrize(("reason", "params", "cases"), CASES[2:], ids=lambda c: str(c)[:12])
def test_null_switches_a_rule_off(reason: str, params: Any, cases: Any) -> None:
    assert rejected(reason, evidence(*(row for row, _, _ in cases))) == set()


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.reason.param], ids=lambda r: r.name
)
def test_every_rule_can_be_asked_of_an_ordinary_image(rule: Rule) -> None:
    """A rule that is off by default would else fail where somebody switches it on."""
    name = str(rule.reason.param).removeprefix("select.")
    params = OFF.model_copy(update={name: THRESHOLDS.get(name, 1.0)})
    verdict = rule.ask(evidence(image("a")), params)
    assert verdict is not None
    assert verdict.rejected.shape == (1,)


def test_watermark_compares_the_score_where_there_is_one() -> None:
    given = evidence(
        *map(image, "abcd"), scores=[score("a", 6.1), score("b", 6.0), score("c", None)]
    )
    assert rejected("watermark", given, max_watermark_score=6.0) == {id_of("a")}
    assert rejected("watermark", given) == set()


def test_an_overlay_that_a_curator_refused_marks_nobody() -> None:
    scores = [score("a", 9.0), score("b", 9.0) | {"template": "640x480"}]
    made = inputs([image("a"), image("b")], scores=scores)
    given = gather(made, refused_overlays=("640x480",))
    assert rejected("watermark", given, max_watermark_score=8.0) == {id_of("a")}
    stays = {
        row["image_id"]: row["reason"]
        for row in select(made, Select(refused_overlays=("overlay", "640x480"))).to_pylist()
    }
    assert set(stays.values()) == {None}


def test_a_colour_that_the_collection_does_not_have_is_an_outlier() -> None:
    greys = [image(n, mean_rgb=[100.0 + n, 100.0 + n, 100.0 + n]) for n in range(21)]
    odd = [image("blue", mean_rgb=[20.0, 40.0, 220.0]), image("dark", mean_rgb=[9.0, 9.0, 9.0])]
    given = evidence(*greys, *odd, image("torn", mean_rgb=None, fault="unreadable"))
    assert rejected("colour_outlier", given, max_colour_deviation=4.0) == {
        id_of("blue"),
        id_of("dark"),
    }
    assert rejected("colour_outlier", given) == set()
    # L* of 110, the median, is 46.4; of the others the median is 2.0 away; that of 9 is 2.5.
    params = OFF.model_copy(update={"max_colour_deviation": 4.0})
    values = BY_NAME["colour_outlier"].ask(given, params)
    assert values is not None
    assert values.value is not None
    row = given.images["image_id"].to_pylist().index(id_of("dark"))
    assert values.value[row] == pytest.approx((46.4 - 2.5) / (1.4826 * 2.0), rel=0.2)
    nothing = evidence(image("torn", mean_rgb=None))
    assert rejected("colour_outlier", nothing, max_colour_deviation=4.0) == set()


def test_opted_out_by_one_listing_is_opted_out() -> None:
    given = evidence(
        *map(image, "ab"),
        listings=[
            listing("1", "a"), listing("2", "a", fetch="opted_out"), listing("3", "b"),
            listing("4", None, fetch="opted_out"),
        ],
    )  # fmt: skip
    assert rejected("opted_out", given) == {id_of("a")}


def test_rights_must_be_allowed_in_every_listing() -> None:
    given = evidence(
        *map(image, "abcd"),
        listings=[
            listing("1", "a", rights="Public domain"),
            listing("2", "b", rights="Public domain"),
            listing("3", "b", rights="Fair use"),
            listing("4", "c"),
            listing("5", "d", rights="CC0"),
        ],
    )
    allowed = ("Public domain", "CC0")
    assert rejected("rights", given, rights=allowed) == {id_of("b"), id_of("c")}
    assert rejected("rights", given) == set()


def test_placeholder_counts_listings_not_places_in_one() -> None:
    many = [listing(str(number), "a") for number in range(3)]
    same = [listing("9", "b", position=position) for position in range(5)]
    other_source = [listing("1", "c"), listing("1", "c", source="chrono24"), listing("7", "c")]
    for row, position in zip(other_source, (1, 0, 0), strict=True):
        row["position"] = position
    given = evidence(*map(image, "abc"), listings=[*many, *same, *other_source])
    assert rejected("placeholder", given, placeholder_listings=3) == {id_of("a"), id_of("c")}
    assert rejected("placeholder", given, placeholder_listings=4) == set()
    assert rejected("placeholder", given) == set()


def test_reasons_stand_in_the_order_in_which_they_are_asked() -> None:
    names = [rule.name for rule in RULES]
    assert list(REASONS)[: len(names)] == names
    assert list(REASONS)[len(names) :] == [
        "exact_duplicate", "near_duplicate", "class_balance", "same_as_other_variant",
    ]  # fmt: skip


def test_every_declaration_names_a_param_that_exists_and_a_digit_of_its_own() -> None:
    digits = sorted(reason.digit for reason in CURATORS_REASONS.values() if reason.digit)
    assert digits == list(range(1, 10))
    sections: dict[str, type[Section]] = {"select": Select, "augment": Augment}
    for reason in REASONS.values():
        section, _, key = reason.param.partition(".")
        assert not reason.param or key in sections[section].model_fields, reason.name


@pytest.mark.parametrize("others", [{"listings": [listing("1", "z")]}, {"scores": [score("z", 1)]}])
def test_tables_out_of_step_are_told(others: dict[str, Any]) -> None:
    with pytest.raises(TableError, match=f"names the image {id_of('z')}.*dvc repro"):
        evidence(image("a"), **others)
