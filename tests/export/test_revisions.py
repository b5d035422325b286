"""Exporting a version that is no longer in the folder, here and by a colleague."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner

from pipeline.commands.export import export as export_command
from pipeline.core.errors import TableError, UsageError, VersionError
from pipeline.core.paths import Paths
from pipeline.export.contents import ExportOptions
from pipeline.export.export import ExportResult, export_version
from pipeline.export.integrity import check
from pipeline.export.wording import withheld_since_warning
from tests.export.exhibition import FIRST, NAME, SECOND, Exhibit, build, exhibits, without
from tests.export.test_versions import digests
from tests.project import Project
from tests.versions.story import commit_version

OUTS = (
    "data/tables/paintings/images.parquet",
    "data/tables/paintings/listings.parquet",
    "data/tables/paintings/selection.parquet",
    "data/tables/paintings/variants.parquet",
    "data/tables/paintings/funnel.json",
    "data/pixels/paintings",
    "data/captures/paintings",
)
SHOWN = exhibits(14)
LEFT_OUT = (
    "WARNING: 2 images of v1 left out (1 opted out since this version, 1 labelled otherwise since "
    "this version): who says no says it for every version, so this export is not the one made when "
    "v1 was new"
)
ASKED = (("folder", "original", False), ("webdataset", "64", True))


def export(
    project: Project, out: Path, form: str, size: str, variants: bool, rev: str | None = None
) -> ExportResult:
    return export_version(project.root, ExportOptions(NAME, form, size, variants, ()), out, rev)


def commit(project: Project, shown: list[Exhibit], tag: str) -> None:
    """Make a version as `dvc repro` and a person would."""
    build(project.root, shown)
    commit_version(project, f"Make {tag}", tag)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """Version v1 with exports made when it was new; then v2, which brings and removes images."""
    project = Project(tmp_path_factory.mktemp("made"))
    fresh = tmp_path_factory.mktemp("fresh")
    stage = {"cmd": "true", "outs": [out.replace(NAME, "${item}") for out in OUTS]}
    stages = {"select": {"foreach": [NAME], "do": stage}}
    (project.root / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    (project.root / ".gitignore").write_text("/work/\n/remote/\n")
    project.run("git", "init", "--quiet", "--initial-branch", "main")
    project.run("git", "config", "user.name", "Ana")
    project.run("git", "config", "user.email", "ana@example.org")
    project.run("dvc", "init", "--quiet")
    commit(project, SHOWN, "v1")
    (project.root / "NOTES").write_text("The commit of the data is the one before.")
    project.run("git", "add", "NOTES")
    project.run("git", "commit", "--quiet", "--message", "Write notes")
    project.run("git", "tag", "--force", "v1")
    for form, size, variants in ASKED:
        export(project, fresh / form, form, size, variants)
    commit(project, without(SHOWN, 0, kept=False) + exhibits(6, 14, SECOND), "v2")
    return project, fresh


@pytest.fixture
def copy(made: tuple[Project, Path], tmp_path: Path) -> Project:
    """A copy of the project that a test may spoil."""
    shutil.copytree(made[0].root, tmp_path / "copy", symlinks=True)
    return Project(tmp_path / "copy")


@pytest.mark.parametrize(("form", "size", "variants"), ASKED)
def test_an_earlier_version_is_exported_as_when_it_was_new(
    form: str, size: str, variants: bool, made: tuple[Project, Path], tmp_path: Path
) -> None:
    project, fresh = made
    outcome = export(project, tmp_path / "out", form, size, variants, "v1")
    assert digests(tmp_path / "out") == digests(fresh / form)
    assert withheld_since_warning(outcome.contents, "v1") == ""
    assert check(tmp_path / "out").problems == []
    of_the_data = project.run("git", "rev-parse", "v1^").stdout.strip()
    assert outcome.contents.origin.commit == of_the_data
    assert f"git commit {of_the_data}" in (tmp_path / "out" / "README.md").read_text()
    newest = export(project, tmp_path / "new", form, size, variants).contents
    assert newest.images == sum(each.leaves() for each in without(SHOWN, 0, kept=False)) + sum(
        each.leaves() for each in exhibits(6, 14, SECOND)
    )
    assert set(newest.captured) == {FIRST, SECOND}


def test_a_colleague_exports_the_same_from_the_remote(
    made: tuple[Project, Path], copy: Project, tmp_path: Path
) -> None:
    shutil.move(copy.root / ".dvc" / "cache", tmp_path / "remote")
    with (copy.root / ".dvc" / "config").open("a") as file:
        file.write(
            f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tmp_path}/remote\n"
        )
    copy.run("git", "commit", "--quiet", "--all", "--message", "Name the remote")
    copy.run("git", "clone", "--quiet", str(copy.root), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    for form, size, variants in ASKED:
        export(clone, tmp_path / form, form, size, variants, "v1")
        assert digests(tmp_path / form) == digests(made[1] / form)
    brought = {path.parent.name for path in clone.root.glob("work/versions/*/data/pixels/**/*.npy")}
    assert brought == {"64"}, "only what an export is made of is fetched"
    clone.run("dvc", "pull", "--quiet")
    assert clone.run("dvc", "repro").stdout.endswith("Data and pipelines are up to date.\n")


@pytest.mark.parametrize("is_pulled", [True, False])
def test_who_opted_out_or_was_relabelled_since_does_not_leave_with_an_old_version(
    is_pulled: bool, copy: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest word of a site counts for everything that it ever showed, which is said aloud."""
    build(copy.root, without(without(SHOWN, 1, rights=None), 5, kept=False))
    paths = Paths(copy.root, NAME)
    selection = pq.read_table(paths.table("selection"))
    gone = next(each for each in SHOWN if each.number == 5).image_id
    rows = [
        row | ({"reason": "opted_out"} if row["image_id"] == gone else {})
        for row in selection.to_pylist()
    ]
    pq.write_table(selection.from_pylist(rows, selection.schema), paths.table("selection"))
    if not is_pulled:
        commit_version(copy, "Capture again")
        paths.table("selection").unlink()
    monkeypatch.chdir(copy.root)
    words = [NAME, "--format", "folder", "--size", "64", "--rev", "v1", "--out"]
    told = CliRunner().invoke(export_command, [*words, str(tmp_path / "out")])
    assert told.exit_code == 0
    assert [line for line in told.stderr.splitlines() if "since" in line] == [LEFT_OUT]
    left = (tmp_path / "out" / "LICENSES.csv").read_text()
    for each in SHOWN:
        assert (each.image_id in left) == (each.leaves() and each.number not in (1, 5))


def test_a_version_that_is_nowhere_is_said_in_a_sentence(copy: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="no revision 'v9'"):
        export(copy, out, "folder", "64", False, "v9")
    shutil.rmtree(copy.root / ".dvc" / "cache")
    with pytest.raises(VersionError, match="no remote is set up"):
        export(copy, out, "folder", "64", False, "v1")
    assert not out.exists()


def test_a_table_of_an_older_schema_is_exported_as_far_as_it_goes(
    copy: Project, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = Paths(copy.root, NAME).table("listings")
    listings = pq.read_table(path)
    pq.write_table(listings.drop_columns(["genre", "page_url"]), path)
    with pytest.raises(TableError, match="an older or newer table of listings, without page_url"):
        export(copy, tmp_path / "out", "folder", "64", False)
    pq.write_table(listings.drop_columns(["genre"]), path)
    export(copy, tmp_path / "out", "folder", "64", False)
    assert "an older table, without genre; those facts stay empty" in capfd.readouterr().err
