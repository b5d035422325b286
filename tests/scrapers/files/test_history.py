"""One's own folder, captured again after it changed: its newest word counts, and no picture is lost
from sight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curation.selection.listing_state import HISTORY, newest_state
from pipeline.collection_status import collection_status
from pipeline.core import tables
from pipeline.core.errors import CaptureError, ParamsError
from pipeline.core.params.parse import Parse
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS
from pipeline.stages import parse, scrape
from tests.scrapers.files.sets import as_csv, jpeg, put
from tests.scrapers.files.test_sets import params


def state(paths: Paths, columns: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """What holds of each picture after `parse`, by listing."""
    parse.run(paths, Parse(columns=columns or {}))
    history = tables.read(paths.table("listings"), LISTINGS, [*HISTORY, "creator", "rights"])
    rows = newest_state(history).to_pylist()
    return {row["listing_id"]: row for row in rows}


def table(rights: dict[str, str]) -> bytes:
    return as_csv([{"file": name, "artist": "A", "rights": each} for name, each in rights.items()])


def test_the_newest_word_counts_and_what_was_taken_out_is_no_longer_shown(tmp_path: Path) -> None:
    paths, root = Paths(tmp_path, "mine"), tmp_path / "set"
    names = ["a.jpg", "b.jpg", "c.jpg"]
    put(root, {name: jpeg(n) for n, name in enumerate(names)})
    put(root, {"t.csv": table(dict.fromkeys(names, "CC0"))})
    scrape.run(paths, params(root))
    assert {row["rights"] for row in state(paths).values()} == {"CC0"}
    assert collection_status(paths).folder_changes is None

    put(root, {"t.csv": table({"a.jpg": "CC1", "b.jpg": ""})})
    (root / "c.jpg").unlink()
    changes = collection_status(paths).folder_changes
    assert changes is not None
    assert "set a new scrape.as_of in params.yaml" in changes
    scrape.run(paths, params(root, as_of="2026-12-01"))
    listings = state(paths)
    assert {name: row["rights"] for name, row in listings.items()} == {
        "a.jpg": "CC1",
        "b.jpg": None,
        "c.jpg": "CC0",
    }
    assert {name: row["shown"] for name, row in listings.items()} == {
        "a.jpg": True,
        "b.jpg": True,
        "c.jpg": False,
    }


def test_another_folder_takes_nothing_from_the_first(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "mine")
    for number, day in enumerate(("2026-11-30", "2026-12-01")):
        root = put(tmp_path / day, {f"{number}.jpg": jpeg(number)})
        scrape.run(paths, params(root, as_of=day))
    assert [row["shown"] for row in state(paths).values()] == [True, True]


def test_a_cell_mended_without_a_change_of_length_is_noticed(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "mine")
    root = put(tmp_path / "set", {"a.jpg": jpeg(0), "t.csv": table({"a.jpg": "CC0"})})
    scrape.run(paths, params(root))
    put(root, {"t.csv": table({"a.jpg": "CC1"})})
    assert collection_status(paths).folder_changes is not None


def test_mending_the_mapping_reads_no_picture(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "mine")
    rows = as_csv([{"file": "a.jpg", "maler": "Ana"}])
    root = put(tmp_path / "set", {"a.jpg": jpeg(0), "t.csv": rows})
    scrape.run(paths, params(root))
    (root / "a.jpg").unlink()
    assert state(paths)["a.jpg"]["creator"] is None
    assert state(paths, {"creator": "maler"})["a.jpg"]["creator"] == "ana"
    with pytest.raises(ParamsError, match=r"no table has a column 'malr' \(did you mean 'maler'"):
        state(paths, {"creator": "malr"})


def test_a_finished_capture_is_not_made_of_another_folder(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "mine")
    scrape.run(paths, params(put(tmp_path / "set", {"a.jpg": jpeg(0)})))
    with pytest.raises(CaptureError, match="finished with other params"):
        scrape.run(paths, params(put(tmp_path / "other", {"a.jpg": jpeg(0)})))
