"""A page read through: every command of it typed, in order, by one reader."""

from __future__ import annotations

from pathlib import Path

from tests.docs.blocks import consoles
from tests.docs.reader import Reader, missing_lines
from tests.docs.stand_ins import BEFORE, NOT_RUN, SERVED, furnish, stand_ins
from tests.project import Project


def read_through(page: str, project: Project, home: Path) -> list[str]:
    """Type all commands of a page, in order; the commands that ran.

    Raises:
        AssertionError: one failed, or did not say what the page shows.
    """
    home.mkdir()
    reader = Reader(project, home, stand_ins(project, home))
    furnish(reader)
    if page in BEFORE:
        BEFORE[page](reader)
    typed = []
    for block in consoles(page):
        for command in block.commands():
            words = command.text.partition("  #")[0].rstrip()
            if words in NOT_RUN:
                continue
            hands = SERVED.get((page, words))
            said = reader.serve(command, hands) if hands else reader.type(command)
            lost = missing_lines(command.answer, said)
            assert lost == [], f"{page}:{command.line}: not said: {lost}\n{said}"
            typed.append(words)
    return typed
