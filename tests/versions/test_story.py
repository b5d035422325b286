"""The five versions of `tests.versions.story`, listed, compared and verified as a person would."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from pipeline.cli import main
from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import SELECTION, VARIANTS
from pipeline.versions.pushed import pushed
from tests.decision_tables import id_of
from tests.project import Project
from tests.versions import story
from tests.versions.story import (
    KEPT,
    NAME,
    TAGS,
    V3,
    commit_version,
    decide,
    make_story,
    record,
    write_state,
)

MOVES: dict[tuple[str, str], dict[str, str]] = {
    ("v1", "v2"): {"returned": "p04", "left": "p10 p11"},
    ("v2", "v3"): {"returned": "p05", "left": "p13"},
    ("v3", "v4"): {"arrived": "q15 r20 r21 s07", "left": "p07 p14 p15 p16"},
    ("v4", "v5"): {},
    ("v1", "v5"): {
        "arrived": "q15 r20 r21 s07",
        "returned": "p04 p05",
        "left": "p07 p10 p11 p13 p14 p15 p16",
    },
    ("v4", "v3"): {"returned": "p07 p14 p15 p16", "vanished": "q15 r20 r21 s07"},
}
"""Who moved from the one version to the other, counted by hand."""

SENTENCES = {
    ("v1", "v2"): (
        "paintings v1 -> v2: 15 -> 14 kept; 0 arrived, 1 returned (was 1 aspect_ratio), "
        "2 left (1 curator_removed by ana, 1 curator_removed by bo), 0 vanished"
    ),
    ("v2", "v3"): (
        "paintings v2 -> v3: 14 -> 14 kept; 0 arrived, 1 returned (was 1 aspect_ratio), "
        "1 left (1 too_small), 0 vanished"
    ),
    ("v3", "v4"): (
        "paintings v3 -> v4: 14 -> 14 kept; 4 arrived, 0 returned, "
        "4 left (2 near_duplicate, 1 opted_out, 1 unlisted), 0 vanished"
    ),
    ("v4", "v5"): "paintings v4 -> v5: 14 -> 14 kept; 0 arrived, 0 returned, 0 left, 0 vanished",
}

TRANSITIONS = {
    ("v1", "v2"): {("keep", "curator_removed"): 2, ("aspect_ratio", "keep"): 1},
    ("v2", "v3"): {("keep", "too_small"): 1, ("aspect_ratio", "keep"): 1},
    ("v3", "v4"): {
        ("absent", "keep"): 4,
        ("absent", "blank"): 1,
        ("keep", "near_duplicate"): 2,
        ("keep", "opted_out"): 1,
        ("keep", "unlisted"): 1,
    },
    ("v4", "v5"): {},
}

CAUSES = {
    ("v1", "v2"): [
        "lists + keep p04 by ana",
        "lists + remove p10 by ana",
        "lists + remove p11 by bo",
    ],
    ("v2", "v3"): [
        "params select.max_aspect_ratio 2.0 3.0",
        "params select.min_side_px 128 160",
    ],
    ("v3", "v4"): [
        "captures + 2026-06-01 5",
        'params scrape.as_of "2026-05-04" "2026-06-01"',
    ],
    ("v4", "v5"): ["code train/networks train,evaluate", "params train.kimg 1.0 4.0"],
}

CHANGED = {
    "v1": "first version",
    "v2": "lists +3",
    "v3": "2 params of select",
    "v4": 'capture 2026-06-01 added, scrape.as_of "2026-05-04" -> "2026-06-01"',
    "v5": "train.kimg 1.0 -> 4.0, code of train, evaluate",
}

_NAMES = {id_of(name): name for name in (*story.OLD, *story.NEW)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """All five versions, pushed to a folder."""
    folder = tmp_path_factory.mktemp("story")
    project = make_story(folder / "salon")
    story.push(project.root, folder / "store")
    return project


@pytest.fixture
def copy(made: Project, tmp_path: Path) -> Project:
    """A copy of the project that a test may spoil."""
    ignored = shutil.ignore_patterns("work")
    shutil.copytree(made.root, tmp_path / "copy", symlinks=True, ignore=ignored)
    return Project(tmp_path / "copy")


@dataclass(frozen=True)
class Salon:
    """The command line in this process, without the second that a new one takes to start."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, project: Project, *arguments: str, expect: int = 0) -> tuple[str, str]:
        """What `salon` says, and says of errors; it must leave with the code ``expect``."""
        self.monkeypatch.chdir(project.root)
        self.monkeypatch.setattr("sys.argv", ["salon", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = self.capsys.readouterr()
        assert left.value.code == expect, said
        return said.out, said.err

    def told(self, project: Project, *arguments: str, expect: int = 0) -> Any:
        return json.loads(self.run(project, *arguments, "--json", expect=expect)[0])

    def difference(self, project: Project, *arguments: str, expect: int = 0) -> Any:
        (only,) = self.told(project, "diff", *arguments, expect=expect)["differences"]
        return only

    def stop(self, project: Project, *arguments: str, expect: int) -> str:
        """The last line of what it says when it stops: one sentence."""
        lines = self.run(project, *arguments, expect=expect)[1].splitlines()
        assert [line for line in lines if "Traceback" in line] == []
        return lines[-1]


@pytest.fixture
def salon(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Salon:
    return Salon(capsys, monkeypatch)


def _named(rows: list[dict[str, Any]]) -> str:
    return " ".join(sorted(_NAMES[row["image_id"]] for row in rows))


def _causes(told: dict[str, Any]) -> list[str]:
    params = [
        f"params {change['key']} {change['before']} {change['after']}" for change in told["params"]
    ]
    params += [
        f"lists {change['sign']} {change['list']} "
        f"{next(n for i, n in _NAMES.items() if i.startswith(change['ids'][0]))} by {change['by']}"
        for change in told["lists"]
    ]
    params += [
        f"captures {change['sign']} {change['as_of']} {change['counts']['image']['fetched']}"
        for change in told["captures"]
    ]
    params += [f"code {change['path']} {','.join(change['stages'])}" for change in told["code"]]
    return sorted(params)


@pytest.mark.parametrize(("old", "new"), MOVES, ids="-".join)
def test_a_difference_is_what_was_done_by_hand(
    made: Project, salon: Salon, old: str, new: str
) -> None:
    told = salon.difference(made, old, new)
    moved = {move: _named(rows) for move, rows in told["moves"].items() if rows}
    assert moved == MOVES[old, new]
    assert told["kept"] == [KEPT[old], KEPT[new]]
    counts = told["counts"]
    gain = counts["arrived"] + counts["returned"] - counts["left"] - counts["vanished"]
    assert KEPT[old] + gain == KEPT[new]


@pytest.mark.parametrize(("old", "new"), SENTENCES, ids="-".join)
def test_a_difference_says_what_caused_it(made: Project, salon: Salon, old: str, new: str) -> None:
    told = salon.difference(made, old, new)
    assert told["sentence"] == SENTENCES[old, new]
    assert _causes(told["causes"]) == CAUSES[old, new]
    cells = {(row["before"], row["after"]): row["images"] for row in told["transitions"]}
    assert cells == TRANSITIONS[old, new]
    assert told["facts"]["images"] == 0
    assert told["leaks"] == []


def test_labels_groups_and_shares_are_told(made: Project, salon: Salon) -> None:
    told = salon.difference(made, "v3", "v4")
    assert told["relabelled"]["rights"] == [
        {"before": "Fair use", "after": "Public domain", "images": 1},
    ]
    assert told["regrouped"] == [{"before": id_of("p07"), "after": id_of("s07"), "members": 2}]
    shares = {row["name"]: row["after"] - row["before"] for row in told["shares"]["rights"]}
    assert shares == {"Fair use": -1, "Public domain": 1}


def test_the_model_is_compared(made: Project, salon: Salon) -> None:
    same = salon.difference(made, "v3", "v3")["results"]
    assert same["is_same_model"]
    other = salon.difference(made, "v4", "v5")["results"]
    assert not other["is_same_model"]
    metrics = {row["name"]: (row["before"], row["after"]) for row in other["metrics"]}
    assert metrics["KID"] == (0.0421, 0.0305)
    assert metrics["recall"] == (0.40625, 0.40625)


def test_the_terminal_tells_the_sentence_and_the_causes(made: Project, salon: Salon) -> None:
    said = " ".join(salon.run(made, "diff", "v1", "v2")[0].split())
    assert said.startswith(SENTENCES["v1", "v2"])
    assert f"+ keep.txt {id_of('p04')} aspect_ratio, ana 2026-05-10: it is a frieze" in said
    assert "the same weights" in said


def test_the_log_tells_every_version(made: Project, salon: Salon) -> None:
    versions = salon.told(made, "log")["versions"]
    assert [version["name"] for version in versions] == [*reversed(TAGS)]
    entries = {version["name"]: version["entries"][0] for version in versions}
    assert {name: entry["kept"] for name, entry in entries.items()} == KEPT
    assert {name: entry["changed"] for name, entry in entries.items()} == CHANGED
    assert entries["v5"]["kid"] == 0.0305
    assert entries["v5"]["model"] == "residual 64 px, 4 kimg"
    assert entries["v4"]["captures"] == ["2026-05-04", "2026-06-01"]
    assert entries["v1"]["variants"] == 2 * KEPT["v1"]
    assert len(salon.told(made, "log", NAME, "--limit", "2")["versions"]) == 2
    assert "has no collection 'painting'" in salon.stop(made, "log", "painting", expect=2)


def test_versions_without_a_tag_come_after_those_with_one(copy: Project, salon: Salon) -> None:
    copy.run("git", "tag", "--delete", "v2", "v5")
    versions = salon.told(copy, "log")["versions"]
    assert [version["name"] for version in versions][:3] == ["v4", "v3", "v1"]
    assert [version["subject"] for version in versions][3:] == ["Make v5", "Make v2"]


def _page(salon: Salon, project: Project, *arguments: str) -> str:
    path = project.root / "work" / "page.html"
    salon.run(project, "diff", *arguments, "--html", str(path))
    return path.read_text()


def test_the_page_shows_who_left_and_who_came(made: Project, salon: Salon) -> None:
    page = _page(salon, made, "v1", "v5")
    left, came = page.split("<h3>Left</h3>")[1].split("<h3>Came</h3>")
    came = came.split("</section>")[0]
    titles = re.compile(r"<cite>.*?Field (\w\d+).*?</cite>")
    assert sorted(titles.findall(left)) == MOVES["v1", "v5"]["left"].split()
    # The listing of p15 shows q15 by now, under its old title.
    assert sorted(titles.findall(came)) == ["p04", "p05", "p15", "r20", "r21", "s07"]
    assert page.count("data:image/webp") == 13 + 2
    assert 'href="#left-too_small"' in page
    assert 'id="left-too_small"' in page
    assert re.search(r"<br>by ana: taste\s", page)
    assert re.search(r"<br>by bo: off topic \(a &lt;map&gt;\)\s", page)
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=[\"']https?://(?!www\.wikiart\.org)", page)


def test_the_page_shows_those_nearest_to_the_threshold_first(made: Project, salon: Salon) -> None:
    page = _page(salon, made, "v1", "v3", "--pictures", "1")
    section = page.split('id="returned-aspect_ratio"')[1].split("</ul>")[0]
    assert "1 of them are shown" in section
    assert "Field p04" in section  # 2.4 to 1, where p05 is 2.6 to 1 and 2 passed
    assert "Field p05" not in section


def test_images_that_change_sides_are_a_leak(copy: Project, salon: Salon) -> None:
    before = _sides(copy)
    params = yaml.safe_load((copy.root / "params.yaml").read_text())
    params["collections"][NAME]["augment"]["seed"] = 3
    copy.write_params(params)
    decide(copy)
    after = _sides(copy)
    crossed = sorted(row for row in before if before[row] != after[row])
    assert crossed
    told = salon.difference(copy, "v5", expect=16)
    assert [row["image_id"] for row in told["leaks"]] == crossed
    assert told["causes"]["params"] == [{"key": "augment.seed", "before": "not set", "after": "3"}]
    words = salon.stop(copy, "diff", "v5", expect=16)
    assert words.startswith(
        f"salon: paintings v5 -> workspace: {len(crossed)} images changed sides"
    )
    page = copy.root / "work" / "page.html"
    salon.run(copy, "diff", "v5", "--html", str(page), expect=16)
    assert page.read_text().count('class="leak"') == 2


def _sides(project: Project) -> dict[str, str]:
    rows = pq.read_table(Paths(project.root, NAME).table("variants")).to_pylist()
    return {row["image_id"]: row["split"] for row in rows if row["status"] == "keep"}


def test_a_renamed_collection_is_compared_under_both_names(copy: Project, salon: Salon) -> None:
    for folder in ("data/captures", "data/tables", "data/pixels", "models", "metrics"):
        (copy.root / folder / NAME).rename(copy.root / folder / "art")
    for file in ("params.yaml", "dvc.lock"):
        text = (copy.root / file).read_text()
        (copy.root / file).write_text(text.replace(NAME, "art"))
    assert salon.stop(copy, "diff", "v1", expect=2).endswith(
        "v1 has no collection 'art'; it has: paintings; if it was renamed, say --collection art "
        "--was OLD_NAME"
    )
    told = salon.difference(copy, "v1", "--collection", "art", "--was", NAME)
    assert told["kept"] == [15, 14]
    assert told["sentence"].startswith("art paintings of v1 -> workspace: 15 -> 14 kept")


def test_a_table_of_an_older_schema_is_compared_as_far_as_it_goes(
    copy: Project, salon: Salon
) -> None:
    paths = Paths(copy.root, NAME)
    for name, columns in (("selection", ["group", "overruled"]), ("images", ["entropy"])):
        table = pq.read_table(paths.table(name)).drop_columns(columns)
        pq.write_table(table, paths.table(name))
    told = salon.difference(copy, "v4")
    assert told["moves"]["arrived"] == told["moves"]["left"] == []
    assert told["lacking"] == {"workspace": {"selection": ["group"], "images": ["entropy"]}}
    said = salon.run(copy, "diff", "v4")[0]
    assert "selection of workspace has no group: not compared" in " ".join(said.split())
    listings = pq.read_table(paths.table("listings"))
    pq.write_table(listings.drop_columns(["capture", "image_key"]), paths.table("listings"))
    commit_version(copy, "As an older Salon would")
    assert _checks(salon.told(copy, "verify", expect=15)) == FINE | {"remote": "wrong"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("diff", "v9"), 2, "no revision 'v9' (did you mean"),
        (("diff", "v1", "--collection", "watches"), 2, "workspace has no collection 'watches'"),
        (("diff", "v1", "v2", "--was", "art"), 2, "v1 has no collection 'art'; it has: paintings"),
        (("verify", "workspace"), 2, "a version is a commit"),
        (("verify", "v9"), 2, "no revision 'v9'"),
    ],
)
def test_what_does_not_exist_is_one_sentence(
    made: Project, salon: Salon, arguments: tuple[str, ...], code: int, words: str
) -> None:
    assert words in salon.stop(made, *arguments, expect=code)


def test_before_anything_was_made_there_is_no_version(tmp_path: Path, salon: Salon) -> None:
    project = story.begin(tmp_path / "new")
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "Begin")
    assert "No version yet" in salon.run(project, "log")[0]
    assert "HEAD holds no dvc.lock" in salon.stop(project, "diff", "HEAD", expect=15)


