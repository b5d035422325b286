"""Undo and redo over a whole session, beside other hands."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.decisions.list_syntax import ListEntry
from curation.review.decision_store import DecisionStore
from curation.review.edit_session import DecisionRequest, EditSession
from pipeline.core.errors import UsageError

A, B = "a" * 24, "b" * 24


@pytest.fixture
def session(tmp_path: Path) -> EditSession:
    (tmp_path / "curation" / "lists").mkdir(parents=True)
    return EditSession(DecisionStore(tmp_path / "curation" / "lists", tmp_path, str))


def _item(name: str, image_id: str, reason: str = "", saw: str | None = None) -> DecisionRequest:
    entry = ListEntry((image_id,), reason, "ana", "2026-11-22")
    return DecisionRequest((image_id,), (name, entry), saw)


def _stands(session: EditSession, image_id: str) -> list[str]:
    return [name for name, _ in session.entries_of((image_id,))]


def test_steps_are_taken_back_one_by_one(session: EditSession) -> None:
    session.decide([[_item("remove", A, "taste")], [_item("keep", B)]])
    session.decide([[_item("keep", A), _item("remove", B, "blurry")]])
    session.undo()
    assert (_stands(session, A), _stands(session, B)) == (["remove"], ["keep"])
    session.undo()
    assert (_stands(session, A), _stands(session, B)) == (["remove"], [])
    session.redo()
    session.redo()
    assert (_stands(session, A), _stands(session, B)) == (["keep"], ["remove"])
    with pytest.raises(UsageError, match="nothing to be done again"):
        session.redo()


def test_a_new_decision_ends_what_could_be_done_again(session: EditSession) -> None:
    session.decide([[_item("remove", A)]])
    session.undo()
    session.decide([[_item("keep", B)]])
    assert session.can_redo == 0


def test_the_same_word_again_changes_nothing(session: EditSession) -> None:
    session.decide([[_item("remove", A, "taste")]])
    session.decide([[_item("remove", A, "taste")]])
    assert session.can_undo == 1


def test_undo_leaves_what_others_wrote_since(session: EditSession, tmp_path: Path) -> None:
    session.decide([[_item("remove", A, "taste"), _item("remove", B, "taste")]])
    path = tmp_path / "curation" / "lists" / "remove.txt"
    path.write_text(path.read_text().replace(f"{A}  taste  ana", f"{A}  blurry  jo"))
    outcome = session.undo()
    assert [entry.by for _, entry in session.entries_of((A,))] == ["jo"]
    assert session.entries_of((B,)) == ()
    assert "was not taken back: others have had it removed as blurry by jo" in outcome.notices[0]


def test_a_tab_that_did_not_know_is_told(session: EditSession) -> None:
    session.decide([[_item("keep", A)]])
    outcome = session.decide([[_item("remove", A, "taste", saw="")]])
    assert outcome.notices == [
        "aaaaaaaa had been kept by ana meanwhile; now it is removed as taste by ana"
    ]
    assert _stands(session, A) == ["remove"]


def test_decisions_that_an_editor_dropped_can_be_put_back(
    session: EditSession, tmp_path: Path
) -> None:
    path = tmp_path / "curation" / "lists" / "remove.txt"
    session.decide([[_item("remove", A, "taste")]])
    path.write_text("# saved from an old window\n")
    session.look()
    _, notices = session.since(0)
    assert "1 line taken out; 1 of them is a decision made here" in notices[-1].text
    assert notices[-1].restore is not None
    session.restore(notices[-1].restore)
    assert _stands(session, A) == ["remove"]
    assert path.read_text().startswith("# saved from an old window\n")


def test_a_request_that_is_sent_twice_is_carried_out_once(session: EditSession) -> None:
    items = [[_item("remove", A, "taste")]]
    first = session.once("tab", 1, lambda: session.decide(items))
    session.undo()
    assert session.once("tab", 1, lambda: session.decide(items)) is first
    assert _stands(session, A) == []
