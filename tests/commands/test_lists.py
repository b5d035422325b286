from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.core.errors import ListsError, UsageError
from pipeline.core.paths import Paths
from pipeline.stage_command import run_stage
from tests.decision_tables import Row, id_of, image, inputs, listing, pair, write_inputs
from tests.project import ROOT, small_params

A, B, C, D, W = (id_of(name) for name in "abcdw")
Salon = Callable[..., str]


def names_and_sizes(names: str) -> list[Row]:
    return [image(name, width=500 - 10 * place) for place, name in enumerate(names)]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Paintings a to d, of which b is a copy of a, and one watch; all stages to select were run."""
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(small_params()))
    shown = [listing(name, name, title=f"Work {name}", creator_name="Ada Vorn") for name in "abcd"]
    write_inputs(
        tmp_path, "paintings", inputs(names_and_sizes("abcd"), shown, pairs=[pair("a", "b")])
    )
    write_inputs(tmp_path, "watches", inputs([image("w")]))
    monkeypatch.chdir(tmp_path)
    for stage in ("lists", "select", "augment"):
        run_stage(stage, "paintings", tmp_path)
    run_stage("lists", "watches", tmp_path)
    return tmp_path


@pytest.fixture
def salon(root: Path) -> Salon:
    """Run `salon` with some words; what it prints, or its error as it is raised."""

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False)
        assert (done.return_value or 0) == code
        return done.stdout

    return run


def edit(root: Path, text: str, name: str = "remove") -> Path:
    path = Paths(root, "").lists / f"{name}.txt"
    path.write_text(text)
    return path


def test_any_other_word_is_a_collection_whose_stage_runs(root: Path, salon: Salon) -> None:
    edit(root, f"{A}\n")
    before = Paths(root, "paintings").table("decisions").read_bytes()
    salon("lists", "paintings")
    assert Paths(root, "paintings").table("decisions").read_bytes() != before
    with pytest.raises(UsageError, match="there are: paintings, watches; or a command: check"):
        salon("lists", "chekc")


def test_check_tells_what_the_edit_does(root: Path, salon: Salon) -> None:
    assert salon("lists", "check").splitlines() == [
        "paintings: nothing changes (3 kept)",
        "watches: nothing changes (1 kept)",
        "0 entries, none of them wrong",
    ]
    edit(root, f"{A}\n{C}\n")
    assert "paintings: 2 images leave, 1 returns (3 -> 2)" in salon("lists", "check")
    edit(root, f"{C}\n")
    assert "paintings: 1 image leaves, 0 return (3 -> 2)" in salon("lists", "check")


def test_effect_names_the_images(root: Path, salon: Salon) -> None:
    edit(root, f"{A}\n")
    assert salon("lists", "effect").splitlines()[:3] == [
        "paintings: 1 image leaves, 1 returns (3 -> 3)",
        f"  leaves   {A}  curator_removed",
        f"  returns  {B}  was near_duplicate",
    ]
    [paintings, _] = json.loads(salon("lists", "effect", "--json"))
    [leaves] = paintings["leave"]
    assert (leaves["image_id"], leaves["reason"]) == (A, "curator_removed")
    assert paintings["reasons"] == {"curator_removed": [0, 1], "near_duplicate": [1, 0]}


def test_what_was_applied_is_no_edit_any_more(root: Path, salon: Salon) -> None:
    edit(root, f"{A}\n")
    salon("lists", "paintings")
    assert "paintings: nothing changes (3 kept)" in salon("lists", "check")


def test_check_names_every_problem(root: Path, salon: Salon) -> None:
    edit(root, f"ffffffff\n{A} wtaermark\n{W}\n")
    with pytest.raises(ListsError) as caught:
        salon("lists", "check")
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == [
        "curation/lists/remove.txt:1",
        "curation/lists/remove.txt:2",
    ]
    told = json.loads(salon("lists", "check", "--json", code=11))
    assert [(p["file"], p["line"]) for p in told["problems"]] == [
        ("curation/lists/remove.txt", 1),
        ("curation/lists/remove.txt", 2),
    ]
    assert told["effects"] == []


def test_digits_that_mean_another_image_in_each_collection_are_named(
    root: Path, salon: Salon
) -> None:
    twin = f"{A[:9]}{'0' * 15}"
    assert twin != A
    write_inputs(root, "watches", inputs([image("w") | {"image_id": twin}]))
    edit(root, f"{A[:9]}\n")
    said = (
        rf"remove\.txt:1: '{A[:9]}' fits different images \({A} \(paintings\), {twin} \(watches\)"
    )
    for words in (("check",), ("paintings",), ("watches",)):
        with pytest.raises(ListsError, match=said if words == ("check",) else "fits different"):
            salon("lists", *words)
    edit(root, f"{A[:10]}\n{A}/rot90\n")
    assert "2 entries, none of them wrong" in salon("lists", "check")


def test_fix_sorts_and_says_so_and_loses_no_word(root: Path, salon: Salon) -> None:
    ids = sorted([A, C, W])
    untidy = f"# Top.\n\n# Third.\n{ids[2]} taste\n{ids[0]}\t-   jo # why not\n{ids[2]}  taste\n"
    path = edit(root, untidy)
    assert "remove.txt: not in canonical form; `salon lists check --fix`" in salon("lists", "check")
    assert path.read_text() == untidy
    told = salon("lists", "check", "--fix").splitlines()
    assert told[:2] == [
        "curation/lists/remove.txt: sorted and spaced",
        "curation/lists/remove.txt: line 6 said the same as line 4",
    ]
    fixed = f"# Top.\n\n{ids[0]}  -  jo  # why not\n# Third.\n{ids[2]}  taste\n"
    assert path.read_text() == fixed
    assert "sorted" not in salon("lists", "check", "--fix")


def test_fix_leaves_a_list_with_unreadable_lines_alone(root: Path, salon: Salon) -> None:
    path = edit(root, f"{C}  \nnonsense\n{A}\n")
    keep = edit(root, f"{D}   -\n", "keep")
    with pytest.raises(ListsError, match=r"remove\.txt:2"):
        salon("lists", "check", "--fix")
    assert path.read_text() == f"{C}  \nnonsense\n{A}\n"
    assert keep.read_text() == f"{D}\n"


def test_without_tables_the_form_is_still_checked(root: Path, salon: Salon) -> None:
    shutil.rmtree(root / "data")
    edit(root, f"{A}\n")
    assert "warning: paintings has no tables yet" in salon("lists", "check")
    edit(root, f"{A} wtaermark\n")
    with pytest.raises(ListsError, match="did you mean 'watermark'"):
        salon("lists", "check")


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def test_add_writes_full_ids_signed_and_dated(
    root: Path, salon: Salon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    git(root, "init", "--quiet")
    git(root, "config", "user.name", "Ana Lima")
    path = edit(root, f"# Top.\n{D} taste\n")
    words = ("--reason", "blurry", "--note", "out of\nfocus")
    told = salon("lists", "add", "remove", A[:8], f"{C[:9]}/rot90", f"group:{C[:8]}", *words)
    assert "remove.txt: 3 added" in told
    assert "paintings: 3 images leave, 1 returns (3 -> 1)" in told
    lines = path.read_text().splitlines()
    assert lines[:2] == ["# Top.", ""]
    stamped = [line for line in lines if "blurry" in line]
    assert [line.split()[:3] for line in stamped] == [
        [name, "blurry", "Ana-Lima"] for name in sorted([A, f"{C}/rot90", f"group:{C}"])
    ]
    assert all(line.endswith("  # out of focus") for line in stamped)


REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("remove", "ffffffff"), "'ffffffff' is unknown in paintings, watches"),
    (("remove", "artist:ada-vron"), "did you mean 'ada-vorn'?"),
    (("remove", A[:7]), "is no image id"),
    (("keep", D[:12]), "remove.txt:1: speaks of .* already; edit or delete that line"),
    (("remove", D, "--reason", "tatse"), "did you mean 'taste'?"),
    (("remove", A, A[:8]), f"speaks of {A} already"),
    (("distinct", A, A[:9]), "name one and the same image"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_add_refuses_and_writes_nothing(
    root: Path, salon: Salon, words: tuple[str, ...], said: str
) -> None:
    edit(root, f"{D[:8]} taste\n")
    folder = Paths(root, "").lists
    before = {path.name: path.read_text() for path in folder.iterdir()}
    with pytest.raises(ListsError, match=said):
        salon("lists", "add", *words, "--by", "ana")
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_a_pair_is_added_to_distinct(root: Path, salon: Salon) -> None:
    told = salon("lists", "add", "distinct", B[:8], A[:8], "--by", "ana")
    assert "paintings: 0 images leave, 1 returns (3 -> 4)" in told
    text = (Paths(root, "").lists / "distinct.txt").read_text()
    assert text.startswith("  ".join(sorted([A, B])) + "  -  ana  2")


def test_half_a_pair_is_refused(salon: Salon) -> None:
    with pytest.raises(UsageError, match="distinct takes pairs of ids"):
        salon("lists", "add", "distinct", A, "--by", "ana")


def test_why_tells_the_whole_history(root: Path, salon: Salon) -> None:
    edit(root, f"{D} taste jo 2026-11-22\n")
    for stage in ("lists", "select", "augment"):
        run_stage(stage, "paintings", root)
    told = salon("lists", "why", B[:8])
    assert told.startswith(f"{B} (paintings): left out: near duplicate\n")
    assert '"Work b" by Ada Vorn: wikiart b\n' in told
    assert "2026-05-04: image 1, the bytes came; rights: not stated" in told
    assert "JPEG, 490 x 300 pixels, 40,000 bytes; luminance varies by 30.0" in told
    assert f"the same picture as {A} (pHash 2 bits apart" in told
    assert "left out. It shows the same picture as another image that was kept. (colours" in told
    assert f"of these copies {A} is preferred: larger: 500x300 against 490x300" in told
    assert "none: only an image that stays has variants" in told
    assert "Leave out this image, says jo on 2026-11-22 (taste)" in salon("lists", "why", D)
    told = salon("lists", "why", "listing:wikiart:c")
    assert told.startswith(f"{C} (paintings): kept, ")
    assert "identity: kept, " in told
    assert "not made yet" in salon("lists", "why", W)


def test_why_as_json_and_of_what_is_not_there(salon: Salon) -> None:
    told: Any = json.loads(salon("lists", "why", B, "--json"))
    tables = told["collections"]["paintings"]
    assert tables["selection"][0]["reason"] == "near_duplicate"
    assert tables["watermark"] == []
    with pytest.raises(ListsError, match=r"means 5 images: .*Name one of them"):
        salon("lists", "why", "artist:ada-vorn")
    with pytest.raises(ListsError, match="is unknown in paintings, watches"):
        salon("lists", "why", "ffffffff")


def test_what_the_web_says_cannot_command_the_terminal(root: Path, salon: Salon) -> None:
    shown = [listing("a", "a", title="\x1b[2Jgone\r\n")]
    write_inputs(root, "paintings", inputs([image("a")], shown))
    told = salon("lists", "why", A)
    assert "\x1b" not in told
    assert "\ufffd[2Jgone" in told


def test_two_hands_at_the_lists_at_once(root: Path, salon: Salon) -> None:
    from curation.decisions.list_files import editing
    from pipeline.core.errors import BusyError

    with (
        editing(root),
        pytest.raises(BusyError, match="works on the folder of the curators' lists"),
    ):
        salon("lists", "add", "remove", A, "--by", "ana")


def test_a_commit_that_touches_a_list_is_checked_by_pre_commit(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / ".pre-commit-config.yaml", root)
    git(root, "init", "--quiet")
    path = edit(root, f"{A} wtaermark\n")
    git(root, "add", "--all")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(root / "pre-commit"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    command = ("pre-commit", "run", "lists", "--files", str(path.relative_to(root)))
    refused = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "remove.txt:1: there is no reason 'wtaermark'; did you mean" in refused.stdout
    edit(root, f"{A}  watermark\n")
    passed = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    assert passed.returncode == 0, passed.stdout
