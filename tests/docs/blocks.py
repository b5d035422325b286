"""What the pages show: their fenced blocks, the commands in these, and commands named in prose."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
GENERATED = ("docs/commands.md", "docs/params.md", "docs/description-keys.md", "docs/reasons.md")
"""Made from the code by `python -m tests.reference`, and compared with it by a test of its own."""
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    *(
        page.relative_to(ROOT).as_posix()
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if page.relative_to(ROOT).as_posix() not in GENERATED
    ),
)
_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\S*).*?\n(?P<text>.*?)^(?P=indent)```", re.M | re.S
)
_INLINE = re.compile(r"`((?:salon|dvc|make|python -m) [^`\n]*(?:\n[^`\n]+)?)`")
_SIGN = "$ "
_GOES_ON = "\\"


@dataclass(frozen=True)
class Command:
    """A line that a reader types, and what the page says it answers."""

    line: int
    text: str
    answer: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where an editor finds it."""
        return f"{self.page}:{self.line}"

    def commands(self) -> Iterator[Command]:
        """The lines behind `$`, each with the lines up to the next.

        A line that ends in a backslash goes on in the next one, as in a shell.

        Raises:
            ValueError: the block begins with an answer.
        """
        lines = self.text.splitlines()
        starts = [number for number, line in enumerate(lines) if line.startswith(_SIGN)]
        if starts[:1] != [0]:
            raise ValueError(f"{self.place}: a console block begins with `$ `")
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            text, last = lines[start].removeprefix(_SIGN), start
            while text.endswith(_GOES_ON):
                last += 1
                text = f"{text.removesuffix(_GOES_ON).rstrip()} {lines[last].strip()}"
            yield Command(self.line + 1 + start, text, tuple(lines[last + 1 : end]))


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order; those within a list lose its indent."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, match.start()) + 1,
            match["language"],
            textwrap.dedent(match["text"]),
        )
        for match in _FENCE.finditer(text)
    ]


def consoles(page: str) -> list[Block]:
    """The blocks of a page that a reader types from."""
    return [block for block in blocks(page) if block.language == "console"]


def named_in_prose(page: str) -> list[str]:
    """Our commands that stand in backquotes outside blocks: `salon status`, `make run` ..."""
    prose = _FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))
    return [" ".join(command.split()) for command in _INLINE.findall(prose)]
