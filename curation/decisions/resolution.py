"""From the curators' lines to rows about images: what each entry means in one collection.

An entry about one image outweighs one about its listing, and that one an entry about its creator:
``artist:`` may leave out a whole oeuvre and ``keep`` bring one work of it back.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.decisions.list_files import DISTINCT, KEEP, REMOVE, Lists
from curation.decisions.list_syntax import ListEntry, Problem, Target, TargetKind
from pipeline.core.ids import ID_LENGTH
from pipeline.core.schema import DECISIONS
from pipeline.core.tables import as_bytes, from_rows

_VERBS = {KEEP: "keeps", REMOVE: "removes", DISTINCT: "tells apart"}
_NOTE = "note"
NAMED = (TargetKind.LISTING, TargetKind.CREATOR)
"""Targets that are known by the site's name, not by an image."""

_WEIGHT = {TargetKind.IMAGE: 0, TargetKind.LISTING: 1, TargetKind.CREATOR: 2}
"""Of entries about the same image, the one of the lowest weight holds."""


class Index:
    """What can be named in one collection: its images, their listings and creators."""

    def __init__(self, images: pa.Table, listed: Callable[[], pa.Table]) -> None:
        """Take ``image_id`` of IMAGES, and how to get the listed images with their creators.

        Those are what `newest_state` makes of LISTINGS, so that the newest creator of a listing
        names whatever it ever showed. They are asked for when a listing or creator is first named,
        as few lists name one, and a million take seconds.
        """
        self._ids: npt.NDArray[np.bytes_] = np.sort(as_bytes(images["image_id"]))
        self._listed = listed

    @cached_property
    def _listings(self) -> pa.Table:
        return self._listed()

    def find(self, target: Target) -> list[str] | None:
        """The images that ``target`` fits, in order; None when nothing of that name is here.

        A listing or creator may be here without images; a hex prefix may fit several images.
        """
        if target.kind in NAMED:
            rows = self._listings.filter(self._rows_of(target))
            images = set(rows["image_id"].drop_null().to_pylist())
            return sorted(images) if rows.num_rows else None
        # Bounds of the ids' own type: numpy would convert all ids to a longer one.
        # `g` is the letter after the last hex digit, so that `a91fggg...` follows all of `a91f`.
        first, last = np.array([target.name, target.name.ljust(ID_LENGTH, "g")], self._ids.dtype)
        low = np.searchsorted(self._ids, first, "left")
        high = np.searchsorted(self._ids, last, "right")
        return [image_id.decode() for image_id in self._ids[low:high].tolist()] or None

    def nearest(self, target: Target) -> str | None:
        """What was probably meant by a name that is not here; None when nothing is like it."""
        if target.kind in NAMED:
            column = "creator" if target.kind is TargetKind.CREATOR else "listing_id"
            name = target.name.rpartition(":")[2]
            known = pc.unique(self._listings[column].drop_null()).to_pylist()
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
            return str(near[0]) if near else None
        return self._nearest_image(target.name)

    def _nearest_image(self, name: str) -> str | None:
        """The id with the fewest other digits, when it is one in eight at most."""
        if not len(self._ids):
            return None
        digits = self._ids.view(np.uint8).reshape(len(self._ids), -1)[:, : len(name)]
        wrong = (digits != np.frombuffer(name.encode(), np.uint8)).sum(axis=1)
        best = int(wrong.argmin())
        return str(self._ids[best].decode()) if wrong[best] <= len(name) // 8 else None

    def _rows_of(self, target: Target) -> pa.ChunkedArray:
        if target.kind is TargetKind.CREATOR:
            return pc.equal(self._listings["creator"], target.name)
        source, _, listing_id = target.name.partition(":")
        return pc.and_(
            pc.equal(self._listings["source"], source),
            pc.equal(self._listings["listing_id"], listing_id),
        )


@dataclass(frozen=True)
class Unknown:
    """An id that names nothing of this collection; another may know it."""

    file: str
    line: int
    target: Target


@dataclass(frozen=True)
class Resolved:
    """The lists as they apply to one collection."""

    decisions: pa.Table
    """Rows of DECISIONS, sorted by key."""
    removal_notes: dict[str, dict[str, str]]
    """The notes of the rows that remove, by scope, then by target; no stage that decides reads
    them, so that none runs again after an edit of one."""
    problems: tuple[Problem, ...]
    unknown: tuple[Unknown, ...]
    applied: int
    """Entries that name something here."""


