from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from curation.selection.inputs import Inputs
from pipeline.core import tables
from pipeline.core.errors import ListsError, TableError
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS
from pipeline.stages import lists
from tests.decision_tables import id_of, image, inputs, listing, write_inputs


def small(*names: str) -> Inputs:
    listings = [listing(f"{name}1", name, creator=f"{name}-vorn") for name in names]
    return inputs(map(image, names), listings)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Paintings a, b, c and watches w, without a line in the lists."""
    write_inputs(tmp_path, "watches", small("w"))
    return write_inputs(tmp_path, "paintings", small("a", "b", "c"))


def said_by(paths: Paths, text: str, name: str = "remove") -> bytes:
    (paths.lists / f"{name}.txt").write_text(text)
    lists.run(paths)
    return paths.table("decisions").read_bytes()


def test_entries_become_rows(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    said_by(paths, f"{id_of('a')[:8]} taste ana 2026-11-22\n{id_of('w')}\nartist:w-vorn\n")
    [row] = tables.read(paths.table("decisions"), DECISIONS).to_pylist()
    assert row == {
        "scope": "image", "target": id_of("a"), "other": "", "action": "remove",
        "reason": "taste", "by": "ana", "date": "2026-11-22",
    }  # fmt: skip
    assert (
        "3 entries, 2 of them about other collections; 1 decision here" in capsys.readouterr().err
    )


def test_edits_that_decide_nothing_leave_the_bytes_as_they_are(paths: Paths) -> None:
    first = said_by(paths, f"{id_of('a')}  taste\n{id_of('b')}\n")
    edited = f"# Hello.\r\n\r\n{id_of('b')[:10]} # a note\n# more\n{id_of('a')}\ttaste\n"
    assert said_by(paths, edited) == first
    assert said_by(paths, f"{edited}{id_of('c')}\n") != first


def test_notes_of_removals_stand_in_a_file_of_their_own(paths: Paths) -> None:
    first = said_by(
        paths, f"{id_of('a')} taste # too dark\n{id_of('b')}\ngroup:{id_of('c')} # map\n"
    )
    notes = json.loads(paths.removal_notes.read_text())
    assert notes == {"image": {id_of("a"): "too dark"}, "group": {id_of("c"): "map"}}
    assert said_by(paths, f"{id_of('a')} taste\n{id_of('b')}\ngroup:{id_of('c')}\n") == first
    assert json.loads(paths.removal_notes.read_text()) == {}
    said_by(paths, "")
    said_by(paths, f"{id_of('a')} # a frieze\n", "keep")
    assert json.loads(paths.removal_notes.read_text()) == {}


def test_the_bytes_depend_on_no_other_collection(paths: Paths, tmp_path: Path) -> None:
    text = f"{id_of('a')}\n{id_of('v')}\n"
    write_inputs(tmp_path, "watches", small("v", "w"))
    first = said_by(paths, text)
    write_inputs(tmp_path, "watches", small("v"))
    assert said_by(paths, text) == first


def test_all_that_is_wrong_is_said_at_once(paths: Paths) -> None:
    (paths.lists / "keep.txt").write_text(f"{id_of('b')}\n")
    (paths.lists / "remvoe.txt").write_text("")
    with pytest.raises(ListsError) as caught:
        said_by(paths, f"ffffffff\n{id_of('b')}\n{id_of('a')}/rot91\nartist:a-vron\n")
    said = str(caught.value).splitlines()
    starts = [
        "curation/lists/remove.txt:1: unknown image id 'ffffffff' (in no collection); delete the",
        f"curation/lists/remove.txt:2: removes {id_of('b')}, which curation/lists/keep.txt:1 keeps",
        "curation/lists/remove.txt:3: there is no transform 'rot91'; did you mean 'rot90'?",
        "curation/lists/remove.txt:4: unknown artist or brand 'a-vron' (in no collection); did you",
        "curation/lists/remvoe.txt:1: no such list; move its lines to one of keep.txt",
    ]
    assert len(said) == len(starts)
    for line, start in zip(said, starts, strict=True):
        assert line.startswith(start)
    assert tables.read(paths.table("decisions"), DECISIONS).num_rows == 0, "as it was"


@pytest.mark.parametrize("known_by", ["params.yaml", "its capture"])
def test_nobody_can_judge_an_id_while_a_collection_has_no_tables(
    paths: Paths, capsys: pytest.CaptureFixture[str], known_by: str
) -> None:
    if known_by == "params.yaml":
        (paths.root / "params.yaml").write_text("collections: {paintings: {}, clocks: {}}\n")
    else:
        (paths.root / "data" / "captures" / "clocks").mkdir(parents=True)
    said_by(paths, "ffffffff\n")
    told = "warning: curation/lists/remove.txt:1: unknown image id 'ffffffff'; perhaps of clocks"
    assert told in capsys.readouterr().err


def test_missing_tables_and_lists(paths: Paths) -> None:
    for path in paths.lists.iterdir():
        path.unlink()
    lists.run(paths)
    assert tables.read(paths.table("decisions"), DECISIONS).num_rows == 0
    paths.table("listings").unlink()
    with pytest.raises(TableError, match=r"listings\.parquet: missing; run `dvc repro`"):
        lists.run(paths)


def test_a_list_that_is_no_text(paths: Paths) -> None:
    (paths.lists / "keep.txt").write_bytes(b"# fine\n\xff\xfe\n")
    with pytest.raises(ListsError, match=r"keep\.txt:2: not UTF-8"):
        lists.run(paths)


def test_a_table_torn_is_told_and_nothing_is_written(paths: Paths) -> None:
    before = paths.table("decisions").read_bytes()
    os.truncate(paths.table("images"), 100)
    with pytest.raises(TableError, match=r"images\.parquet: torn"):
        lists.run(paths)
    assert paths.table("decisions").read_bytes() == before
