"""Every shape of a set of pictures comes to the same images and facts, and to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import UnmatchedError
from pipeline.core.ids import image_id_of
from pipeline.core.params.scrape import Scrape
from pipeline.core.schema import Fetch
from scrapers.capture import Capture
from scrapers.capture.capture_checks import problems
from scrapers.files.containers import folder
from scrapers.files.file_records import Records
from scrapers.job import capture
from scrapers.politeness.retry import RetryPolicy
from tests.scrapers.files.sets import SETS, TRUTH, as_csv, as_parquet, jpeg, put, rows, shuffled

DAY = "2026-11-30"


def params(path: Path, **changes: Any) -> Scrape:
    asked = {"origin": "files", "path": str(path), "as_of": DAY, **changes}
    return Scrape.model_validate(asked)


def captured(path: Path, where: Path, **changes: Any) -> Capture:
    asked = params(path, **changes)
    folder = where / "captures" / asked.as_of
    capture(folder, asked, work=where / "work", retry_policy=RetryPolicy(0))
    return Capture(folder)


def told(held: Capture, columns: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """The facts of each picture that came, by its image id."""
    manifest = held.manifest().to_pylist()
    asked = {row["url"]: row for row in manifest if row["kind"] == "image"}
    mapping = {**held.description.selection["columns"], **(columns or {})}
    records = Records(((page.url, page.body) for page in held.pages()), asked, mapping)
    facts: dict[str, dict[str, Any]] = {}
    for fact in records.facts():
        row = asked[fact.image_key]
        if row["sha256"] is not None:
            names = ("listing_id", "title", "creator", "creator_name", "rights", "year")
            of_fact = {name: getattr(fact, name) for name in names}
            of_fact["shelf"] = json.loads(fact.sheet or "{}").get("shelf")
            facts.setdefault(image_id_of(row["sha256"]), of_fact)
    return facts


@pytest.mark.parametrize("shape", SETS)
def test_a_set_in_any_shape_tells_the_same(tmp_path: Path, shape: str) -> None:
    (tmp_path / "set").mkdir()
    held = captured(SETS[shape](tmp_path / "set"), tmp_path)
    assert told(held) == TRUTH
    assert list(problems(held)) == []
    failed = held.description.counts["image"].get(Fetch.FAILED, 0)
    assert failed == shape.startswith("img2dataset")


def test_a_copy_of_a_folder_makes_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = SETS["img2dataset files"](tmp_path / "original")
    copy = shuffled(original, tmp_path / "copy")
    made = [captured(original, tmp_path / "of-original").folder]
    names = folder._names
    monkeypatch.setattr(folder, "_names", lambda *where: reversed(list(names(*where))))
    made.append(captured(copy, tmp_path / "of-copy").folder)
    files = [sorted(path.name for path in folder.iterdir()) for folder in made]
    assert files[0] == files[1]
    for name in files[0]:
        if name != "capture.json":  # it names the path
            assert (made[0] / name).read_bytes() == (made[1] / name).read_bytes(), name


def test_the_nearer_word_counts(tmp_path: Path) -> None:
    near = {"title": "of the row", "file": "a/1.jpg"}
    put(
        tmp_path / "set",
        {
            "a/1.jpg": jpeg(1),
            "a/1.jpg.json": b'{"title": "of the json", "creator": "of the json"}',
            "a/1.txt": b"blue\nsquare\n",
            "a/info.json": b'{"creator": "of the folder", "license": "of the folder", "id": 7}',
            "list.jsonl": json.dumps(near).encode(),
        },
    )
    held = captured(tmp_path / "set", tmp_path)
    (fact,) = told(held).values()
    assert (fact["title"], fact["creator"], fact["rights"]) == (
        "of the row",
        "of-the-json",
        "of the folder",
    )
    assert fact["listing_id"] == "a/1.jpg"


def test_columns_that_mean_nothing_by_themselves_are_mapped(tmp_path: Path) -> None:
    table = as_csv([{"bild": f"{n}.jpg", "maler": f"M {n}"} for n in range(3)])
    put(tmp_path / "set", {"x.csv": table, **{f"{n}.jpg": jpeg(n) for n in range(3)}})
    held = captured(tmp_path / "set", tmp_path, columns={"file": "bild"})
    assert {fact["creator"] for fact in told(held).values()} == {None}
    assert {fact["creator"] for fact in told(held, {"creator": "Maler"}).values()} == {
        "m-0",
        "m-1",
        "m-2",
    }


def test_folders_become_creators_where_the_params_say_so(tmp_path: Path) -> None:
    put(tmp_path / "set", {f"{'ab'[n % 2]}/{n}.jpg": jpeg(n) for n in range(4)})
    held = captured(tmp_path / "set", tmp_path)
    assert {fact["creator"] for fact in told(held).values()} == {None}
    assert {fact["creator"] for fact in told(held, {"creator": "folder"}).values()} == {"a", "b"}


def test_what_to_do_with_folders_is_said_in_words(tmp_path: Path) -> None:
    put(tmp_path / "set", {f"{'ab'[n % 2]}/{n}.jpg": jpeg(n) for n in range(4)})
    held = captured(tmp_path / "set", tmp_path)
    urls = [row["url"] for row in held.manifest().to_pylist() if row["kind"] == "image"]

    def words(columns: dict[str, str]) -> str:
        records = Records(((page.url, page.body) for page in held.pages()), urls, columns)
        assert len([*records.facts()]) == 4
        return records.words()

    assert words({}) == (
        "no column understood; in the sheet: -; 2 folders (a, b) named in the sheet alone: "
        "parse.columns: {creator: folder} in params.yaml makes each a creator"
    )
    assert words({"creator": "folder"}).endswith("understood; in the sheet: -")


def test_a_row_may_name_several_pictures_of_one_listing(tmp_path: Path) -> None:
    row = {"id": "x", "front_file_name": "1.jpg", "more_file_names": ["2.jpg", "3.jpg"]}
    put(tmp_path / "set", {f"{n}.jpg": jpeg(n) for n in (1, 2, 3)})
    put(tmp_path / "set", {"metadata.jsonl": json.dumps(row).encode()})
    held = captured(tmp_path / "set", tmp_path)
    manifest = held.manifest().to_pylist()
    urls = [row["url"] for row in manifest if row["kind"] == "image"]
    facts = list(Records(((p.url, p.body) for p in held.pages()), urls, {}).facts())
    assert [(f.listing_id, f.position, f.image_key) for f in facts] == [
        ("x", 0, "file:1.jpg"),
        ("x", 1, "file:2.jpg"),
        ("x", 2, "file:3.jpg"),
    ]


def test_names_of_any_letters_are_found(tmp_path: Path) -> None:
    apart, together = "Z\u0075\u0308rich #1?.jpg", "Z\u00fcrich #1?.jpg"  # macOS, and a table
    put(tmp_path / "set", {apart: jpeg(0), "t.csv": as_csv(rows("path", [together]))})
    held = captured(tmp_path / "set", tmp_path)
    assert [fact["listing_id"] for fact in told(held).values()] == ["000"]


def test_a_table_with_pictures_may_lack_some_or_name_them(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"image": {"bytes": jpeg(0), "path": "0.jpg"}, "title": "held"},
        {"image": {"bytes": None, "path": "1.jpg"}, "title": "beside"},
        {"image": None, "title": "nowhere"},
        {"image": {"bytes": b"<!doctype html>", "path": "3.jpg"}, "title": "a page"},
    ]
    put(tmp_path / "set", {"x.parquet": as_parquet(rows), "1.jpg": jpeg(1)})
    with pytest.raises(UnmatchedError, match=r"1 row without a file \(x\.parquet/2\); correct"):
        captured(tmp_path / "set", tmp_path)
    held = captured(tmp_path / "set", tmp_path, allow_unmatched=True)
    assert [fact["title"] for fact in told(held).values()] == ["held", "beside", "a page"]


def test_a_second_capture_stores_only_what_is_new(tmp_path: Path) -> None:
    put(tmp_path / "set", {f"{n}.jpg": jpeg(n) for n in range(4)})
    captured(tmp_path / "set", tmp_path)
    put(tmp_path / "set", {"4.jpg": jpeg(4), "again.jpg": jpeg(0), "1.jpg": jpeg(9)})
    held = captured(tmp_path / "set", tmp_path, as_of="2026-12-01")
    counts = held.description.counts
    assert counts["image"] == {Fetch.FETCHED: 2, Fetch.CHANGED: 1, Fetch.UNCHANGED: 3}
    assert counts["bytes"]["stored"] == len(jpeg(4)) + len(jpeg(9))
    assert list(problems(held)) == []