# ------------------------------------------------------------------------------------- sharing


def _checks(told: Any) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in told["checks"]}


FINE = dict.fromkeys(("lists", "lock", "remote", "captures", "split", "rights"), "ok")


def test_a_version_that_is_whole_and_pushed_passes(copy: Project, salon: Salon) -> None:
    for rev in ("HEAD", "v1"):
        assert _checks(salon.told(copy, "verify", rev)) == FINE
    shutil.rmtree(copy.root / ".dvc" / "cache")
    told = salon.told(copy, "verify", "v1")
    assert _checks(told) == FINE | {"captures": "not checked"}
    assert _checks(salon.told(copy, "verify", "v1", "--fetch")) == FINE
    assert salon.difference(copy, "v3", "v4")["sentence"] == SENTENCES["v3", "v4"]


def test_what_is_not_pushed_is_told(copy: Project, salon: Salon) -> None:
    said = " ".join(salon.run(copy, "status")[0].split())
    assert re.search(r"version v5; pushed to store \(\S+\)$", said)
    empty = copy.root.parent / "empty"
    empty.mkdir()
    local = copy.root / ".dvc" / "config.local"
    local.write_text(re.sub("url = .*", f"url = {empty}", local.read_text()))
    told = salon.told(copy, "verify", expect=15)
    assert _checks(told) == FINE | {"remote": "wrong"}
    status = pushed(copy.root)
    assert status is not None
    assert status.words() == f"v5; not pushed: 17 outputs not in store ({empty}); `dvc push`"
    shutil.rmtree(copy.root / ".dvc" / "cache")
    assert "of v1 is not in this cache, and not in the remote store" in salon.stop(
        copy, "diff", "v1", "v2", expect=15
    )