@dataclass(frozen=True)
class _Placed:
    """An entry with the list it stands in and the images its ids fit."""

    action: str
    file: str
    entry: ListEntry
    targets: tuple[Target, ...]
    ids_of: tuple[list[str] | None, ...]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.entry.line}"

    @property
    def identity(self) -> tuple[object, ...]:
        """What it names, however many digits of an id it writes."""
        names = [
            image_ids[0]
            if target.kind not in NAMED and image_ids and len(image_ids) == 1
            else target.name
            for target, image_ids in zip(self.targets, self.ids_of, strict=True)
        ]
        first = self.targets[0]
        return (first.kind, *sorted(names), first.symmetry)

    def faults(self) -> Iterator[Problem]:
        """Ids that do not name one thing each."""
        if len(self.targets) > 1 and self.ids_of[0] and self.ids_of[0] == self.ids_of[1]:
            yield self.problem("both ids are those of one image; name another, or delete the line")
        for target, image_ids in zip(self.targets, self.ids_of, strict=True):
            if target.kind not in NAMED and image_ids and len(image_ids) > 1:
                fits = ", ".join(image_ids[:3]) + (", ..." if len(image_ids) > 3 else "")
                yield self.problem(
                    f"{target.name!r} fits {len(image_ids)} images ({fits}); "
                    "write more of its digits"
                )

    def problem(self, message: str) -> Problem:
        return Problem(self.file, self.entry.line, message)

    def rows(self) -> Iterator[dict[str, str]]:
        """One row of DECISIONS, with its note, for each image it is about."""
        columns = {"action": self.action, "reason": self.entry.reason}
        columns |= {"by": self.entry.by, "date": self.entry.date, _NOTE: self.entry.note}
        first = self.targets[0]
        ids = [image_ids or [] for image_ids in self.ids_of]
        if len(ids) == 2:
            a, b = sorted((ids[0][0], ids[1][0]))
            yield {"scope": "pair", "target": a, "other": b, **columns}
            return
        scope = "image" if first.kind in _WEIGHT else first.kind.value
        for image_id in ids[0]:
            yield {"scope": scope, "target": image_id, "other": first.symmetry or "", **columns}


def resolve(lists: Lists, index: Index) -> Resolved:
    """Apply the lists to the collection of ``index``.

    Problems are all that must be mended: lines that cannot be read, ids that fit several images,
    entries that contradict or repeat one another. Ids that are not known here are none yet.
    """
    placed = [_place(lists, name, entry, index) for name, entry in lists.named_entries()]
    problems = {problem for placed_entry in placed for problem in placed_entry.faults()}
    problems |= {*lists.problems, *_disagreements(placed)}
    unknown = tuple(
        Unknown(placed_entry.file, placed_entry.entry.line, target)
        for placed_entry in placed
        for target, image_ids in zip(placed_entry.targets, placed_entry.ids_of, strict=True)
        if image_ids is None
    )
    known = [
        placed_entry
        for placed_entry in placed
        if None not in placed_entry.ids_of and not any(placed_entry.faults())
    ]
    rows, clashes = _weighed(known)
    notes = _removal_notes(rows)
    return Resolved(
        from_rows(DECISIONS, rows), notes, tuple(sorted(problems | clashes)), unknown, len(known)
    )


def _removal_notes(rows: Iterable[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Take the notes out of the ``rows``, and keep those of removals."""
    notes: dict[str, dict[str, str]] = {}
    for row in rows:
        note = row.pop(_NOTE)
        if note and row["action"] == REMOVE:
            notes.setdefault(row["scope"], {})[row["target"]] = note
    return notes


def _place(lists: Lists, name: str, entry: ListEntry, index: Index) -> _Placed:
    targets = entry.targets
    image_ids = tuple(index.find(target) for target in targets)
    return _Placed(name, lists.file(name), entry, targets, image_ids)


def _disagreements(placed: Iterable[_Placed]) -> Iterator[Problem]:
    """Entries that say different things about one and the same target."""
    first: dict[tuple[object, ...], _Placed] = {}
    # In the order of the lists and lines, so that it is always the later line that is named.
    for entry in placed:
        earlier = first.setdefault(entry.identity, entry)
        named = " ".join(entry.entry.ids)
        if earlier.action != entry.action:
            yield entry.problem(
                f"{_VERBS[entry.action]} {named}, which {earlier.place} {_VERBS[earlier.action]}; "
                f"delete one of the two lines"
            )
        elif earlier.entry.content != entry.entry.content:
            yield entry.problem(
                f"{named} stands in {earlier.place} with other words; delete one of the two lines"
            )


def _weighed(known: Iterable[_Placed]) -> tuple[list[dict[str, str]], set[Problem]]:
    """The row that holds for each target, and entries of equal weight that clash over an image."""
    rivals: dict[tuple[str, ...], list[tuple[_Placed, dict[str, str]]]] = defaultdict(list)
    for entry in known:
        for row in entry.rows():
            rivals[row["scope"], row["target"], row["other"]].append((entry, row))
    rows: list[dict[str, str]] = []
    clashes: set[Problem] = set()
    for key in sorted(rivals):
        # `artist:ada` removes, `a91f03c2` keeps: the entry about the image holds, without a clash.
        (winner, row), *others = sorted(rivals[key], key=lambda rival: _rank(rival[0]))
        rows.append(row)
        clashes |= {_clash(winner, other, key[1]) for other, _ in others if _clashes(winner, other)}
    return rows, clashes


def _rank(placed: _Placed) -> tuple[object, ...]:
    return _weight(placed), placed.identity[1], placed.action, placed.entry.content


def _weight(placed: _Placed) -> int:
    return _WEIGHT.get(placed.targets[0].kind, 0)


def _clashes(winner: _Placed, other: _Placed) -> bool:
    same_weight = _weight(winner) == _weight(other)
    return same_weight and winner.action != other.action and winner.identity != other.identity


def _clash(winner: _Placed, other: _Placed, image_id: str) -> Problem:
    return other.problem(
        f"{_VERBS[other.action]} {image_id}, which {winner.place} {_VERBS[winner.action]}; "
        f"decide by an entry for the image itself"
    )
