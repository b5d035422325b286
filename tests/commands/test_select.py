from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.core.errors import ParamsError, UsageError
from pipeline.stage_command import run_stage
from tests.decision_tables import decision, id_of, image, inputs, pair, write_inputs
from tests.project import small_params

WIDE, WIDER, COPY, PLAIN = (id_of(name) for name in ("wide", "wider", "copy", "plain"))

NOTE = "sides as {} to 1, of which a square crop loses {}\u00a0%; at most 1.5"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of four paintings one is too wide, and one is a smaller copy of it."""
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(small_params()))
    images = [
        image("wide", width=570),
        image("wider", width=900),
        image("copy", width=500),
        image("plain"),
    ]
    write_inputs(tmp_path, "paintings", inputs(images, pairs=[pair("wider", "copy")]))
    run_stage("select", "paintings", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def salon(*words: str) -> str:
    done = CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False)
    return done.stdout


def what_if(*changes: str) -> dict[str, Any]:
    options = [word for change in changes for word in ("--what-if", change)]
    told: dict[str, Any] = json.loads(salon("select", "paintings", *options, "--json"))
    return told


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_stricter_threshold_says_who_would_leave_and_writes_nothing(root: Path) -> None:
    before = bytes_below(root)
    assert salon(
        "select", "paintings", "--what-if", "select.aspect_ratio.max=1.5"
    ).splitlines() == [
        "paintings: 2 images leave, 0 return (3 -> 1)",
        "  aspect_ratio              1 -> 3         +2",
        f"  leaves   {COPY}  aspect_ratio: {NOTE.format('1.67', 40)}",
        f"  leaves   {WIDE}  aspect_ratio: {NOTE.format('1.90', 47)}",
        "Nothing was changed; to do so, edit params.yaml and run `dvc repro`.",
    ]
    assert bytes_below(root) == before


def test_what_it_tells_is_what_the_stage_then_does(root: Path) -> None:
    told = what_if("max_aspect_ratio=3", "exact_duplicates=false")
    assert (told["before"], told["after"]) == (3, 3)
    assert [move["image_id"] for move in told["leave"]] == [COPY]
    assert [move["image_id"] for move in told["returning"]] == [WIDER]
    params = small_params()
    params["collections"]["paintings"]["select"]["max_aspect_ratio"] = 3
    (root / "params.yaml").write_text(yaml.safe_dump(params))
    run_stage("select", "paintings", root)
    counted = json.loads((root / "data/tables/paintings/funnel.json").read_text())
    assert counted["kept"] == told["after"]
    assert counted["rejected"] == {
        reason: after for reason, (_, after) in told["reasons"].items() if after
    }


def test_the_lists_that_were_applied_count(root: Path) -> None:
    kept = inputs(
        [image("wide", width=570), image("wider", width=900)],
        decisions=[decision("keep", "wider")],
    )
    write_inputs(root, "paintings", kept)
    assert what_if("max_aspect_ratio=1.5")["after"] == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("max_aspct_ratio=2", "did you mean 'max_aspect_ratio'"),
        ("max_aspect_ratio", "write KEY=VALUE"),
        ("dedupe.max_phash_distance=3", "there is no select.dedupe.max_phash_distance"),
        ("max_aspect_ratio={", "is not YAML"),
    ],
)
def test_a_slip_of_the_pen_is_named(root: Path, given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        salon("select", "paintings", "--what-if", given)


def test_a_value_that_cannot_be_is_refused_with_its_place(root: Path) -> None:
    with pytest.raises(ParamsError, match=r"paintings\.select\.max_aspect_ratio: .*not 0\.5"):
        salon("select", "paintings", "--what-if", "max_aspect_ratio=0.5")
    with pytest.raises(UsageError, match="no collection 'paintngs'"):
        salon("select", "paintngs", "--what-if", "max_aspect_ratio=1.5")
    with pytest.raises(UsageError, match="--json goes with --what-if"):
        salon("select", "paintings", "--json")
