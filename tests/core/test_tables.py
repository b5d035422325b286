from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.core import tables
from pipeline.core.errors import StorageError, TableError
from pipeline.core.schema import IMAGES, PACKED, PAIRS, TABLES, WATERMARK, TableSchema
from tests.decision_tables import id_of, image

ROWS: list[dict[str, Any]] = [
    {"image_id": "b" * 24, "template": None, "score": None, "opacity": None},
    {"image_id": "a" * 24, "template": "centre", "score": 7.25, "opacity": 1.0},
]
PAIR: dict[str, Any] = {
    "kind": "near",
    "symmetry": "identity",
    "phash_distance": 2,
    "lab_distance": 1.0,
    "gradient_correlation": 1.0,
    "chroma_distance": 0.5,
    "region_distance": 1.0,
    "edge_distance": 0.02,
    "light_distance": 0.5,
    "lookalikes": 0,
    "neighbours": 1,
    "chance": 1.0,
    "suspicion": None,
}


def test_a_table_is_sorted_by_its_key_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "watermark.parquet"
    tables.write(path, WATERMARK, tables.from_rows(WATERMARK, ROWS))
    assert tables.read(path, WATERMARK).to_pylist() == ROWS[::-1]
    assert tables.read(path, WATERMARK, ["score"]).to_pylist() == [{"score": 7.25}, {"score": None}]


def test_the_bytes_do_not_depend_on_order_or_chunks(tmp_path: Path) -> None:
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    tables.write(first, WATERMARK, tables.from_rows(WATERMARK, ROWS))
    chunks = [tables.from_rows(WATERMARK, [row]) for row in reversed(ROWS)]
    tables.write(second, WATERMARK, pa.concat_tables(chunks))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("schema", TABLES.values(), ids=TABLES)
def test_every_table_may_be_empty(tmp_path: Path, schema: Any) -> None:
    path = tmp_path / f"{schema.name}.parquet"
    tables.write(path, schema, tables.from_rows(schema, []))
    assert tables.read(path, schema).num_rows == 0


def test_a_repeated_key_is_refused(tmp_path: Path) -> None:
    twice = tables.from_rows(WATERMARK, [ROWS[0], ROWS[0]])
    with pytest.raises(TableError, match="share a key"):
        tables.write(tmp_path / "watermark.parquet", WATERMARK, twice)
    assert not list(tmp_path.iterdir())


def write_parts(path: Path, parts: list[pa.Table]) -> None:
    with tables.appending(path, PAIRS) as append:
        for part in parts:
            append(part)


def pairs(keys: list[tuple[str, str]]) -> pa.Table:
    return tables.from_rows(PAIRS, [PAIR | {"a": a, "b": b} for a, b in keys])


def test_a_table_may_come_in_parts(tmp_path: Path) -> None:
    whole = pairs([(f"{row // 3:05}", f"{row % 3}") for row in range(5_000)])
    parted = []
    for size in (30, 700, 5_000):
        path = tmp_path / f"{size}.parquet"
        write_parts(path, [whole.slice(start, size) for start in range(0, 5_000, size)])
        parted.append(path.read_bytes())
    assert tables.read(path, PAIRS) == whole
    assert parted == [parted[0]] * 3


