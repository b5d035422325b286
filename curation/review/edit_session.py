"""What the curators of this server did: decisions in their order, undone and done again.

All tabs share one session. A step is taken back only as far as the lists still say what it made
them say: what others have written since stays, and the page is told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from curation.review.decision_store import (
    DecisionStore,
    Edit,
    EditRecord,
    Ids,
    NewEntries,
    Placed,
    words_of,
)
from pipeline.core.errors import UsageError


@dataclass(frozen=True)
class DecisionRequest:
    """What one tab wants to have said of some ids."""

    ids: Ids
    placed: Placed | None
    """None for nothing."""
    saw: str | None = None
    """In which list the tab believed the ids to stand, "" for none; None when it does not say."""


@dataclass(frozen=True)
class Step:
    """One decision, about one image or many."""

    number: int
    records: tuple[EditRecord, ...]


@dataclass(frozen=True)
class Notice:
    """Something a curator should know."""

    revision: int
    text: str
    restore: int | None = None
    """Number under which decisions of this session can be written again."""


@dataclass
class EditOutcome:
    """What came of a request to decide, undo or redo."""

    changed: list[Ids] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


class EditSession:
    """The decisions of one server; its methods may be called from several threads."""

    def __init__(self, store: DecisionStore) -> None:
        """Begin with the lists as they are."""
        self._store = store
        self._lock = threading.RLock()
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._log: list[tuple[int, tuple[Ids, ...]]] = []
        self._notices: list[Notice] = []
        self._lost: dict[int, list[EditRecord]] = {}
        self._answered: dict[str, tuple[int, EditOutcome]] = {}
        self.revision = 0
        """Grows with every change of the lists."""

    @property
    def can_undo(self) -> int:
        """Steps that can be taken back."""
        return len(self._done)

    @property
    def can_redo(self) -> int:
        """Steps that can be taken again."""
        return len(self._undone)

    def entries_of(self, ids: Ids) -> tuple[Placed, ...]:
        """What the lists say of ``ids``."""
        with self._lock:
            return self._store.entries_of(ids)

    def all_entries(self) -> dict[Ids, list[Placed]]:
        """All that the lists say, as of now."""
        with self._lock:
            return dict(self._store.all_entries())

    def once(self, tab: str, number: int, command: Callable[[], EditOutcome]) -> EditOutcome:
        """Carry out a request of a tab, unless it was carried out and its answer got lost."""
        with self._lock:
            last, outcome = self._answered.get(tab, (0, EditOutcome()))
            if number > last:
                outcome = command()
                self._answered[tab] = (number, outcome)
            return outcome

    def decide(self, steps: Sequence[Sequence[DecisionRequest]]) -> EditOutcome:
        """Carry out ``steps``, each of them to be undone as one; all are written as one.

        Raises:
            BusyError, ListsError, StorageError: nothing was decided.
        """
        outcome = EditOutcome()
        made: list[list[EditRecord]] = []

        def new_entries() -> NewEntries:
            made.clear()
            outcome.notices.clear()
            return self._chain(steps, made, outcome)

        with self._lock:
            self._store.write(new_entries)
            self._hear()
            for records in made:
                self._remember(records, outcome)
        return outcome

    def undo(self) -> EditOutcome:
        """Take the last step back.

        Raises:
            UsageError: there is none.
        """
        return self._move(self._done, self._undone, "taken back", back=True)

    def redo(self) -> EditOutcome:
        """Take again the step that was taken back last.

        Raises:
            UsageError: there is none.
        """
        return self._move(self._undone, self._done, "done again", back=False)

    def restore(self, number: int) -> EditOutcome:
        """Write again the decisions that a notice says are gone.

        Raises:
            UsageError: there are none of that number.
        """
        with self._lock:
            if number not in self._lost:
                raise UsageError("there is nothing to put back")
            lost = self._lost.pop(number)
            items = [
                [DecisionRequest(record.ids, record.after[0]) for record in lost if record.after]
            ]
            return self.decide(items)

    def look(self) -> None:
        """Notice what others did to the lists."""
        with self._lock:
            self._store.refresh()
            self._hear()

    def since(self, revision: int) -> tuple[list[Ids], list[Notice]]:
        """What changed, and what there is to be told, after ``revision``."""
        with self._lock:
            changed = dict.fromkeys(
                ids for number, some in self._log if number > revision for ids in some
            )
            return list(changed), [notice for notice in self._notices if notice.revision > revision]

    def _chain(
        self,
        steps: Sequence[Sequence[DecisionRequest]],
        made: list[list[EditRecord]],
        outcome: EditOutcome,
    ) -> NewEntries:
        """What is to be said in the end, when each step follows on the one before it."""
        new_entries: dict[Ids, tuple[Placed, ...]] = {}
        for step in steps:
            records = []
            for item in step:
                before = new_entries.get(item.ids, self._store.entries_of(item.ids))
                after = _after(item, before)
                outcome.notices += _surprise(item, before, after)
                records.append(EditRecord(item.ids, before, after))
                new_entries[item.ids] = after
            made.append(records)
        return new_entries

    def _hear(self) -> None:
        for edit in self._store.take_edits():
            self._tell(edit)

    def _remember(self, records: Sequence[EditRecord], outcome: EditOutcome) -> None:
        changed = tuple(record for record in records if record.before != record.after)
        outcome.changed += [record.ids for record in records]
        if changed:
            self._done.append(Step(self.revision + 1, changed))
            self._undone.clear()
            self._log_change(tuple(record.ids for record in changed))

    def _move(
        self, source: list[Step], target: list[Step], verb: str, *, back: bool
    ) -> EditOutcome:
        with self._lock:
            if not source:
                raise UsageError(f"there is nothing to be {verb}")
            records = source[-1].records
            turned = [EditRecord(r.ids, r.after, r.before) if back else r for r in records]

            def new_entries() -> NewEntries:
                entries_of = self._store.entries_of
                return {
                    record.ids: record.after
                    for record in turned
                    if entries_of(record.ids) == record.before
                }

            moved = {record.ids for record in self._store.write(new_entries)}
            self._hear()
            target.append(source.pop())
            self._log_change(tuple(moved))
            kept = [record.ids for record in turned if record.ids not in moved]
            notices = [
                f"{_short(ids)} was not {verb}: others have had it "
                f"{words_of(self._store.entries_of(ids))} since"
                for ids in kept
            ]
            return EditOutcome([record.ids for record in turned], notices)

    def _tell(self, edit: Edit) -> None:
        self._log_change(edit.ids)
        lost = self._lost_to(edit)
        if lost:
            self._lost[self.revision] = lost
        number = self.revision if lost else None
        self._notices.append(Notice(self.revision, _edit_words(edit, len(lost)), number))

    def _lost_to(self, edit: Edit) -> list[EditRecord]:
        """Decisions of this session that somebody else took out without another word."""
        gone = set(edit.gone)
        last: dict[Ids, EditRecord] = {}
        for step in self._done:
            last.update({record.ids: record for record in step.records})
        return [
            record
            for record in last.values()
            if any(placed in gone for placed in record.after)
            and not self._store.entries_of(record.ids)
        ]

    def _log_change(self, ids: tuple[Ids, ...]) -> None:
        self.revision += 1
        self._log.append((self.revision, ids))


def _after(item: DecisionRequest, before: tuple[Placed, ...]) -> tuple[Placed, ...]:
    """What the lists are to say; a word that only repeats what stands there changes nothing."""
    if item.placed is None:
        return ()
    name, entry = item.placed
    if [(list_name, earlier.reason) for list_name, earlier in before] == [(name, entry.reason)]:
        return before
    return (item.placed,)


def _surprise(
    item: DecisionRequest, before: tuple[Placed, ...], after: tuple[Placed, ...]
) -> list[str]:
    """What to say when another hand decided what this one did not know of."""
    stood = before[0][0] if before else ""
    if item.saw is None or item.saw == stood or not before or before == after:
        return []
    return [
        f"{_short(item.ids)} had been {words_of(before)} meanwhile; now it is {words_of(after)}"
    ]


def _edit_words(edit: Edit, lost: int) -> str:
    counts = [
        f"{len(entries)} {'line' if len(entries) == 1 else 'lines'} {what}"
        for entries, what in ((edit.added, "added"), (edit.gone, "taken out"))
        if entries
    ]
    words = f"{edit.file} was changed by another program: {', '.join(counts)}"
    if lost:
        words += f"; {lost} of them {'is a decision' if lost == 1 else 'are decisions'} made here"
    return words


def _short(ids: Ids) -> str:
    return " ".join(image_id[:8] + image_id[24:] for image_id in ids)
