"""The lists on disk while several hands write them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from curation.decisions.list_files import editing
from curation.decisions.list_syntax import ListEntry
from curation.review import decision_store as module
from curation.review.decision_store import DecisionStore, Placed
from curation.review.list_text import ListText
from pipeline.core.errors import BusyError, ListsError

A, B, C = (f"{digit * 24}" for digit in "abc")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("keep", "remove", "distinct"):
        path = tmp_path / "curation" / "lists" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return tmp_path


def _open(root: Path, full_id: Callable[[str], str] = str) -> DecisionStore:
    return DecisionStore(root / "curation" / "lists", root, full_id)


def _text(root: Path, name: str) -> str:
    return (root / "curation" / "lists" / f"{name}.txt").read_text()


def _file(root: Path, name: str) -> Path:
    return root / "curation" / "lists" / f"{name}.txt"


def _removed(image_id: str, reason: str = "taste") -> Placed:
    return "remove", ListEntry((image_id,), reason, "ana", "2026-11-22")


def _kept(image_id: str) -> Placed:
    return "keep", ListEntry((image_id,), "", "ana", "2026-11-22")


def test_a_decision_is_one_canonical_line(root: Path) -> None:
    store = _open(root)
    store.write(lambda: {(B,): (_removed(B),), (A,): (_removed(A),)})
    assert _text(root, "remove") == (
        f"# remove\n\n{A}  taste  ana  2026-11-22\n{B}  taste  ana  2026-11-22\n"
    )
    assert store.entries_of((A,)) == (_removed(A),)


def test_a_changed_mind_moves_the_line(root: Path) -> None:
    store = _open(root)
    store.write(lambda: {(A,): (_removed(A),)})
    store.write(lambda: {(A,): (_kept(A),)})
    assert _text(root, "remove") == "# remove\n"
    assert A in _text(root, "keep")
    store.write(lambda: {(A,): ()})
    assert A not in _text(root, "keep")


def test_an_abbreviated_entry_is_the_same_decision(root: Path) -> None:
    _file(root, "remove").write_text(f"{A[:8]}  blurry  jo  2026-11-01  # shaky\n")
    store = _open(root, lambda digits: A if A.startswith(digits) else digits)
    assert store.entries_of((A,))[0][1].note == "shaky"
    store.write(lambda: {(A,): (_kept(A),)})
    assert _text(root, "remove") == ""


def test_what_an_editor_saves_is_merged(root: Path) -> None:
    store = _open(root)
    store.write(lambda: {(A,): (_removed(A),)})
    _file(root, "remove").write_text(_text(root, "remove") + f"{C}  blurry  jo\n# a thought\n")
    store.write(lambda: {(B,): (_removed(B),)})
    assert [line[0] for line in _text(root, "remove").splitlines()[2:]] == ["a", "b", "c", "#"]
    (edit,) = store.take_edits()
    assert [entry.ids for _, entry in edit.added] == [(C,)]
    assert edit.gone == ()


def test_an_editor_that_comes_between_reading_and_writing_is_merged(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _open(root)
    encoded = ListText.encoded
    interruptions = iter([f"# remove\n\n{C}  blurry  jo\n"])

    def interrupted(text: ListText) -> bytes:
        for saved in interruptions:
            _file(root, "remove").write_text(saved)
        return encoded(text)

    monkeypatch.setattr(ListText, "encoded", interrupted)
    store.write(lambda: {(A,): (_removed(A),)})
    assert A in _text(root, "remove")
    assert C in _text(root, "remove")


def test_an_editor_that_empties_the_file_first_is_waited_for(root: Path) -> None:
    lines = "".join(f"{number:024x}  taste  jo\n" for number in range(200))
    _file(root, "remove").write_text(lines)
    store = _open(root)

    def save_slowly() -> None:
        with _file(root, "remove").open("w") as file:
            file.flush()
            for start in range(0, len(lines), 1000):
                file.write(lines[start : start + 1000])
                file.flush()
                time.sleep(0.01)

    editor = threading.Thread(target=save_slowly)
    editor.start()
    while _file(root, "remove").stat().st_size == len(lines):
        time.sleep(0.001)
    store.write(lambda: {(A,): (_removed(A),)})
    editor.join()
    assert len(_text(root, "remove").splitlines()) == 201


def test_a_kill_between_two_lists_leaves_both_words(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _open(root)
    store.write(lambda: {(A,): (_removed(A),)})
    write = module._File.write

    def killed(file: module._File, text: ListText) -> None:
        if file.path.name == "remove.txt":
            raise KeyboardInterrupt
        write(file, text)

    monkeypatch.setattr(module._File, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        store.write(lambda: {(A,): (_kept(A),)})
    monkeypatch.undo()
    survivor = _open(root)
    assert {name for name, _ in survivor.entries_of((A,))} == {"keep", "remove"}
    survivor.write(lambda: {(A,): (_kept(A),)})
    assert survivor.entries_of((A,)) == (_kept(A),)
    assert A not in _text(root, "remove")


def test_two_servers_worth_of_hands_lose_nothing(root: Path) -> None:
    def decide(first: int) -> None:
        store = _open(root)
        for number in range(first, first + 25):
            ids = (f"{number:024x}",)
            store.write(partial(dict, [(ids, (_removed(*ids),))]))

    hands = [threading.Thread(target=decide, args=(100 * hand,)) for hand in range(3)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    lines = _text(root, "remove").splitlines()[2:]
    assert len(lines) == 75
    assert lines == sorted(lines)


def test_lists_that_stay_locked_are_busy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _open(root)
    monkeypatch.setattr(module, "_PATIENCE_S", 0.05)
    with editing(root), pytest.raises(BusyError, match="lists are in use"):
        store.write(lambda: {(A,): (_removed(A),)})
    assert A not in _text(root, "remove")


def test_a_list_that_is_no_text_is_named(root: Path) -> None:
    _file(root, "keep").write_bytes(b"# keep\n\xff\xfe\n")
    with pytest.raises(ListsError, match=r"keep.txt:2: not UTF-8"):
        _open(root)