def _edited_lists(project: Project) -> None:
    with Paths(project.root, NAME).lists.joinpath("keep.txt").open("a") as file:
        file.write(f"{id_of('p12')}  blank  ana  2026-07-01\n")


def _misspelt_list(project: Project) -> None:
    with Paths(project.root, NAME).lists.joinpath("keep.txt").open("a") as file:
        file.write("ffffffffffff  blank  ana  2026-07-01\n")


def _edited_params(project: Project) -> None:
    file = project.root / "params.yaml"
    file.write_text(file.read_text().replace("min_side_px: 160", "min_side_px: 170"))


def _torn_capture(project: Project) -> None:
    path = Paths(project.root, NAME).capture(story.FIRST) / "images-00000.tar"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:4000])
    record(project.root)


def _kept_although_opted_out(project: Project) -> None:
    _rewrite(project, "selection", "status", "keep", id_of("p14"))


def _on_both_sides(project: Project) -> None:
    path = Paths(project.root, NAME).table("variants")
    trained = [row for row in pq.read_table(path).to_pylist() if row["split"] == "train"]
    _rewrite(project, "variants", "split", "held_out", trained[0]["image_id"], "identity")


def _rewrite(project: Project, name: str, column: str, value: str, *key: str) -> None:
    """Give one row of a table another value, as no stage would."""
    schema = {"selection": SELECTION, "variants": VARIANTS}[name]
    path = Paths(project.root, NAME).table(name)
    rows = tables.read(path, schema).to_pylist()
    for row in rows:
        if tuple(row[part] for part in schema.key) == key:
            row[column] = value
    tables.write(path, schema, tables.from_rows(schema, rows))
    record(project.root)


