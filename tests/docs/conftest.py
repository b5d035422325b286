"""The projects in which the pages are tried; each page has a copy of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.reading import read_through
from tests.docs.stand_ins import BEGINS, CULLING, State
from tests.finished_project import copy_of, finished_project
from tests.project import Project, make_project, small_params


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
def project(request: pytest.FixtureRequest, page: str, tmp_path: Path) -> Project:
    """A copy of the project in the state with which ``page`` begins."""
    root = tmp_path / "project"
    match BEGINS[page]:
        case State.UNTOUCHED:
            compiled: Project = request.getfixturevalue("first")
            return make_project(root, small_params(), compiled.root)
        case State.CULLED | State.SECOND:
            source: Project = request.getfixturevalue("culled")
        case State.RUN | State.FIRST:
            source = request.getfixturevalue("first")
    return copy_of(source, root)
