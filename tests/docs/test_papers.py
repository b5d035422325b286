"""The papers beside README: licence, citation, security, issue forms, release note."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.blocks import ROOT, named_in_prose
from tests.docs.command_line import objection

FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
PAPERS = ("SECURITY.md", "CHANGELOG.md", *(form.relative_to(ROOT).as_posix() for form in FORMS))
_PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_licence_and_version_are_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["license"] == _PROJECT["license"] == "Apache-2.0"
    assert (
        "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text()
    )
    newest = re.search(r"^### (\S+?),? ", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert newest is not None
    assert citation["version"] == _PROJECT["version"] == newest[1]


def test_the_release_note_is_for_users() -> None:
    """What stands before the details: what one can do with it, and how to upgrade, in a minute."""
    newest = (ROOT / "CHANGELOG.md").read_text().split("\n### ")[1]
    note, detail, _ = newest.partition("\nIn detail")
    assert detail
    assert len(note.split()) < 250
    assert "Upgrading" in note
    assert [path for path in re.findall(r"\]\(([^)#]+)", note) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_names_only_commands_that_exist(paper: str) -> None:
    wrong = {command: objection(command) for command in named_in_prose(paper)}
    assert {command: said for command, said in wrong.items() if said} == {}


@pytest.mark.parametrize("form", FORMS, ids=[form.name for form in FORMS])
def test_a_form_asks_for_something(form: Path) -> None:
    """By the schema of GitHub's forms: without one of these the form does not show."""
    asked = yaml.safe_load(form.read_text())
    assert asked.keys() >= {"name", "description", "body"}
    fields = [field for field in asked["body"] if field["type"] != "markdown"]
    ids = [field["id"] for field in fields]
    assert len(ids) == len(set(ids)) > 0
    assert all(field["attributes"]["label"] for field in fields)