@pytest.mark.parametrize(
    ("spoil", "code", "check", "words"),
    [
        (_edited_lists, 15, "lock", "lists@paintings ran with another curation/lists than"),
        (_misspelt_list, 15, "lists", "unknown image id 'ffffffffffff'"),
        (_edited_params, 15, "lock", "select@paintings ran with other params"),
        (_torn_capture, 15, "captures", "torn: ends at byte 4,000"),
        (_kept_although_opted_out, 15, "rights", f"{id_of('p14')} opted out"),
        (_on_both_sides, 16, "split", "is trained on and is held out"),
    ],
)
def test_a_version_that_is_not_fit_is_refused(
    copy: Project, salon: Salon, spoil: Any, code: int, check: str, words: str
) -> None:
    spoil(copy)
    copy.run("git", "add", "--all")
    copy.run("git", "commit", "--quiet", "--message", "Spoil it")
    told = {check["name"]: check for check in salon.told(copy, "verify", expect=code)["checks"]}
    assert told[check]["outcome"] == ("leak" if code == 16 else "wrong")
    assert words in told[check]["words"]


def test_only_the_labels_that_may_pass_are_kept(copy: Project, salon: Salon) -> None:
    write_state(copy, replace(V3, select=(*V3.select, ("rights", ["Fair use"]))))
    commit_version(copy, "Fair use only")
    assert _checks(salon.told(copy, "verify")) == FINE
    _rewrite(copy, "selection", "rights", "Public domain", id_of("p17"))
    copy.run("git", "commit", "--quiet", "--all", "--message", "Keep another")
    told = {check["name"]: check for check in salon.told(copy, "verify", expect=15)["checks"]}
    assert told["rights"]["words"] == f"{id_of('p17')} is labelled Public domain"


