"""Names, cells and tables are other people's: whatever they hold, a value or a sentence comes."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.core.errors import FilesError
from scrapers.address import file_name, file_url
from scrapers.files.picture_names import checked_name
from scrapers.files.sidecars import caption_in, object_in, packed_sidecars, unpacked_sidecars
from scrapers.parsing.column_meanings import Columns, cell_text
from scrapers.parsing.table_files import table_rows
from scrapers.parsing.text import creator_slug

FEW = settings(max_examples=60, deadline=None)
NAMES = st.binary(min_size=1, max_size=30).map(os.fsdecode)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
CELLS = st.recursive(
    SCALARS | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".json", ".parquet", ".txt"])
@FEW
@given(body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@example(body=b'a,a\n1,2,3\n"')
@example(body=b"\xff\xfea\x00")
@example(body=b"1")
@example(body=b'{"labels": [["a", [1]], [], 3, ["b", null]], "classes": ["x"]}')
@example(body=b'{"labels": {"a": 9}, "classes": ["x"]}')
def test_any_bytes_are_a_table_or_a_sentence(suffix: str, body: bytes) -> None:
    try:
        rows = list(table_rows(f"t{suffix}", body))
    except FilesError:
        return
    columns = Columns({})
    for row in rows:
        meaning = columns.read(row)
        assert all(text == text.strip() and text for text in meaning.fields.values())
        columns.files(row)
        columns.address(row)


@FEW
@given(st.text(max_size=30) | st.sampled_from(["..", "a/../..", "\\\\x\\y", "c:/x", "./a//b", "/"]))
def test_a_checked_name_stays_below(name: str) -> None:
    try:
        path = PurePosixPath(checked_name(name, "t.csv"))
    except FilesError:
        return
    assert not path.is_absolute()
    assert ".." not in path.parts


@FEW
@given(NAMES)
def test_the_address_of_any_file_leads_back_to_it(name: str) -> None:
    assert file_url(name).isascii()
    assert file_name(file_url(name)) == name


@FEW
@example("?\N{MATHEMATICAL BOLD FRAKTUR CAPITAL A}")
@given(st.text(max_size=30))
def test_a_slug_is_one_word_and_stays_it(name: str) -> None:
    slug = creator_slug(name)
    assert not set(slug) & set(" /\\?#%")
    assert not slug or creator_slug(slug) == slug


@FEW
@given(CELLS)
def test_any_cell_is_one_line_of_text(cell: object) -> None:
    assert len(cell_text(cell).splitlines()) <= 1


@FEW
@given(st.lists(st.tuples(NAMES, st.text(max_size=50)), max_size=5))
def test_packed_sidecars_come_out_as_they_went_in(sidecars: list[tuple[str, str]]) -> None:
    packs = packed_sidecars((name, text.encode("utf-8", "replace")) for name, text in sidecars)
    back = [each for pack in packs for each in unpacked_sidecars(pack)]
    assert [name for name, _ in back] == [name for name, _ in sidecars]
    for _, text in back:
        object_in(text)
        caption_in(text)
