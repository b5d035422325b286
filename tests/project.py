"""A copy of this project in a folder of its own, with small collections, under real git and DVC."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
_COPIED = (
    "pipeline", "scrapers", "curation", "train", "sites",
    "dvc.yaml", ".dvcignore", ".gitattributes",
)  # fmt: skip
_BEING_WRITTEN = shutil.ignore_patterns("*.pyc.*", "*.tmp.*")
"""By another worker of the tests, for a moment. What is compiled is copied: a copy of a file keeps
its time, so Python and numba take it for theirs, and not every project compiles loops for a minute.
"""
_FOLDERS_OF_OUTPUTS = ("data", "models", "metrics", "reports")


def small_params() -> dict[str, Any]:
    """The default collections, as small as the gallery goes and trained for a moment."""
    params: dict[str, Any] = yaml.safe_load((ROOT / "tests" / "default_params.yaml").read_text())
    paintings, watches = params["collections"]["paintings"], params["collections"]["watches"]
    for collection in (paintings, watches):
        collection["scrape"]["gallery"] |= {"works": 60, "creators": 6}
        collection["evaluate"] |= {"samples": 32}
        collection["enhance"] |= {"samples": 1}
    small = {"batch": 16, "warm_start": None}  # no base is that small
    paintings["train"] |= {"channels_base": 256, "channels_max": 8, "kimg": 1.0, **small}
    growing = {"model": "progan", "resolution": 8, "fade_kimg": 0.2, "stable_kimg": 0.2, **small}
    watches["train"] = {**watches["train"], **growing}
    del watches["train"]["kimg"]
    return params


@dataclass(frozen=True)
class Project:
    """A working copy at ``root``; its commands run its own copy of the code."""

    root: Path

    def run(
        self, *command: str, expect: int = 0, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the project, which must leave with the code ``expect``."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(variables or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != expect:
            raise AssertionError(
                f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The environment of a person who has activated the virtual environment."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        compiled = {"PYTHONDONTWRITEBYTECODE": ""}  # its folder is its own
        return {**os.environ, "PATH": path, "PYTHONPATH": str(self.root), **compiled, **variables}

    def write_params(self, params: dict[str, Any]) -> None:
        """Replace params.yaml."""
        (self.root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))


def make_project(root: Path, params: dict[str, Any], code: Path = ROOT) -> Project:
    """Copy the project to ``root`` and commit it there.

    ``code`` may be a project in which something was run, so that its loops are compiled already.
    """
    root.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        source = code / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=_BEING_WRITTEN)
        else:
            shutil.copy(source, root / name)
    shutil.copy(ROOT / ".gitignore", root / ".gitignore")
    for folder in _FOLDERS_OF_OUTPUTS:
        (root / folder).mkdir()
        shutil.copy(ROOT / folder / ".gitignore", root / folder / ".gitignore")
    project = Project(root)
    project.write_params(params)
    project.run("git", "init", "--quiet", "--initial-branch", "main")
    project.run("git", "config", "user.name", "Ana")
    project.run("git", "config", "user.email", "ana@example.org")
    project.run("dvc", "init", "--quiet")
    for name in ("config", ".gitignore"):
        shutil.copy(ROOT / ".dvc" / name, root / ".dvc" / name)
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "The project")
    return project