def test_what_is_only_here_is_told(copy: Project) -> None:
    (copy.root / ".dvc" / "config.local").unlink()
    with (copy.root / "dvc.lock").open("a") as file:
        file.write("# edited\n")
    status = pushed(copy.root)
    assert status is not None
    changed, only_here, *_ = status.words().split("; ")[1:]
    assert changed == "dvc.lock has changed since: commit it to make the next version"
    assert only_here == "only here: no remote is set up"
    assert ".dvc/config" not in status.words()
    with (copy.root / ".dvc" / "config").open("a") as config:
        config.write("# edited\n")
    status = pushed(copy.root)
    assert status is not None
    assert ".dvc/config is not committed: a clone would not know the remote" in status.words()
    assert pushed(copy.root.parent) is None


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server with a bucket named ``salon``."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=address, **keys).create_bucket(Bucket="salon")
    yield address
    server.stop()


def test_versions_come_from_s3(copy: Project, s3: str) -> None:
    remote = {"access_key_id": "any", "secret_access_key": "any", "region": "us-east-1"}
    lines = ["[core]", "    remote = store", "['remote \"store\"']", "    url = s3://salon/data"]
    lines += [f"    {key} = {value}" for key, value in {"endpointurl": s3, **remote}.items()]
    (copy.root / ".dvc" / "config.local").write_text("\n".join(lines) + "\n")
    copy.run("dvc", "push", "--quiet", "--all-tags")
    shutil.rmtree(copy.root / ".dvc" / "cache")
    told = json.loads(copy.run("salon", "diff", "v1", "v2", "--json").stdout)
    assert told["differences"][0]["sentence"] == SENTENCES["v1", "v2"]
