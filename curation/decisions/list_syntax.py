"""One curators' list: plain text with a decision a line, read and written without losing a word.

A line is ``id  reason  by  date  # note``; the columns are separated by any blanks, all but the
id may be missing, and ``-`` stands for a missing column before a given one. In distinct.txt a
line starts with two ids. An id is one of::

    a91f03c2            an image: the first 8 to 24 hex digits of its id
    a91f03c2/rot90      a variant of an image
    listing:wikiart:17  every image of a listing
    artist:some-name    every image of an artist; ``brand:`` means the same
    group:a91f03c2      the duplicate group that holds an image

In the canonical form the lines are sorted by id, columns stand two blanks apart, and the comment
at the top of the file is followed by an empty line. Every other comment or empty line belongs to
the entry below it and moves with it.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import takewhile

from curation.selection.rules.declarations import REASONS
from curation.selection.rules.other_causes import OF_CURATORS
from pipeline.core.ids import ID_PREFIX, SHORTEST_PREFIX
from pipeline.core.sites import SITES
from pipeline.core.transforms import SYMMETRIES, Symmetry

CURATORS_REASONS = REASONS | {reason.name: reason for reason in OF_CURATORS}
"""What may stand in the column of reasons: the rules' names, not to one's taste, and not what the
collection is about."""

_BLANKS_BEFORE = re.compile(r"^[\s\ufeff]+")
"""Blanks and byte order marks; these stay in the middle where files were put together."""

SOURCES = tuple(SITES)
MISSING = "-"


class TargetKind(StrEnum):
    """What an entry can name, by the word that starts the id where there is one."""

    IMAGE = "image"
    VARIANT = "variant"
    LISTING = "listing"
    CREATOR = "creator"
    GROUP = "group"


_KINDS = {
    "listing": TargetKind.LISTING,
    "artist": TargetKind.CREATOR,
    "brand": TargetKind.CREATOR,
    "group": TargetKind.GROUP,
}


@dataclass(frozen=True)
class Target:
    """What an id means."""

    kind: TargetKind
    name: str
    """Hex digits of an image, ``source:id`` of a listing, or a creator's slug."""
    symmetry: Symmetry | None = None

    def __str__(self) -> str:
        return self.name if self.symmetry is None else f"{self.name}/{self.symmetry}"


