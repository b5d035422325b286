"""From listing to trained model, as a person runs it: real browser, real DVC, real training."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS, SELECTION, VARIANTS, Status
from pipeline.stage_command import STAGES
from tests.finished_project import copy_of, finished_project
from tests.project import Project

pytestmark = pytest.mark.timeout(900)

RUNNING = re.compile(r"Running stage '([^']+)'")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project on which everything was run once."""
    return copy_of(finished_project(tmp_path_factory), tmp_path_factory.mktemp("salon") / "project")


@pytest.fixture
def lists(project: Project) -> Any:
    """The curators' lists, put back (and everything derived with them) after the test."""
    folder = project.root / "curation" / "lists"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    yield folder
    for path, content in before.items():
        path.write_bytes(content)
    project.run("dvc", "repro", "--quiet")


@pytest.fixture
def without_image_library(project: Project, tmp_path: Path) -> dict[str, str]:
    """An environment in which importing Pillow fails, so that nothing can be decoded."""
    fake = tmp_path / "PIL"
    fake.mkdir()
    (fake / "__init__.py").write_text("raise ImportError('an image would be decoded')\n")
    return {"PYTHONPATH": f"{tmp_path}{os.pathsep}{project.root}"}


def _kept(project: Project, collection: str = "paintings") -> set[str]:
    table = tables.read(Paths(project.root, collection).table("selection"), SELECTION)
    return {
        row["image_id"]
        for row in table.select(["image_id", "status"]).to_pylist()
        if row["status"] == Status.KEEP
    }


def _ungrouped(project: Project) -> list[str]:
    table = tables.read(Paths(project.root, "paintings").table("selection"), SELECTION)
    return [
        row["image_id"]
        for row in table.to_pylist()
        if row["status"] == Status.KEEP and row["group"] is None
    ]


def _funnel(project: Project, collection: str = "paintings") -> Any:
    return json.loads(Paths(project.root, collection).funnel.read_text())


def test_every_stage_ran_and_a_second_run_does_nothing(project: Project) -> None:
    names = {f"{stage}@{collection}" for stage in STAGES for collection in ("paintings", "watches")}
    assert "Data and pipelines are up to date" in project.run("dvc", "repro").stdout
    locked = (project.root / "dvc.lock").read_text()
    assert {name for name in names if f"  {name}:" in locked} == names
    for collection in ("paintings", "watches"):
        paths = Paths(project.root, collection)
        kept = _kept(project, collection)
        variants = tables.read(paths.table("variants"), VARIANTS)
        assert 10 < len(kept) < 60  # of the watches most carry a mark
        assert set(variants["image_id"].to_pylist()) == kept
        assert paths.report.stat().st_size > 100_000
    stages = yaml.safe_load((project.root / "dvc.yaml").read_text())["stages"].values()
    of_collections = [stage["do"] for stage in stages if stage["foreach"] == "${collections}"]
    plots = [plot for stage in of_collections for plot in stage.get("plots", ())]
    listed = [plot if isinstance(plot, str) else next(iter(plot)) for plot in plots]
    charts = [name.replace("${key}", "paintings") for name in listed]
    assert len(charts) > 4
    assert [chart for chart in charts if not (project.root / chart).exists()] == []


def test_git_sees_the_lock_of_a_run_and_nothing_else(project: Project) -> None:
    assert project.run("git", "show", "--name-only", "--format=").stdout.split() == ["dvc.lock"]


def test_three_removed_images_change_exactly_that(
    project: Project, lists: Path, without_image_library: dict[str, str]
) -> None:
    before, funnel_before = _kept(project), _funnel(project)
    chosen = sorted(_ungrouped(project))[:3]
    with (lists / "remove.txt").open("a") as file:
        file.writelines(f"{image_id}  -  ana  2026-11-22\n" for image_id in chosen)
    done = project.run("dvc", "repro", "augment", variables=without_image_library)
    assert set(RUNNING.findall(done.stdout)) == {
        "lists@paintings", "lists@watches", "select@paintings", "augment@paintings",
    }  # fmt: skip
    assert before - _kept(project) == set(chosen)
    assert _kept(project) <= before
    funnel = _funnel(project)
    removed = "curator_removed"
    rejected, rejected_before = funnel["rejected"], funnel_before["rejected"]
    assert rejected.pop(removed, 0) == rejected_before.pop(removed, 0) + 3
    assert rejected == rejected_before
    assert funnel["kept"] == funnel_before["kept"] - 3


