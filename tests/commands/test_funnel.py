from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.commands.funnel import LEFT, TAKEN
from pipeline.core.errors import TableError, UsageError
from tests.project import small_params
from tests.small_project import KEPT, REJECTED, build


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(small_params()))
    build(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def salon(*words: str) -> str:
    done = CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False)
    return done.stdout


def test_every_step_has_a_line_and_the_numbers_add_up(root: Path) -> None:
    lines = salon("funnel", "paintings").splitlines()
    images, variants = lines[1 : lines.index("")], lines[lines.index("") + 1 :]
    left = None
    for line in images:
        number = next(word for word in line.split() if word.lstrip("-").replace(",", "").isdigit())
        if number.startswith("-"):
            assert left is not None
            left += int(number)
        else:
            assert left in (None, int(number))
            left = int(number)
    assert left == KEPT
    assert len([line for line in images if TAKEN in line]) == len(REJECTED) + 3
    [kept] = [line for line in variants if line.strip().startswith("variants kept")]
    assert kept.endswith("31 to train on, 4 held out")


def test_a_bar_is_as_long_as_its_number(root: Path) -> None:
    bars = {
        line.strip().split("  ")[0]: line.count(LEFT)
        for line in salon("funnel", "paintings").splitlines()
    }
    listed = KEPT + sum(count for _, count, _, _ in REJECTED) + 4
    assert bars["listed images"] == 48
    assert bars["images kept"] == round(48 * KEPT / listed)


def test_as_json_and_of_what_is_not_there(root: Path) -> None:
    told = json.loads(salon("funnel", "paintings", "--json"))["paintings"]
    assert told["kept"] == KEPT
    assert told["variants"] == {"kept": 35, "rejected": {"same_as_other_variant": 1}}
    with pytest.raises(TableError, match=r"watches/.*missing"):
        salon("funnel")
    with pytest.raises(UsageError, match="no collection 'paintngs'"):
        salon("funnel", "paintngs")
