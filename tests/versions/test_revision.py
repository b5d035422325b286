"""Reading a version: from the cache, from a remote added later, and when it is nowhere."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from pipeline.core import shards, tables
from pipeline.core.errors import TableError, UsageError, VersionError
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, SELECTION
from pipeline.versions.revision import Version, open_version
from pipeline.versions.store import failure
from tests.project import Project, small_params
from tests.small_project import CAPTURE, KEPT, build, field
from tests.versions.story import commit_version

SHARD = f"{CAPTURE}-00000"
OUTS = (
    "data/tables/paintings/images.parquet",
    "data/tables/paintings/selection.parquet",
    "data/pixels/paintings",
    "models/paintings",
)
STAGE = {"cmd": "true", "params": ["collections.${item}.select"], "outs": list(OUTS)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One small collection in version v1, and another table since."""
    project = Project(tmp_path_factory.mktemp("made"))
    project.write_params({"collections": {"paintings": small_params()["collections"]["paintings"]}})
    build(project.root)
    outs = [out.replace("paintings", "${item}") for out in OUTS]
    stages = {"select": {"foreach": ["paintings"], "do": STAGE | {"outs": outs}}}
    (project.root / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    (project.root / ".gitignore").write_text("/work/\n")
    project.run("git", "init", "--quiet", "--initial-branch", "main")
    project.run("git", "config", "user.name", "Ana")
    project.run("git", "config", "user.email", "ana@example.org")
    project.run("git", "commit", "--quiet", "--allow-empty", "--message", "Begin")
    project.run("git", "tag", "empty")
    project.run("dvc", "init", "--quiet")
    commit_version(project, "Make paintings", "v1")
    selection = Paths(project.root, "paintings").table("selection")
    tables.write(selection, SELECTION, tables.read(selection, SELECTION)[:5])
    return project


@pytest.fixture
def copy(made: Project, tmp_path: Path) -> Project:
    """A copy of the project that a test may spoil."""
    shutil.copytree(made.root, tmp_path / "copy", symlinks=True)
    return Project(tmp_path / "copy")


def _lose_the_cache(project: Project) -> Path:
    """Put the cache where a remote would have it; none of it stays in the project."""
    remote = project.root.parent / "remote"
    shutil.move(project.root / ".dvc" / "cache", remote)
    return remote


def _add_remote(project: Project, address: str) -> None:
    lines = ["[core]", "    remote = store", "['remote \"store\"']", f"    url = {address}", ""]
    (project.root / ".dvc" / "config").write_text("\n".join(lines))


def _kept(version: Version) -> int:
    held = version.table("paintings", SELECTION, ["status"])
    return tables.counts(held.table, "status").get("keep", 0)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a web server that serves ``tmp_path``."""
    handler: Any = partial(_Quiet, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def test_a_version_is_what_it_was_whatever_lies_in_the_folder(made: Project) -> None:
    version, workspace = open_version(made.root, "v1"), open_version(made.root)
    assert _kept(version) == KEPT
    assert _kept(workspace) <= 5
    assert version.collections == workspace.collections == ("paintings",)
    assert version.lock.params("paintings")["select"]["max_aspect_ratio"] == 2.0
    assert version.params["collections"]["paintings"]["select"]["max_aspect_ratio"] == 2.0


def test_pixels_are_read_through_the_usual_paths(made: Project) -> None:
    version = open_version(made.root, "v1")
    shard = version.paths("paintings").pixel_shard(64, SHARD)
    version.bring(shard)
    assert (shards.open_shard(shard)[3] == field(3)).all()


def test_files_of_a_folder_are_named_without_being_brought(made: Project) -> None:
    version = open_version(made.root, "v1")
    model = version.paths("paintings").model
    assert version.names(model) == open_version(made.root).names(
        Paths(made.root, "paintings").model
    )
    assert version.holds(model / "model.json")
    assert version.holds(model / "samples")
    assert not version.holds(model / "sample")
    assert not version.holds(version.paths("paintings").report)
    with pytest.raises(VersionError, match=r"v1 has no models/paintings/other: no stage"):
        version.bring(model / "other")


def test_a_remote_added_later_serves_an_older_version(copy: Project) -> None:
    _add_remote(copy, str(_lose_the_cache(copy)))
    version = open_version(copy.root, "v1")
    paths = version.paths("paintings")
    table, shard = paths.table("selection"), paths.pixel_shard(64, SHARD)
    assert not version.is_here(table)
    assert _kept(version) == KEPT
    version.bring(shard)
    assert (shards.open_shard(shard)[3] == field(3)).all()
    assert version.is_here(table, shard)
    assert not version.is_here(paths.table("images"))


def test_a_web_server_serves_as_remote(copy: Project, served: str) -> None:
    _lose_the_cache(copy)
    _add_remote(copy, f"{served}/remote")
    # In a process of its own, like all that speaks HTTP through DVC: it never closes its session.
    done = copy.run("salon", "diff", "v1", "v1", "--json")
    assert json.loads(done.stdout)["differences"][0]["kept"] == [KEPT, KEPT]
    assert done.stderr.splitlines()[-1].startswith("fetching ")


def test_a_web_server_that_is_gone_is_one_sentence(copy: Project) -> None:
    _lose_the_cache(copy)
    _add_remote(copy, "http://127.0.0.1:9/store")
    said = copy.run("salon", "diff", "v1", "v1", expect=15).stderr.splitlines()
    assert len(said) == 2
    assert said[0].startswith("fetching ")
    assert "cannot be read: Cannot connect to host 127.0.0.1:9" in said[1]


def test_the_remote_tells_what_it_has(copy: Project) -> None:
    version = open_version(copy.root, "v1")
    md5s = [out.md5 for out in version.lock.outs.values()]
    remote = copy.root.parent / "remote"
    _add_remote(copy, str(remote))
    remote.mkdir()
    assert version.store.in_remote(md5s) == set()
    target = remote / "files" / "md5" / md5s[0][:2] / md5s[0][2:]
    target.parent.mkdir(parents=True)
    shutil.copy(version.store.place(md5s[0]), target)
    assert open_version(copy.root, "v1").store.in_remote(md5s) == {md5s[0]}


def _without_remote(copy: Project) -> None:
    _lose_the_cache(copy)


def _never_pushed(copy: Project) -> None:
    shutil.rmtree(_lose_the_cache(copy))
    (copy.root.parent / "remote").mkdir()
    _add_remote(copy, str(copy.root.parent / "remote"))


def _damaged(copy: Project) -> None:
    remote = _lose_the_cache(copy)
    for path in remote.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"torn")
    _add_remote(copy, str(remote))


def _folder_gone(copy: Project) -> None:
    _lose_the_cache(copy)
    _add_remote(copy, str(copy.root.parent / "unmounted"))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_without_remote, "and no remote is set up; `dvc remote add --default"),
        (_never_pushed, "not in this cache, and not in the remote store"),
        (_damaged, "not in this cache, and damaged in the remote store"),
        (_folder_gone, "cannot be read: no such folder (the first `dvc push` makes it); mend"),
    ],
)
def test_a_version_that_is_nowhere_is_one_sentence(copy: Project, spoil: Any, words: str) -> None:
    spoil(copy)
    with pytest.raises(VersionError) as stopped:
        _kept(open_version(copy.root, "v1"))
    assert words in str(stopped.value)
    assert len(str(stopped.value).splitlines()) == 1
    assert stopped.value.exit_code == 15


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("v2", r"no revision 'v2' \(did you mean 'v1'\?\); the tags are: empty, v1"),
        ("--all", r"no revision '--all'"),
        ("empty", r"empty holds no dvc\.lock: nothing had been made"),
    ],
)
def test_a_revision_without_a_version_is_named(made: Project, name: str, words: str) -> None:
    with pytest.raises((UsageError, VersionError), match=words):
        open_version(made.root, name)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 50, "/cache: No space left on device"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), 15, "store cannot be read: "),
    ],
)
def test_a_full_disk_is_not_the_remotes_fault(error: OSError, code: int, words: str) -> None:
    told = failure(error, Path("/cache"), "store")
    assert told.exit_code == code
    assert words in str(told)


def test_a_shallow_clone_says_how_to_deepen_it(made: Project, tmp_path: Path) -> None:
    made.run("git", "clone", "--quiet", "--depth", "1", made.root.as_uri(), str(tmp_path / "clone"))
    with pytest.raises(UsageError, match=r"shallow.*git fetch --unshallow --tags"):
        open_version(tmp_path / "clone", "empty")


def test_a_collection_of_another_name_is_asked_about(made: Project) -> None:
    with pytest.raises(UsageError, match=r"v1 has no collection 'painting' \(did you mean"):
        open_version(made.root, "v1").check_collection("painting")


def test_columns_of_another_time_are_null_and_named(made: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "older")
    shutil.copytree(made.root, project.root, symlinks=True)
    path = Paths(project.root, "paintings").table("images")
    older = pq.read_table(path).drop_columns(["entropy", "mean_rgb"])
    older = older.append_column("glare", pa.nulls(older.num_rows, pa.float32()))
    width = older.schema.get_field_index("width")
    older = older.set_column(width, "width", older["width"].cast(pa.int64()))
    pq.write_table(older, path)
    held = open_version(project.root).table("paintings", IMAGES)
    assert held.missing == ("entropy", "mean_rgb")
    assert held.unknown == ("glare",)
    assert held.table.column_names == IMAGES.arrow.names
    assert held.table.schema.types == IMAGES.arrow.types
    assert held.table["entropy"].null_count == older.num_rows
    pq.write_table(older.drop_columns(["image_id"]), path)
    with pytest.raises(TableError, match="it lacks image_id"):
        open_version(project.root).table("paintings", IMAGES)