def test_parts_and_a_whole_table_give_the_same_file(tmp_path: Path) -> None:
    table = pairs([(f"{row:06}", "x") for row in range(70_000)])
    tables.write(tmp_path / "whole.parquet", PAIRS, table)
    with tables.appending(tmp_path / "parts.parquet", PAIRS, tables.ROW_GROUP_ROWS) as append:
        for start in range(0, 70_000, 9_000):
            append(table.slice(start, 9_000))
    assert (tmp_path / "parts.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


@pytest.mark.parametrize(
    "parts",
    [
        [[("a", "b"), ("a", "b")]],
        [[("a", "c"), ("a", "b")]],
        [[("b", "a"), ("a", "b")]],
        [[("a", "b")], [("a", "b")]],
        [[("b", "a")], [("a", "b")]],
    ],
)
def test_parts_out_of_order_are_refused(tmp_path: Path, parts: list[list[tuple[str, str]]]) -> None:
    with pytest.raises(TableError, match="not in the order of their key"):
        write_parts(tmp_path / "pairs.parquet", [pairs(keys) for keys in parts])
    assert not list(tmp_path.iterdir())


def test_a_missing_column_or_value_is_refused(tmp_path: Path) -> None:
    table = tables.from_rows(WATERMARK, ROWS)
    with pytest.raises(TableError, match="not a table of watermark"):
        tables.write(tmp_path / "w.parquet", WATERMARK, table.drop_columns(["score"]))
    nameless = table.set_column(0, "image_id", pa.array([None, None], pa.string()))
    with pytest.raises(TableError, match=r"image_id|watermark"):
        tables.write(tmp_path / "w.parquet", WATERMARK, nameless)


def test_torn_missing_and_foreign_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "watermark.parquet"
    with pytest.raises(TableError, match="missing; run `dvc repro`"):
        tables.read(path, WATERMARK)
    tables.write(path, WATERMARK, tables.from_rows(WATERMARK, ROWS))
    with pytest.raises(TableError, match="its columns are not those of pairs"):
        tables.read(path, PAIRS)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TableError, match="torn or not a parquet file"):
        tables.read(path, WATERMARK)


def test_a_folder_or_a_link_to_itself_is_no_torn_table(tmp_path: Path) -> None:
    folder, loop = tmp_path / "watermark.parquet", tmp_path / "pairs.parquet"
    folder.mkdir()
    loop.symlink_to(loop.name)
    with pytest.raises(StorageError, match=r"watermark\.parquet: a folder stands where a file"):
        tables.read(folder, WATERMARK)
    with pytest.raises(StorageError, match=r"pairs\.parquet: a link that leads back to itself"):
        tables.read(loop, PAIRS)


@pytest.fixture
def room_for_64_bytes() -> Iterator[None]:
    """A limit at which a write really fails in the middle, as on a full disk."""
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.usefixtures("room_for_64_bytes")
def test_a_full_disk_is_one_sentence_and_leaves_the_old_table(tmp_path: Path) -> None:
    path = tmp_path / "watermark.parquet"
    path.write_bytes(b"the old table")
    with pytest.raises(StorageError, match=r"watermark.parquet: File too large; make room"):
        tables.write(path, WATERMARK, tables.from_rows(WATERMARK, ROWS))
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [
        ("watermark.parquet", b"the old table")
    ]


def written(path: Path, schema: TableSchema, rows: list[dict[str, Any]]) -> Path:
    """A table with groups of two rows."""
    filled = [dict.fromkeys(schema.arrow.names) | row for row in rows]
    with tables.appending(path, schema, group_rows=2) as append:
        append(tables.from_rows(schema, filled))
    return path


MARKS = [
    {"image_id": name, "template": template}
    for name, template in zip("abcdefg", ("x", "x", None, "y", "x", None, "x"), strict=True)
]


def test_values_are_counted_together_and_empty_cells_with_them(tmp_path: Path) -> None:
    path = written(tmp_path / "watermark.parquet", WATERMARK, MARKS)
    assert tables.count_values(path, WATERMARK, ["template"]) == {("x",): 4, ("y",): 1, (None,): 2}
    both = tables.count_values(path, WATERMARK, ["template", "image_id"])
    assert both == {(row["template"], row["image_id"]): 1 for row in MARKS}
    assert tables.row_count(path, WATERMARK) == len(MARKS)


