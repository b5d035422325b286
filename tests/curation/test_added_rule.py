"""A rule added to a copy of the project as a person would add it: one new file, and two lines.

Everything else must read the declaration: the stages, the card, the review page, `salon lists why`
and the docs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.project import ROOT

RULE = '''"""Rule `too_busy`: more varied than asked for. Off by default."""

from __future__ import annotations

from curation.selection.rules.rule import Reason
from curation.selection.rules.rule import Rule, above

RULE = Rule(
    Reason(
        "too_busy",
        "Too busy",
        "Its luminance varies more than was asked for.",
        "{value:.1f} bits; at most {threshold:g}",
        param="select.max_entropy",
    ),
    lambda evidence, most: above(evidence.number("entropy"), most),
)
'''
DECLARATIONS = ("    TOO_SMALL,\n", "    TOO_SMALL,\n    too_busy.RULE,\n")
IMPORT = ("placeholder, rights\n", "placeholder, rights, too_busy\n")
PARAM = (
    "    max_aspect_ratio:",
    (
        '    max_entropy: float | None = None\n    """Most bits that may pass."""\n'
        "    max_aspect_ratio:"
    ),
)
WALK = """
import json, sys
from pathlib import Path

from curation.editing.image_history import history
from curation.editing.why import sentences, verdict
from curation.review.collection import ReviewCollection
from curation.review.query import answer, parse_query
from curation.review.details import LABELS
from curation.review.contact_sheets import ContactSheet
from curation.decisions.list_syntax import parse
from pipeline.core.params.augment import Augment
from pipeline.core.params.report import Report
from pipeline.core.params.select import Select
from pipeline.stages import augment, report, select
from tests import reference
from tests.small_project import build

paths = build(Path(sys.argv[1]))
select.run(paths, Select())
off = json.loads(paths.funnel.read_text())
params = Select(max_entropy=5.25)
select.run(paths, params)
augment.run(paths, Augment())
report.run(paths, Report())
collection = ReviewCollection(paths, params)
sheet = ContactSheet(collection)
order = answer(sheet, parse_query([("sort", "too_busy"), ("reason", "too_busy")])).order
image_id = sheet.key(int(order[0]))
told = history(paths, image_id)
_, problems = parse(f"{image_id}  too_busy  ana", "remove.txt")
print(json.dumps({
    "off": off["rejected"],
    "funnel": json.loads(paths.funnel.read_text()),
    "card": paths.report.read_text(),
    "values": sheet.scores["too_busy"].value[order].tolist(),
    "label": LABELS["too_busy"],
    "why": [verdict(told), *sentences(told)],
    "list problems": len(problems),
    "reasons": reference.pages()[reference.DOCS / "reasons.md"],
    "params": reference.pages()[reference.DOCS / "params.md"],
}))
"""


def _edit(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text()
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    file.write_text(text)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each part of a project with one more rule shows of it."""
    root = tmp_path_factory.mktemp("added")
    for package in ("curation", "pipeline"):
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, root / package, ignore=unwanted)
    rules = root / "curation" / "selection" / "rules"
    (rules / "too_busy.py").write_text(RULE)
    _edit(rules / "declarations.py", DECLARATIONS, IMPORT)
    _edit(root / "pipeline" / "core" / "params" / "select.py", PARAM)
    done = subprocess.run(
        [sys.executable, "-c", WALK, str(root / "project")],
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{ROOT}"},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_a_rule_that_is_off_leaves_nothing_out(shown: dict[str, Any]) -> None:
    assert "too_busy" not in shown["off"]


def test_the_selection_and_its_funnel_have_the_rule_in_its_place(shown: dict[str, Any]) -> None:
    funnel = shown["funnel"]
    steps = [step["step"] for step in funnel["steps"]]
    assert steps.index("too_small") + 1 == steps.index("too_busy")
    assert funnel["rejected"]["too_busy"] == len(shown["values"]) > 3


def test_the_card_shows_a_sheet_of_it(shown: dict[str, Any]) -> None:
    assert 'id="reason-too_busy"' in shown["card"]
    assert "Its luminance varies more than was asked for." in shown["card"]
    assert "bits; at most 5.25" in shown["card"]


def test_the_review_page_sorts_by_it_and_has_a_heading(shown: dict[str, Any]) -> None:
    assert shown["values"] == sorted(shown["values"], reverse=True)
    assert shown["label"] == "Too busy"


def test_an_image_tells_why_and_lists_may_name_it(shown: dict[str, Any]) -> None:
    assert shown["why"][0] == "left out: too busy"
    assert f"({shown['values'][0]:.1f} bits; at most 5.25)" in "\n".join(shown["why"])
    assert shown["list problems"] == 0


def test_the_docs_have_it(shown: dict[str, Any]) -> None:
    row = "| `too_busy` | Its luminance varies more than was asked for. | `select.max_entropy` |"
    assert row in shown["reasons"]
    assert "| `max_entropy` | `null` | Most bits that may pass. |" in shown["params"]
