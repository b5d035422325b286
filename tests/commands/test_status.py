"""`salon status` on real folders under real DVC."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from _pytest.capture import CaptureResult

from pipeline.cli import main
from pipeline.commands.status import freshness_lines
from pipeline.core.errors import ParamsError
from pipeline.core.paths import Paths
from pipeline.freshness import StageFreshness, StageStatus
from scrapers.capture.capture_description import CaptureDescription
from tests.project import Project, small_params
from tests.small_project import build

COLLECTION = small_params()["collections"]["paintings"]
PARAMS = {"collections": {"paintings": COLLECTION}}
DVC_YAML = {
    "stages": {
        "lists@paintings": {
            "cmd": "cp keep.txt decided",
            "deps": ["keep.txt"],
            "outs": ["decided"],
        },
        "select@paintings": {
            "cmd": "cp decided selected",
            "deps": ["decided"],
            "params": ["collections.paintings.select"],
            "outs": ["selected"],
        },
    }
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A folder with params.yaml and nothing else."""
    made = Project(tmp_path)
    made.write_params(PARAMS)
    return made


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two small stages that DVC has run, one after the other."""
    made = Project(tmp_path_factory.mktemp("reproduced"))
    made.write_params(PARAMS)
    stages = {
        name.split("@")[0]: {"foreach": ["paintings"], "do": stage}
        for name, stage in DVC_YAML["stages"].items()
    }
    (made.root / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    (made.root / "keep.txt").write_text("one\n")
    made.run("git", "init", "--quiet")
    made.run("dvc", "init", "--quiet")
    made.run("dvc", "repro", "--quiet")
    return made


@dataclass(frozen=True)
class Salon:
    """The command line in this process, without the second that a new one takes to start."""

    project: Project
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, *arguments: str, expect: int = 0) -> CaptureResult[str]:
        """What `salon` says, which must leave with the code ``expect``."""
        self.monkeypatch.chdir(self.project.root)
        self.monkeypatch.setattr("sys.argv", ["salon", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = self.capsys.readouterr()
        assert left.value.code == expect, said
        return said

    def told(self) -> Any:
        return json.loads(self.run("status", "--json").out)


@pytest.fixture
def salon(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Salon:
    return Salon(project, capsys, monkeypatch)


def _told(project: Project) -> Any:
    return json.loads(project.run("salon", "status", "--json").stdout)


def _stale(project: Project) -> dict[str, list[Any]]:
    stale = _told(project)["collections"]["paintings"]["stale"]
    return {stage["stage"]: [stage["status"], *stage["because"]] for stage in stale}


def test_a_fresh_clone_is_told_how_to_begin(project: Project) -> None:
    project.run("git", "init", "--quiet")
    project.run("dvc", "init", "--quiet")
    said = " ".join(project.run("salon", "status").stdout.split())
    assert "Nothing has been made here yet. `make run` (or `dvc repro`) builds" in said


def test_a_mistake_in_one_collection_hides_no_other(salon: Salon) -> None:
    build(salon.project.root)
    paintings = PARAMS["collections"]["paintings"]
    drawings = {**paintings, "select": paintings["select"] | {"min_side": 1}}
    salon.project.write_params({"collections": {"paintings": paintings, "drawings": drawings}})
    said = salon.run("status", expect=ParamsError.exit_code)
    assert "42: 18 kept, 24 left out" in said.out
    assert "collections.drawings.select.min_side: there is no such key" in said.err


def test_without_dvc_the_rest_is_still_told(salon: Salon) -> None:
    build(salon.project.root)
    said = salon.run("status").out
    assert "42: 18 kept, 24 left out" in said
    assert "4 watermark, 3 aspect_ratio" in said
    assert "35: 31 train, 4 held_out" in said
    words = " ".join(said.split())
    assert "progan at 64 px, 2 kimg of 18 images, begun with earlier.safetensors" in words
    assert "KID 0.0421 (untrained 0.3312, floor -0.0004)" in words
    assert "by MobileNet 0.0875 (untrained 0.4125, floor 0.0015)" in words
    assert "by patches 0.1375 (untrained 0.8125, floor 0.0625)" in words
    assert "no DVC repository" in said
    assert max(map(len, said.splitlines())) <= 80


def test_captures_are_told_with_their_state(salon: Salon) -> None:
    paths = Paths(salon.project.root, "paintings")
    begun = CaptureDescription("wikiart", "gallery", "2026-06-01", {})
    counts = {"page": {"fetched": 7}, "image": {"fetched": 40, "gone": 2}}
    done = CaptureDescription("wikiart", "gallery", "2026-05-04", {}, counts=counts, complete=True)
    for capture in (begun, done):
        paths.capture(capture.as_of).mkdir(parents=True)
        capture.write(paths.capture(capture.as_of))
    assert salon.told()["collections"]["paintings"]["captures"] == [
        {"as_of": "2026-05-04", "complete": True, "pages": 7, "images": 40},
        {"as_of": "2026-06-01", "complete": False, "pages": None, "images": None},
    ]
    assert "2026-06-01, incomplete" in salon.run("status").out


def test_the_keys_of_json_do_not_depend_on_what_there_is(salon: Salon) -> None:
    empty = salon.told()["collections"]["paintings"]
    build(salon.project.root)
    full = salon.told()["collections"]["paintings"]
    assert list(empty) == list(full)
    assert empty["kept"] is None
    assert full["kept"] == 18


def test_a_torn_table_is_one_sentence(salon: Salon) -> None:
    table = build(salon.project.root).table("selection")
    table.write_bytes(table.read_bytes()[:-100])
    done = salon.run("status", expect=12)
    assert done.err.startswith(f"salon: {table}: torn")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("content", [b'{"params": ', b"[]", b"{}"])
def test_a_torn_model_description_is_one_sentence(salon: Salon, content: bytes) -> None:
    model = build(salon.project.root).model / "model.json"
    model.write_bytes(content)
    done = salon.run("status", expect=12)
    assert done.err.startswith(f"salon: {model}: ")
    assert len(done.err.splitlines()) == 1


def test_a_misspelt_collection_gets_a_suggestion(salon: Salon) -> None:
    assert "did you mean 'paintings'?" in salon.run("status", "painting", expect=2).err


def test_an_edit_is_told_with_what_follows_from_it(reproduced: Project) -> None:
    clean = _stale(reproduced)
    keep = reproduced.root / "keep.txt"
    keep.write_text("two\n")
    edited = _stale(reproduced)
    keep.write_text("one\n")
    assert "lists@paintings" not in clean
    assert clean["train@paintings"] == ["never run"]
    assert edited["lists@paintings"] == ["stale", "keep.txt changed"]
    assert edited["select@paintings"] == ["follows", "lists@paintings"]


def test_a_changed_param_is_told_with_both_values(reproduced: Project) -> None:
    file = reproduced.root / "params.yaml"
    before = file.read_text()
    assert "max_aspect_ratio: 2.0" in before
    file.write_text(before.replace("max_aspect_ratio: 2.0", "max_aspect_ratio: 1.5"))
    said = reproduced.run("salon", "status").stdout
    file.write_text(before)
    assert "params select.max_aspect_ratio was 2.0, is 1.5" in " ".join(said.split())


def test_missing_outputs_are_not_called_stale(reproduced: Project, tmp_path: Path) -> None:
    copy = Project(tmp_path / "clone")
    shutil.copytree(reproduced.root, copy.root)
    for out in ("decided", "selected"):
        (copy.root / out).unlink()
    assert _stale(copy)["select@paintings"] == ["absent", "its outputs are not here"]


def test_a_running_stage_is_no_failure(reproduced: Project, tmp_path: Path) -> None:
    copy = Project(tmp_path / "clone")
    shutil.copytree(reproduced.root, copy.root)
    stages = yaml.safe_load((copy.root / "dvc.yaml").read_text())
    stages["stages"]["lists"]["do"]["cmd"] = "touch begun; sleep 60; cp keep.txt decided"
    (copy.root / "dvc.yaml").write_text(yaml.safe_dump(stages))
    running = subprocess.Popen(
        ["dvc", "repro", "--quiet"],
        cwd=copy.root,
        env=copy.environment({}),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(copy.root / "begun")
        assert _told(copy)["dvc"] == "a stage is running (DVC is busy); ask again when it has ended"
    finally:
        running.terminate()
        running.wait()


def _wait_for(path: Path) -> None:
    for _ in range(300):
        if path.exists():
            return
        time.sleep(0.1)
    raise TimeoutError(path)


def test_looking_needs_neither_torch_nor_pandas(project: Project) -> None:
    build(project.root)
    script = (
        "import sys; from pipeline.cli import cli\n"
        "cli.main(['status', '--json'], standalone_mode=False)\n"
        "sys.exit(bool({'torch', 'pandas', 'matplotlib', 'selenium'} & set(sys.modules)))"
    )
    project.run("python", "-c", script)


def test_a_capture_made_by_hand_is_not_said_never_to_have_run() -> None:
    verdicts = [
        StageFreshness(f"{stage}@mine", StageStatus.NEVER_RUN) for stage in ("scrape", "parse")
    ]
    assert [*freshness_lines(verdicts, is_captured=False)] == [("never run", "scrape, parse")]
    assert [*freshness_lines(verdicts, is_captured=True)] == [
        ("by hand", "scrape: the capture is here, `dvc repro` has yet to record it"),
        ("never run", "parse"),
    ]