@pytest.mark.parametrize("value", ["a", "d", "g", "h", "x", ""])
def test_the_rows_about_a_value_are_those_that_a_filter_of_all_rows_leaves(
    tmp_path: Path, value: str
) -> None:
    path = written(tmp_path / "watermark.parquet", WATERMARK, MARKS)
    about = tables.read_about(path, WATERMARK, ["image_id", "template"], value)
    rows = tables.read(path, WATERMARK).to_pylist()
    assert about.to_pylist() == [row for row in rows if value in (row["image_id"], row["template"])]


@pytest.mark.parametrize("texts", [["ab", "cd", "ef"], ["a", "bcd", ""], ["é", "ab"], []])
def test_texts_as_bytes_are_the_texts(texts: list[str]) -> None:
    column = pa.chunked_array([["zz", *texts][1:2], texts[1:]], pa.string())
    assert tables.as_bytes(column).tolist() == [text.encode() for text in texts]
    sliced = pa.chunked_array([pa.array(["zz", *texts], pa.string())[1:]])
    assert tables.as_bytes(sliced).tolist() == [text.encode() for text in texts]


def test_lists_that_are_held_as_bytes_are_read_from_both(tmp_path: Path) -> None:
    """Images of which one has no parts, in a table of today and in one that still holds lists."""
    cells = [list(range(-3, 61)), None, [7] * 64, [2**15 - 1] * 64]
    rows = [image(name, sharpness_cells=each) for name, each in zip("abcd", cells, strict=True)]
    made = tables.from_rows(IMAGES, rows).sort_by("image_id")
    written, before = tmp_path / "images.parquet", tmp_path / "before.parquet"
    tables.write(written, IMAGES, made)
    parts = pa.array([row["sharpness_cells"] for row in sorted(rows, key=itemgetter("image_id"))])
    place = IMAGES.arrow.names.index("sharpness_cells")
    lists = parts.cast(PACKED["sharpness_cells"])
    pq.write_table(
        made.set_column(place, made.schema.field(place).with_type(lists.type), lists), before
    )
    for path in (written, before):
        assert tables.read(path, IMAGES).equals(made)
        about = tables.read_about(path, IMAGES, ["image_id"], id_of("d"))
        assert (
            tables.unpacked("sharpness_cells", about["sharpness_cells"].chunk(0)).tolist()
            == cells[3:]
        )
        batches = list(tables.read_batches(path, IMAGES, ["image_id", "sharpness_cells"], 3))
        assert pa.Table.from_batches(batches).equals(made.select(["image_id", "sharpness_cells"]))
    there = made["sharpness_cells"].drop_null().combine_chunks()
    assert sorted(tables.unpacked("sharpness_cells", there).tolist()) == sorted(filter(None, cells))
    tables.write(tmp_path / "again.parquet", IMAGES, tables.read(before, IMAGES))
    assert (tmp_path / "again.parquet").read_bytes() == written.read_bytes()


def test_texts_may_be_written_as_places_in_lists_of_their_values(tmp_path: Path) -> None:
    made = pairs([(a, b) for a in "ac" for b in "xyz"])
    whole, parts = tmp_path / "whole.parquet", tmp_path / "parts.parquet"
    tables.write(whole, PAIRS, made)

    def write(*encoded: pa.Table) -> None:
        with tables.appending(parts, PAIRS, 3, encoded=True) as append:
            for part in encoded:
                append(part)

    halves = [made[:3], made[3:]]
    write(*(half.cast(tables.with_encoded_texts(PAIRS)) for half in halves))
    assert tables.read(parts, PAIRS).equals(tables.read(whole, PAIRS))
    assert tables.read(parts, PAIRS, ["kind"], ["kind"])["kind"].cast(pa.string()) == made["kind"]
    with pytest.raises(TableError, match="not in the order of their key"):
        write(*(half.cast(tables.with_encoded_texts(PAIRS)) for half in reversed(halves)))
    backwards = made.take([1, 0, 2]).cast(tables.with_encoded_texts(PAIRS))
    with pytest.raises(TableError, match="not in the order of their key"):
        write(backwards)