def _comment(text: str) -> str:
    return f"{text}# Looked at everything by Rothko's pupils.\n"


def _blank_lines(text: str) -> str:
    return text.replace("\n", "\n\n", 1)


@pytest.mark.parametrize("edit", [_comment, _blank_lines])
def test_an_edit_of_comments_ends_at_lists(
    project: Project, lists: Path, edit: Callable[[str], str]
) -> None:
    path = lists / "remove.txt"
    path.write_text(edit(path.read_text()))
    done = project.run("dvc", "repro")
    assert set(RUNNING.findall(done.stdout)) == {"lists@paintings", "lists@watches"}


def test_status_tells_what_an_edit_made_stale(project: Project, lists: Path) -> None:
    clean = json.loads(project.run("salon", "status", "--json").stdout)
    path = lists / "remove.txt"
    path.write_text(f"{path.read_text()}{_ungrouped(project)[0]}  -  ana  2026-11-22\n")
    edited = project.run("salon", "status", "--json").stdout
    assert "lists@paintings" not in json.dumps(clean)
    assert "lists@paintings" in edited


def _misspell(project: Project) -> None:
    params = (project.root / "params.yaml").read_text()
    (project.root / "params.yaml").write_text(
        params.replace("max_aspect_ratio", "max_aspekt_ratio")
    )


def _list_unknown_id(project: Project) -> None:
    path = project.root / "curation" / "lists" / "remove.txt"
    path.write_text(f"{path.read_text()}{'f' * 24}  -  ana  2026-11-22\n")


def _tear_a_table(project: Project) -> None:
    path = Paths(project.root, "paintings").table("images")
    content = path.read_bytes()
    path.unlink()  # DVC may have linked it to its cache
    path.write_bytes(content[:-100])


def _tear_the_last_shard(project: Project) -> None:
    path = sorted(Paths(project.root, "paintings").captures.glob("*/images-*.tar"))[-1]
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])
    params = (project.root / "params.yaml").read_text()  # so that nothing ingested before counts
    (project.root / "params.yaml").write_text(params.replace("square: crop", "square: pad"))


def _hide_the_browser(project: Project) -> None:
    params = (project.root / "params.yaml").read_text()
    (project.root / "params.yaml").write_text(params.replace("2026-11-22", "2026-11-23"))


MISTAKES: dict[str, tuple[Callable[[Project], None], str, int, str]] = {
    "a misspelt param": (_misspell, "select", 10, "did you mean 'max_aspect_ratio'"),
    "an unknown id": (_list_unknown_id, "lists", 11, "remove.txt:3: unknown image id 'ffff"),
    "a torn table": (_tear_a_table, "select", 12, "images.parquet: torn"),
    "a torn capture": (_tear_the_last_shard, "ingest", 13, "images-00000.tar: torn"),
    "a missing browser": (_hide_the_browser, "scrape", 30, "SALON_CHROMIUM"),
}


@pytest.mark.parametrize(("spoil", "stage", "code", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_sentence(
    project: Project,
    tmp_path: Path,
    spoil: Callable[[Project], None],
    stage: str,
    code: int,
    said: str,
) -> None:
    copy = Project(tmp_path / "copy")
    copy.root.mkdir()
    project.run("cp", "-a", f"{project.root}/.", str(copy.root))
    spoil(copy)
    nowhere = {"SALON_CHROMIUM": str(tmp_path / "nowhere")}
    done = copy.run("salon", stage, "paintings", expect=code, variables=nowhere)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("salon: ")


def test_decisions_of_an_empty_list_are_an_empty_table(project: Project) -> None:
    table = tables.read(Paths(project.root, "watches").table("decisions"), DECISIONS)
    assert table.num_rows == 0