@dataclass(frozen=True, order=True)
class Problem:
    """What keeps an entry from being applied: where, what, and what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class ListEntry:
    """One decision of a curator."""

    ids: tuple[str, ...]
    """One id; two in distinct.txt, in ascending order."""
    reason: str = ""
    by: str = ""
    date: str = ""
    note: str = ""
    comments: tuple[str, ...] = ()
    """Comment and empty lines above the entry."""
    line: int = field(default=0, compare=False)
    """Where it was read, from 1."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """What the ids mean."""
        return tuple(map(parse_target, self.ids))

    @property
    def content(self) -> tuple[str, str, str, str]:
        """All that it says about its ids."""
        return self.reason, self.by, self.date, self.note


@dataclass(frozen=True)
class CuratorsList:
    """A whole file."""

    header: tuple[str, ...] = ()
    """Comment lines at the very top."""
    entries: tuple[ListEntry, ...] = ()
    footer: tuple[str, ...] = ()
    """Comment and empty lines below the last entry."""

    def with_entry(self, entry: ListEntry) -> CuratorsList:
        """The list with one more entry, in canonical order."""
        return replace(self, entries=_in_order([*self.entries, entry]))


def parse(text: str, file: str, ids: int = 1) -> tuple[CuratorsList, list[Problem]]:
    """Read a list whose lines start with so many ``ids``; ``file`` names it in problems.

    A line that cannot be read is a problem and no entry; all others are entries.
    """
    lines = [_BLANKS_BEFORE.sub("", line).rstrip() for line in text.split("\n")]
    header = header_of(lines)
    pending: list[str] = []
    entries: list[ListEntry] = []
    problems: list[Problem] = []
    first = len(header)
    if first < len(lines) and not lines[first]:
        first += 1  # the empty line that sets off the header
    for number, line in enumerate(lines[first:], first + 1):
        if not line or line.startswith("#"):
            pending.append(line)
            continue
        try:
            entry = _parse_entry(line, ids)
        except ValueError as error:
            problems.append(Problem(file, number, str(error)))
            continue
        entries.append(replace(entry, comments=tuple(pending), line=number))
        pending = []
    while pending and not pending[-1]:
        pending.pop()
    return CuratorsList(tuple(header), tuple(entries), tuple(pending)), problems


def render(curators_list: CuratorsList) -> str:
    """The canonical text; `parse` reads the same list from it."""
    lines = list(curators_list.header)
    entries = _in_order(curators_list.entries)
    below = [line for entry in entries for line in (*entry.comments, render_entry(entry))]
    below += curators_list.footer
    if below and (lines or not below[0] or below[0].startswith("#")):
        lines.append("")
    return "".join(f"{line}\n" for line in lines + below)


def render_entry(entry: ListEntry) -> str:
    """One line, without its end."""
    columns = [entry.reason, entry.by, entry.date]
    while columns and not columns[-1]:
        columns.pop()
    line = "  ".join([*entry.ids, *(column or MISSING for column in columns)])
    return f"{line}  # {entry.note}" if entry.note else line


def folded(curators_list: CuratorsList) -> tuple[CuratorsList, list[tuple[int, int]]]:
    """The list with lines that say the same twice made one, and their numbers (kept, folded).

    The comments of both stay.
    """
    kept: dict[tuple[object, ...], ListEntry] = {}
    gone: list[tuple[int, int]] = []
    for entry in curators_list.entries:
        key = (entry.ids, entry.content)
        if key in kept:
            gone.append((kept[key].line, entry.line))
            entry = replace(kept[key], comments=(*kept[key].comments, *entry.comments))
        kept[key] = entry
    return replace(curators_list, entries=tuple(kept.values())), gone


def parse_target(text: str) -> Target:
    """What an id means.

    Raises:
        ValueError: it means nothing; the sentence says how an id looks.
    """
    word, colon, name = text.partition(":")
    if colon:
        return _named_target(word, name)
    digits, slash, symmetry = text.partition("/")
    if not ID_PREFIX.fullmatch(digits.lower()):
        raise ValueError(
            f"{digits!r} is no image id; write {SHORTEST_PREFIX} to 24 hex digits of one, "
            f"or listing:SOURCE:ID, artist:SLUG, brand:SLUG, group:ID"
        )
    if not slash:
        return Target(TargetKind.IMAGE, digits.lower())
    if symmetry not in SYMMETRIES:
        raise ValueError(f"there is no transform {symmetry!r}; {_choice(symmetry, SYMMETRIES)}")
    return Target(TargetKind.VARIANT, digits.lower(), Symmetry(symmetry))


def _named_target(word: str, name: str) -> Target:
    if word not in _KINDS:
        raise ValueError(f"there is no {word + ':'!r}; {_choice(word, _KINDS)}")
    kind = _KINDS[word]
    if kind is TargetKind.GROUP:
        if not ID_PREFIX.fullmatch(name.lower()):
            raise ValueError(f"{word}:{name}: a group is named by an image in it (hex digits)")
        return Target(kind, name.lower())
    source, _, listing_id = name.partition(":")
    if kind is TargetKind.LISTING and (source not in SOURCES or not listing_id):
        raise ValueError(f"{word}:{name}: write listing:SOURCE:ID, SOURCE of {', '.join(SOURCES)}")
    if not name:
        raise ValueError(f"{word}: names nobody; write {word}:SLUG")
    return Target(kind, name)


def parse_columns(columns: Iterable[str], ids: int = 1) -> ListEntry:
    """An entry from its columns, ids first.

    Raises:
        ValueError: a column is missing, misspelt or one too many.
    """
    words = list(columns)
    if not ids <= len(words) <= ids + 3:
        shape = "  ".join(["id"] * ids + ["reason", "by", "date"])
        raise ValueError(f"{len(words)} columns; write {shape}  # note")
    targets = [parse_target(word) for word in words[:ids]]
    if ids > 1 and any(target.kind is not TargetKind.IMAGE for target in targets):
        raise ValueError("only images can be told apart; write two image ids")
    if len({target.name for target in targets}) < ids:
        raise ValueError("both ids are the same")
    names = [_canonical_id(word) for word in words[:ids]]
    values = ["" if word == MISSING else word for word in words[ids:]]
    reason, by, date = values + [""] * (3 - len(values))
    if reason and reason not in CURATORS_REASONS:
        raise ValueError(f"there is no reason {reason!r}; {_choice(reason, CURATORS_REASONS)}")
    if date and not _is_date(date):
        raise ValueError(f"{date!r} is no date; write YYYY-MM-DD")
    return ListEntry(tuple(sorted(names)), reason, by, date)


def _parse_entry(line: str, ids: int) -> ListEntry:
    columns, _, note = line.partition("#")
    return replace(parse_columns(columns.split(), ids), note=note.strip())


def _canonical_id(text: str) -> str:
    target = parse_target(text)
    named = target.kind in (TargetKind.LISTING, TargetKind.CREATOR)
    return text if named else text.lower()


def header_of(lines: list[str]) -> tuple[str, ...]:
    """The comments at the very top."""
    return tuple(takewhile(lambda line: line.startswith("#"), lines))


def _in_order(entries: Iterable[ListEntry]) -> tuple[ListEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.ids, entry.content)))


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _choice(word: str, known: Iterable[str]) -> str:
    words = [str(name) for name in known]
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"one of {', '.join(words)}"
