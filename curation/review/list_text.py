"""One curators' list as text that is edited line by line: all other lines stay as they are.

A list of 100,000 lines takes a second to parse and to render, an edit of one line may take a few
milliseconds. So the text is kept as blocks, each an entry with the lines above it, in canonical
order; what is not an entry (a comment, an empty line, a line that cannot be read) belongs to the
entry below it and stays where that is.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from curation.decisions.list_syntax import ListEntry, header_of, parse, render_entry

Order = tuple[tuple[str, ...], tuple[str, str, str, str]]
"""What entries are sorted by: their ids, then all they say."""


@dataclass(frozen=True)
class Block:
    """An entry, and the lines above it that are none."""

    entry: ListEntry
    above: tuple[str, ...]
    line: str
    text: str
    """All its lines, each with its end."""

    @classmethod
    def of(cls, entry: ListEntry, line: str, above: tuple[str, ...] = ()) -> Block:
        """The block of these lines."""
        return cls(entry, above, line, "".join(f"{text}\n" for text in (*above, line)))

    @property
    def order(self) -> Order:
        """Its place in the list."""
        return self.entry.ids, self.entry.content


_BY_ORDER = attrgetter("order")
_TEXT = attrgetter("text")


class Reader:
    """Parses lines and remembers them, so that a list read again costs its new lines only."""

    def __init__(self, ids: int) -> None:
        """Read lines that start with so many ids."""
        self._ids = ids
        self._known: dict[str, Block | str] = {}

    def block(self, line: str) -> Block | str:
        """The block of ``line`` alone, or why it is no entry."""
        known = self._known.get(line)
        if known is None:
            curators_list, problems = parse(line, "", self._ids)
            entry = curators_list.entries[0] if curators_list.entries else None
            known = Block.of(entry, line) if entry else problems[0].message
            self._known[line] = known
        return known


@dataclass
class ListText:
    """The text of one list; the edits change it in place."""

    header: tuple[str, ...]
    blocks: list[Block]
    footer: tuple[str, ...]
    problems: list[tuple[int, str]]
    """Lines that cannot be read: number, from 1, and why."""

    @classmethod
    def read(cls, text: str, reader: Reader) -> ListText:
        """Take ``text`` apart."""
        lines = [line.strip() for line in text.removeprefix("\ufeff").split("\n")]
        while lines and not lines[-1]:
            lines.pop()
        header = header_of(lines)
        first = len(header) + (len(header) < len(lines) and not lines[len(header)])
        blocks: list[Block] = []
        problems: list[tuple[int, str]] = []
        above: list[str] = []
        for number, line in enumerate(lines[first:], first + 1):
            block = None if not line or line.startswith("#") else reader.block(line)
            if isinstance(block, Block):
                blocks.append(Block.of(block.entry, line, tuple(above)) if above else block)
                above = []
                continue
            above.append(line)
            if block is not None:
                problems.append((number, block))
        blocks.sort(key=_BY_ORDER)
        return cls(header, blocks, tuple(above), problems)

    def copy(self) -> ListText:
        """One to be edited instead."""
        return replace(self, blocks=list(self.blocks))

    def entries(self) -> Iterator[ListEntry]:
        """The entries, in order."""
        return (block.entry for block in self.blocks)

    def without(self, other: ListText) -> list[ListEntry]:
        """The entries whose lines ``other`` does not have, each once."""
        theirs = {block.line for block in other.blocks}
        return [*dict.fromkeys(b.entry for b in self.blocks if b.line not in theirs)]

    def add(self, entry: ListEntry) -> None:
        """Put ``entry`` in its place."""
        insort(self.blocks, Block.of(entry, render_entry(entry)), key=_BY_ORDER)

    def drop(self, entries: Iterable[ListEntry]) -> None:
        """Take out every line that says what one of ``entries`` says; the lines above it stay."""
        for entry in entries:
            order: Order = (entry.ids, entry.content)
            place = bisect_left(self.blocks, order, key=_BY_ORDER)
            while place < len(self.blocks) and self.blocks[place].order == order:
                self._orphan(self.blocks.pop(place).above, place)

    def encoded(self) -> bytes:
        """The whole text as UTF-8."""
        below = "".join([*map(_TEXT, self.blocks), *_with_line_ends(self.footer)])
        gap = "\n" if below and (self.header or below[0] in "\n#") else ""
        return "".join([*_with_line_ends(self.header), gap, below]).encode()

    def _orphan(self, lines: tuple[str, ...], place: int) -> None:
        """Give lines that stood above an entry to what now stands below them."""
        if not lines:
            return
        if place == len(self.blocks):
            self.footer = (*lines, *self.footer)
        else:
            block = self.blocks[place]
            self.blocks[place] = Block.of(block.entry, block.line, (*lines, *block.above))


def _with_line_ends(lines: Iterable[str]) -> Iterator[str]:
    return (f"{line}\n" for line in lines)
