"""A site captured again after it moved on: what is stored anew, and what DVC makes anew of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES
from scrapers.capture import Capture
from tests import preloaded
from tests.project import Project, make_project, small_params

FIRST, SECOND = "2026-05-04", "2026-06-01"
EXAMINED = re.compile(r"\(([\d,]+) examined in this run\)")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("project"), params(FIRST, revision=0))


def params(as_of: str, revision: int) -> dict[str, object]:
    asked = small_params()
    collection = asked["collections"]["paintings"]
    collection["scrape"] |= {"as_of": as_of}
    collection["scrape"]["gallery"] |= {"seed": 7, "revision": revision}
    return asked | {"collections": {"paintings": collection}}


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.name != "capture.json")


def reproduced(project: Project) -> str:
    variables = {"SALON_WORKERS": "1", **preloaded.path()}
    return project.run("dvc", "repro", "ingest@paintings", variables=variables).stderr


def pixels(paths: Paths) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (paths.pixels / "64").iterdir()}


def test_only_what_changed_is_stored_and_ingested(project: Project) -> None:
    paths = Paths(project.root, "paintings")
    reproduced(project)
    before, shards = Capture(paths.capture(FIRST)), pixels(paths)
    captured = {path.name: path.read_bytes() for path in before.folder.iterdir()}

    project.write_params(params(SECOND, revision=3))
    said = reproduced(project)
    after = Capture(paths.capture(SECOND))
    new = after.description.counts["image"]
    came, changed = new.get("fetched", 0), new.get("changed", 0)
    # A copy of what was replaced is shown in other sizes, under other addresses, as well.
    assert 3 <= came <= 6
    assert 0 < changed <= 6
    stored = [entry.sha256 for shard in after.image_shards() for entry in shard.entries]
    assert 0 < len(stored) <= came + changed
    assert size(after.folder) < 0.25 * size(before.folder)
    assert {path.name: path.read_bytes() for path in before.folder.iterdir()} == captured

    examined = EXAMINED.search(said)
    assert examined is not None, said
    assert int(examined[1]) == len(stored)
    assert {name: pixels(paths)[name] for name in shards} == shards
    images = tables.read(paths.table("images"), IMAGES)
    assert tables.counts(images, "capture")[SECOND] == len(stored)
    assert project.run("dvc", "status", "ingest@paintings").stdout.strip().endswith("up to date.")
