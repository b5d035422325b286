"""A page read through: every command of it typed, in order, by one reader."""

from __future__ import annotations

from pathlib import Path

from tests.docs.blocks import Command, consoles
from tests.docs.reader import Reader, missing_lines
from tests.docs.stand_ins import (
    AFTER,
    BEFORE,
    MEANWHILE,
    NOT_RUN,
    PRELOADED,
    SERVED,
    STARTED,
    TYPED_THERE,
    furnish,
    stand_ins,
)
from tests.project import Project


def read_through(page: str, project: Project, home: Path) -> list[str]:
    """Type all commands of a page, in order; the commands that ran.

    Raises:
        AssertionError: one failed, or did not say what the page shows.
    """
    home.mkdir()
    reader = Reader(project, home, stand_ins(project, home), preloaded=page in PRELOADED)
    furnish(reader)
    if page in BEFORE:
        BEFORE[page](reader)
    typed = []
    try:
        for command in (each for block in consoles(page) for each in block.commands()):
            words = words_of(command)
            if words in NOT_RUN or (page, words) in TYPED_THERE:
                continue
            _type(reader, page, words, command)
            typed.append(words)
    finally:
        reader.stop()
    return typed


def _type(reader: Reader, page: str, words: str, command: Command) -> None:
    place = page, words
    if place in STARTED:
        reader.start(command)
        return
    if place in SERVED:
        said = reader.serve(command, SERVED[place])
    elif place in MEANWHILE:
        said = reader.type_while(command, MEANWHILE[place])
    else:
        said = reader.type(command)
    lost = missing_lines(command.answer, said)
    assert lost == [], f"{page}:{command.line}: not said: {lost}\n{said}"
    if place in AFTER:
        AFTER[place](reader)


def words_of(command: Command) -> str:
    """A command without what is said of it behind `#`."""
    return command.text.partition("  #")[0].rstrip()
