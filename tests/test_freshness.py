"""Sentences about stale stages, from what DVC records and answers."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.freshness import (
    DvcUnavailableError,
    DvcView,
    StageFreshness,
    StageStatus,
    _stages_of,
    verdicts,
)

STAGES = ("lists@paintings", "select@paintings", "augment@paintings")
PARAMS = {"collections": {"paintings": {"select": {"min_side_px": 128, "rights": None}}}}


def _run(dep: str, out: str, params: Any = None) -> dict[str, Any]:
    section = {} if params is None else {"params": {"params.yaml": params}}
    return {"deps": [{"path": dep}], "outs": [{"path": out}], **section}


LOCK = {
    "lists@paintings": _run("curation/lists", "decisions"),
    "select@paintings": _run(
        "decisions",
        "selection",
        {"collections.paintings.select": {"min_side_px": 128, "rights": None}},
    ),
    "augment@paintings": _run("selection", "variants"),
}


def _tell(changes: dict[str, Any], params: Any = PARAMS) -> list[StageFreshness]:
    return verdicts(DvcView(changes, LOCK), STAGES, params)


def _statuses(changes: dict[str, Any]) -> list[StageStatus]:
    return [verdict.status for verdict in _tell(changes)]


def test_without_changes_everything_is_fresh() -> None:
    assert _statuses({}) == [StageStatus.FRESH] * 3


def test_what_comes_after_a_stale_stage_follows_it() -> None:
    lists, select, augment = _tell(
        {"lists@paintings": [{"changed deps": {"curation/lists": "modified"}}]}
    )
    assert lists == StageFreshness(
        "lists@paintings", StageStatus.STALE, ("curation/lists changed",)
    )
    assert select == StageFreshness("select@paintings", StageStatus.FOLLOWS, ("lists@paintings",))
    assert augment == StageFreshness(
        "augment@paintings", StageStatus.FOLLOWS, ("select@paintings",)
    )


def test_a_changed_input_names_the_stage_that_makes_it() -> None:
    select = _tell({"select@paintings": [{"changed deps": {"decisions": "modified"}}]})[1]
    assert select.because == ("decisions (from lists@paintings) changed",)


CHANGED_SECTION = [{"changed deps": {"params.yaml": {"collections.paintings.select": "modified"}}}]


@pytest.mark.parametrize(
    ("section", "clauses"),
    [
        (
            {"min_side_px": 64, "rights": None},
            ("params select.min_side_px was 128, is 64",),
        ),
        (
            {"min_side_px": 128, "rights": ["Public domain"]},
            ('params select.rights was null, is ["Public domain"]',),
        ),
        (
            {"min_side_px": 128},
            ("params select.rights was null, is not set",),
        ),
        (
            {"min_side_px": 1, "rights": None, "nested": {"key": True}},
            (
                "params select.min_side_px was 128, is 1",
                "params select.nested.key was not set, is true",
            ),
        ),
        (None, ("params select is gone",)),
    ],
)
def test_a_changed_section_names_every_key(section: Any, clauses: tuple[str, ...]) -> None:
    params = {"collections": {"paintings": {"select": section}}}
    assert _tell({"select@paintings": CHANGED_SECTION}, params)[1].because == clauses


def test_outputs_that_are_merely_not_here_are_not_stale() -> None:
    absent = {"changed outs": {"decisions": "deleted"}}
    also_inputs = [
        {"changed deps": {"decisions": "deleted"}},
        {"changed outs": {"selection": "not in cache"}},
    ]
    assert _statuses({"lists@paintings": [absent], "select@paintings": also_inputs}) == [
        StageStatus.ABSENT,
        StageStatus.ABSENT,
        StageStatus.FRESH,
    ]


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        (
            {"changed outs": {"decisions": "modified"}},
            "its output decisions is not what the stage wrote",
        ),
        ({"changed deps": {"curation/lists": "deleted"}}, "curation/lists is missing"),
        ({"changed deps": {"curation/ids.py": "new"}}, "curation/ids.py is a new dependency"),
        ("changed command", "its command in dvc.yaml changed"),
    ],
)
def test_each_change_has_its_clause(change: Any, clause: str) -> None:
    lists = _tell({"lists@paintings": [change]})[0]
    assert lists == StageFreshness("lists@paintings", StageStatus.STALE, (clause,))


def test_a_stage_without_a_record_has_never_run() -> None:
    view = DvcView({"report@paintings": [{"changed outs": {"page": "deleted"}}]}, LOCK)
    told = verdicts(view, (*STAGES, "report@paintings"), PARAMS)
    assert told[-1] == StageFreshness("report@paintings", StageStatus.NEVER_RUN)


@pytest.mark.parametrize("lock", ["garbage", ["stages"], {"stages": []}, {"stages": {"a": 1}}])
def test_a_lock_file_that_dvc_did_not_write_is_told(lock: object) -> None:
    says = "dvc.lock is not what DVC writes; `git checkout dvc.lock` brings back the one that was"
    with pytest.raises(DvcUnavailableError, match=says):
        _stages_of(lock)


def test_no_lock_file_records_no_run() -> None:
    assert _stages_of(None) == {}
