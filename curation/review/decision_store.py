"""The three lists on disk, which are the only state: read again when they change, written at once.

Nobody's edit is overwritten. A list is read again whenever it is not the file that was last read
or written, and once more right before it is replaced; what remains are the microseconds between
that look and the rename. A file is taken as it is only when it has lain still for a moment, so
that an editor which empties it first, or git, which takes it away first, is waited for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from curation.decisions.list_files import IDS_A_LINE, editing
from curation.decisions.list_syntax import ListEntry
from curation.review.list_text import ListText, Reader
from pipeline.core.errors import BusyError, ListsError
from pipeline.core.files import replacing

Ids = tuple[str, ...]
"""What an entry names, with image ids in full."""
Placed = tuple[str, ListEntry]
"""An entry and the list it stands in."""

NewEntries = Mapping[Ids, tuple[Placed, ...]]
"""All that is to be said of some ids; nothing where nothing is to be said."""

STILL_S: Final = 0.06
"""A file changed less than this ago may still be being written."""
_PATIENCE_S: Final = 3.0
_PAUSE_S: Final = 0.01


@dataclass(frozen=True)
class Edit:
    """What somebody else did to one list."""

    file: str
    added: tuple[Placed, ...]
    gone: tuple[Placed, ...]
    ids: tuple[Ids, ...]
    """What all these name."""


@dataclass(frozen=True)
class EditRecord:
    """What the lists said of some ids before an edit of ours, and after it."""

    ids: Ids
    before: tuple[Placed, ...]
    after: tuple[Placed, ...]


@dataclass(frozen=True)
class _Stamp:
    """By what a file is known to be the same."""

    inode: int
    changed_ns: int
    bytes: int

    @classmethod
    def of(cls, path: Path) -> _Stamp | None:
        """The stamp of the file at ``path``; None where there is none."""
        try:
            stat = path.stat()
        except FileNotFoundError:
            return None
        return cls(stat.st_ino, stat.st_mtime_ns, stat.st_size)


class _OvertakenError(Exception):
    """Somebody else wrote the list first."""


@dataclass
class _File:
    path: Path
    reader: Reader
    text: ListText = field(default_factory=lambda: ListText((), [], (), []))
    stamp: _Stamp | None = None

    def is_as_read(self) -> bool:
        return _Stamp.of(self.path) == self.stamp

    def read(self) -> tuple[list[ListEntry], list[ListEntry]]:
        """Take the file as it is now; the entries that came, and those that went."""
        self.stamp = _settled(self.path, self.stamp)
        data = self.path.read_bytes() if self.stamp else b""
        try:
            before, self.text = self.text, ListText.read(data.decode(), self.reader)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise ListsError(f"{self.path.name}:{line}: not UTF-8; save it as UTF-8") from error
        return self.text.without(before), before.without(self.text)

    def write(self, text: ListText) -> None:
        """Replace the file by ``text``, unless it is not what was read."""
        with replacing(self.path) as file:
            file.write(text.encoded())
            file.flush()
            os.fsync(file.fileno())
            stamp = _Stamp.of(Path(file.name))
            if not self.is_as_read():
                raise _OvertakenError
        self.text, self.stamp = text, stamp


class DecisionStore:
    """What the lists say; several edits are written as one."""

    def __init__(self, folder: Path, root: Path, full_id: Callable[[str], str]) -> None:
        """Read the lists in ``folder``; ``full_id`` completes the id of an image.

        Raises:
            ListsError: a list is not UTF-8.
        """
        self._root = root
        self._full_id = full_id
        self._files = {
            name: _File(folder / f"{name}.txt", Reader(ids)) for name, ids in IDS_A_LINE.items()
        }
        self._entries: dict[Ids, list[Placed]] = {}
        self._edits: list[Edit] = []
        for name, file in self._files.items():
            self._note(name, *file.read())

    def entries_of(self, ids: Ids) -> tuple[Placed, ...]:
        """Every entry about ``ids``; more than one where curators disagree."""
        return tuple(self._entries.get(ids, ()))

    def all_entries(self) -> Mapping[Ids, list[Placed]]:
        """All entries by what they name."""
        return self._entries

    def problems(self) -> list[str]:
        """Lines that cannot be read, each with its place."""
        return [
            f"{file.path.name}:{line}: {why}"
            for file in self._files.values()
            for line, why in file.text.problems
        ]

    def refresh(self) -> None:
        """Read again what others changed.

        Raises:
            BusyError: a list is being written all the time.
            ListsError: a list is not UTF-8.
        """
        for name, file in self._files.items():
            if not file.is_as_read():
                edit = self._note(name, *file.read())
                self._edits += [edit] if edit.ids else []

    def take_edits(self) -> list[Edit]:
        """What others did since this was last asked."""
        edits, self._edits = self._edits, []
        return edits

    def write(self, new_entries: Callable[[], NewEntries]) -> list[EditRecord]:
        """Have the lists say of some ids exactly the ``new_entries``; on return it is on the disk.

        ``new_entries`` is asked when the lists are known to be as on disk, perhaps more than once.

        Raises:
            BusyError: others keep the lists busy.
            ListsError: a list cannot be read.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                with editing(self._root):
                    self.refresh()
                    return self._write(new_entries())
            except (_OvertakenError, BusyError) as error:
                if time.monotonic() > deadline:
                    raise BusyError(
                        "the curators' lists are in use by another process; wait for it to end"
                    ) from error
                time.sleep(_PAUSE_S)

    def _write(self, new_entries: NewEntries) -> list[EditRecord]:
        """First what is new, then what is gone: a kill in between loses no word of anybody."""
        records = [
            EditRecord(ids, self.entries_of(ids), after) for ids, after in new_entries.items()
        ]
        records = [record for record in records if record.before != record.after]
        for moved in (False, True):
            drafts: dict[str, ListText] = {}
            for record in records:
                self._edit(record, drafts, moved=moved)
            for name in sorted(drafts):
                self._files[name].write(drafts[name])
        for record in records:
            self._entries[record.ids] = list(record.after)
            if not record.after:
                del self._entries[record.ids]
        return records

    def _edit(self, record: EditRecord, drafts: dict[str, ListText], *, moved: bool) -> None:
        """Bring one record into the texts: all but what moves to another list, or only that."""
        stays = {name for name, _ in record.after}
        for name, entry in record.before:
            leaves = bool(stays) and name not in stays
            if (name, entry) not in record.after and leaves == moved:
                self._draft(name, drafts).drop([entry])
        for name, entry in () if moved else record.after:
            if (name, entry) not in record.before:
                self._draft(name, drafts).add(entry)

    def _draft(self, name: str, drafts: dict[str, ListText]) -> ListText:
        if name not in drafts:
            drafts[name] = self._files[name].text.copy()
        return drafts[name]

    def _note(self, name: str, came: list[ListEntry], went: list[ListEntry]) -> Edit:
        """Follow what changed in one list, and describe it."""
        added = {(name, entry): self._named(entry) for entry in came}
        gone = {(name, entry): self._named(entry) for entry in went}
        for placed, ids in gone.items():
            left = [other for other in self._entries[ids] if other != placed]
            self._entries[ids] = left
            if not left:
                del self._entries[ids]
        for placed, ids in added.items():
            self._entries.setdefault(ids, []).append(placed)
        named = tuple(dict.fromkeys([*added.values(), *gone.values()]))
        return Edit(self._files[name].path.name, tuple(added), tuple(gone), named)

    def _named(self, entry: ListEntry) -> Ids:
        """The ids of an entry, those of images in full and in order."""
        return tuple(sorted(map(self._key_in_full, entry.ids)))

    def _key_in_full(self, text: str) -> str:
        digits, slash, symmetry = text.partition("/")
        is_short = ":" not in digits and len(digits) < 24
        return f"{self._full_id(digits)}{slash}{symmetry}" if is_short else text


def _settled(path: Path, known: _Stamp | None) -> _Stamp | None:
    """The stamp of a file that has lain still for a moment (or has been away that long)."""
    deadline = time.monotonic() + _PATIENCE_S
    stamp, since = _Stamp.of(path), time.monotonic()
    while True:
        age = time.time() - stamp.changed_ns / 1e9 if stamp else time.monotonic() - since
        if (stamp is None and known is None) or not 0 <= age < STILL_S:
            return stamp
        if time.monotonic() > deadline:
            raise BusyError(f"{path.name} is being written all the time; wait for it to end")
        time.sleep(_PAUSE_S)
        now = _Stamp.of(path)
        if now != stamp:
            stamp, since = now, time.monotonic()


def words_of(entries: Iterable[Placed]) -> str:
    """What is said, in a few words: ``removed as watermark by ana``."""
    verbs = {"keep": "kept", "remove": "removed", "distinct": "told apart"}
    clauses = [
        verbs[name]
        + (f" as {entry.reason}" if entry.reason else "")
        + (f" by {entry.by}" if entry.by else "")
        for name, entry in entries
    ]
    return " and ".join(clauses) or "undecided"
