"""The projects in which the pages are tried; each page has a copy of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import consoles
from tests.docs.reader import Reader, missing_lines
from tests.docs.stand_ins import (
    AFTER,
    BEFORE,
    BEGINS,
    NOT_RUN,
    RUNS_HERE,
    SERVED,
    State,
    furnish,
    stand_ins,
)
from tests.finished_project import copy_of, finished_project
from tests.project import Project

CULLING = "docs/tutorials/cull-images.md"


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
            if words in NOT_RUN and not (page == RUNS_HERE and "it runs once" in NOT_RUN[words]):
                continue
            hands = SERVED.get((page, words))
            said = reader.serve(command, hands) if hands else reader.type(command)
            lost = missing_lines(command.answer, said)
            assert lost == [], f"{page}:{command.line}: not said: {lost}\n{said}"
            AFTER.get((page, words), _nothing)(reader)
            typed.append(words)
    return typed


def _nothing(reader: Reader) -> None:
    """Most commands are followed by the next."""


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Everything was run once; no test may change it."""
    return finished_project(tmp_path_factory)


@pytest.fixture(scope="session")
def culled(first: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tutorial on culling was followed to its end; no test may change it."""
    folder = tmp_path_factory.mktemp("culled")
    project = copy_of(first, folder / "project")
    read_through(CULLING, project, folder / "home")
    return project


@pytest.fixture
def project(request: pytest.FixtureRequest, page: str, tmp_path: Path, first: Project) -> Project:
    """A copy of the project in the state with which ``page`` begins."""
    state = BEGINS[page]
    source = request.getfixturevalue("culled") if state in _AFTER_CULLING else first
    return copy_of(source, tmp_path / "project")


_AFTER_CULLING = (State.CULLED, State.SECOND)
