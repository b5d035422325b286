"""A small project on which everything was run once, made once for all workers of the tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests import preloaded
from tests.project import Project, make_project, small_params


def finished_project(factory: pytest.TempPathFactory) -> Project:
    """The project as `dvc repro` left it, committed and tagged v1; copy it before any change.

    It takes a minute of CPU time, so the worker that comes first makes it and others wait.
    Thirty commands begin in `tests.preloaded`; what is run in the project later begins as it does
    for a person.
    """
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    root = shared / "finished"
    with FileLock(shared / "finished.lock"):
        if not root.exists():
            project = make_project(shared / "unfinished", small_params())
            project.run("dvc", "repro", variables=preloaded.path())
            project.run("git", "add", "--all")
            project.run("git", "commit", "--quiet", "--message", "Run the pipeline")
            project.run("git", "tag", "v1")
            project.root.rename(root)
    return Project(root)


def copy_of(project: Project, root: Path) -> Project:
    """The same project elsewhere: files keep their times, so nothing is compiled or hashed anew."""
    shutil.copytree(project.root, root, symlinks=True, copy_function=shutil.copy2)
    return Project(root)
