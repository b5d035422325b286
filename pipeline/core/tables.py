"""Reading and writing tables: checked against their schema, sorted, always the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.core.errors import TableError
from pipeline.core.files import as_obstacle, replacing
from pipeline.core.schema import PACKED, TableSchema

ROW_GROUP_ROWS = 65_536
"""Part of the file's bytes: rows are grouped alike however the table was assembled."""
BATCH_ROWS = 2_048
"""The same for tables too large to be in memory as a whole."""


def from_rows(schema: TableSchema, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """A table of ``schema`` from dictionaries; a column missing in all of them is an error."""
    return _packed(pa.Table.from_pylist(list(rows), schema=_with_lists(schema.arrow)))


def _with_lists(schema: pa.Schema) -> pa.Schema:
    """``schema`` with lists of numbers where they are written as bytes."""
    return pa.schema([each.with_type(PACKED.get(each.name, each.type)) for each in schema])


def _packed(table: pa.Table) -> pa.Table:
    """``table`` with the bytes of their numbers instead of the lists that are written so."""
    for place, name in enumerate(table.column_names):
        if table[name].type != PACKED.get(name):
            continue
        lists = table[name].combine_chunks()
        filled = pc.fill_null(lists.values, 0).to_numpy()
        rows = filled.reshape(-1, lists.type.list_size)[lists.offset :][: len(lists)]
        bytes_a_row = pa.binary(rows.itemsize * rows.shape[1])
        _, is_there = pc.is_valid(lists).buffers()
        cells = pa.py_buffer(rows.astype(rows.dtype.newbyteorder("<")).tobytes())
        packed = pa.Array.from_buffers(bytes_a_row, len(lists), [is_there, cells])
        table = table.set_column(place, table.schema.field(name).with_type(bytes_a_row), packed)
    return table


def unpacked(name: str, cells: pa.Array) -> npt.NDArray[Any]:
    """The numbers in the ``cells`` of a `PACKED` column, none of which is empty: a row a cell."""
    as_list = PACKED[name]
    size = as_list.list_size
    dtype = np.dtype(as_list.value_type.to_pandas_dtype()).newbyteorder("<")
    first = cells.offset * size * dtype.itemsize
    numbers = np.frombuffer(cells.buffers()[1], dtype, len(cells) * size, first)
    return numbers.reshape(-1, size)


def empty(schema: TableSchema) -> pa.Table:
    """A table of no rows; unlike Arrow's own, without importing pandas."""
    return pa.Table.from_batches([], schema.arrow)


def write(path: Path, schema: TableSchema, table: pa.Table) -> None:
    """Write ``table`` to ``path``, atomically: sorted by key, in the schema's column order.

    Raises:
        TableError: a column is missing, of another type, null where it may not be, or the key
            is not unique.
        StorageError: the disk is full or the path cannot be written.
    """
    try:
        table = _packed(table.select(schema.arrow.names)).cast(schema.arrow)
    except (KeyError, ValueError, pa.ArrowInvalid) as error:
        raise TableError(f"{path}: not a table of {schema.name} ({error})") from error
    if not _increases(table, schema.key):
        table = table.sort_by([(column, "ascending") for column in schema.key])
        if not _increases(table, schema.key):
            raise TableError(f"{path}: rows of {schema.name} share a key ({', '.join(schema.key)})")
    _check_no_empty_cells(path, schema, table)
    # One chunk: how a table was put together would show in its row groups, and so in its bytes.
    table = table.combine_chunks()
    with replacing(path) as file:
        pq.write_table(table, file, row_group_size=ROW_GROUP_ROWS, **_encodings(schema))


def _encodings(schema: TableSchema) -> dict[str, Any]:
    """How the columns of a table are written.

    A column whose cells all differ gets no list of its values, and only those by which rows are
    sought (`read_about`) get bounds: a third of the time that writing a million rows takes
    (`python -m tests.benches.tables`).
    """
    distinct = schema.key if len(schema.key) == 1 else ()
    repeating = [
        f"{field.name}.list.element" if pa.types.is_nested(field.type) else field.name
        for field in schema.arrow
        if field.name not in distinct and field.name not in PACKED
    ]
    sought = [name for name in schema.arrow.names if name in {*schema.key, "image_id"}]
    return {"compression": "zstd", "use_dictionary": repeating, "write_statistics": sought}


@contextmanager
def appending(
    path: Path,
    schema: TableSchema,
    group_rows: int = BATCH_ROWS,
    *,
    encoded: bool = False,
) -> Iterator[Callable[[pa.Table], None]]:
    """Write a table that comes in parts, already sorted by its key: one part in memory at a time.

    The file depends on the rows alone, not on how they are parted; with groups of `ROW_GROUP_ROWS`
    it is that of `write`. ``path`` appears, whole, when the block ends well.

    With ``encoded`` the parts are of `with_encoded_texts`, and each but the last is a group: the
    lists of their values are written as they are.

    Raises:
        TableError: a part is not of the schema, or the rows are not sorted by a unique key.
    """
    arrow = with_encoded_texts(schema) if encoded else schema.arrow
    # Else the lists of values would be part of the columns' types for whoever reads the file.
    settings = _encodings(schema) | {"store_schema": not encoded}
    pending, last = pa.Table.from_batches([], arrow), None

    with replacing(path) as file, pq.ParquetWriter(file, arrow, **settings) as out:

        def append(part: pa.Table) -> None:
            nonlocal pending, last
            last = _check_follows(path, schema, part, last)
            pending = pa.concat_tables([pending, part])
            while pending.num_rows >= group_rows:
                out.write_table(pending[:group_rows].combine_chunks())
                pending = pending[group_rows:]

        yield append
        if pending.num_rows:
            out.write_table(pending.combine_chunks())


def with_encoded_texts(schema: TableSchema) -> pa.Schema:
    """The columns of a table with each text as its place in a list of all texts of its column."""
    return pa.schema(
        [
            field.with_type(pa.dictionary(pa.int32(), field.type))
            if pa.types.is_string(field.type)
            else field
            for field in schema.arrow
        ]
    )


def _check_follows(
    path: Path, schema: TableSchema, part: pa.Table, last: tuple[Any, ...] | None
) -> tuple[Any, ...] | None:
    """The key of the last row of ``part``, which must come after ``last``."""
    if not part.num_rows:
        return last
    _check_no_empty_cells(path, schema, part)
    first, final = (
        tuple(part[column][row].as_py() for column in schema.key) for row in (0, part.num_rows - 1)
    )
    if not _increases(part, schema.key) or (last is not None and first <= last):
        raise TableError(f"{path}: rows of {schema.name} are not in the order of their key")
    return final


def read(
    path: Path,
    schema: TableSchema,
    columns: Sequence[str] | None = None,
    encoded: Sequence[str] = (),
) -> pa.Table:
    """Read the table of ``schema`` at ``path``, or only some ``columns`` of it.

    Those of the columns of text that are ``encoded`` come as places in a list of their values: a
    tenth of the time and memory where few values repeat.

    Raises:
        TableError: the file is missing, torn, or holds another table.
    """
    asked = schema.arrow.names if columns is None else list(columns)
    with _opened(path, schema, encoded) as file:
        return _packed(file.read(columns=asked))


def read_batches(
    path: Path, schema: TableSchema, columns: Sequence[str], rows: int = BATCH_ROWS
) -> Iterator[pa.RecordBatch]:
    """Some ``columns`` of a table, in parts of at most so many ``rows``.

    Raises:
        TableError: as in `read`.
    """
    with _opened(path, schema) as file:
        for batch in file.iter_batches(rows, columns=list(columns), use_threads=False):
            table = _packed(pa.Table.from_batches([batch.select(list(columns))]))
            yield from table.to_batches()


def row_count(path: Path, schema: TableSchema) -> int:
    """How many rows the table of ``schema`` has; none of them is read.

    Raises:
        TableError: as in `read`.
    """
    with _opened(path, schema) as file:
        return int(file.metadata.num_rows)


def read_about(path: Path, schema: TableSchema, columns: Sequence[str], value: str) -> pa.Table:
    """The rows with ``value`` in any of some ``columns`` of text, without reading all others.

    Raises:
        TableError: as in `read`.
    """
    parts = [empty(schema)]
    with _opened(path, schema) as file:
        for group in range(file.num_row_groups):
            if not any(_may_hold(file, group, column, value) for column in columns):
                continue
            named = file.read_row_group(group, columns=list(columns))
            about = reduce(pc.or_, (_equals(named[column], value) for column in columns))
            if pc.any(about, min_count=0).as_py():
                parts.append(_packed(file.read_row_group(group).filter(about)))
    return pa.concat_tables(parts)


def _may_hold(file: pq.ParquetFile, group: int, column: str, value: str) -> bool:
    """Whether ``value`` lies between the least and the greatest of a column's group."""
    described = file.metadata.row_group(group).column(file.schema_arrow.get_field_index(column))
    bounds = described.statistics
    if described.path_in_schema != column or bounds is None or not bounds.has_min_max:
        return True
    return bool(bounds.min <= value <= bounds.max)


def _equals(column: pa.ChunkedArray, value: str) -> pa.ChunkedArray:
    return pc.fill_null(pc.equal(column, value), False)


def count_values(
    path: Path, schema: TableSchema, columns: Sequence[str]
) -> Counter[tuple[str | None, ...]]:
    """How often each combination of values occurs in some ``columns`` of text with few values.

    They are read as places in a list of their values, so that no cell becomes a text; and without
    `pyarrow.compute`, which would import pandas.

    Raises:
        TableError: as in `read`.
    """
    counted: Counter[tuple[str | None, ...]] = Counter()
    with _opened(path, schema, columns) as file:
        for batch in file.iter_batches(ROW_GROUP_ROWS, columns=list(columns)):
            cells = [batch.column(column) for column in columns]
            sizes = [len(each.dictionary) + 1 for each in cells]
            numbers = np.ravel_multi_index(tuple(map(_places, cells)), sizes)
            texts = product(*([*each.dictionary.to_pylist(), None] for each in cells))
            for text, count in zip(texts, np.bincount(numbers, minlength=prod(sizes)), strict=True):
                if count:
                    counted[text] += int(count)
    return counted


def _places(cells: pa.DictionaryArray) -> npt.NDArray[np.int32]:
    """The place of each cell in the list of values; the one after the last where it is empty."""
    indices = cells.indices
    validity, places = indices.buffers()
    end = indices.offset + len(indices)
    numbers = np.frombuffer(places, np.int32, end)[indices.offset :]
    if not indices.null_count:
        return numbers
    is_there = np.unpackbits(np.frombuffer(validity, np.uint8), count=end, bitorder="little")
    return np.where(is_there[indices.offset :], numbers, np.int32(len(cells.dictionary)))


@contextmanager
def _opened(
    path: Path, schema: TableSchema, encoded: Sequence[str] = ()
) -> Iterator[pq.ParquetFile]:
    """The file of a table; the columns ``encoded`` are read as places in a list of their values."""
    try:
        with pq.ParquetFile(path, read_dictionary=list(encoded)) as file:
            written = file.schema.to_arrow_schema().remove_metadata()
            if not any(written.equals(each) for each in (schema.arrow, _with_lists(schema.arrow))):
                raise TableError(
                    f"{path}: its columns are not those of {schema.name} in this version; "
                    f"run `dvc repro` to make it anew"
                )
            yield file
    except FileNotFoundError as error:
        raise TableError(f"{path}: missing; run `dvc repro` to make it") from error
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and (obstacle := as_obstacle(error, path)) is not None:
            raise obstacle from error
        raise TableError(
            f"{path}: torn or not a parquet file; delete it and run `dvc repro` "
            f"(or `dvc checkout {path.name}` where it was committed)"
        ) from error


def _check_no_empty_cells(path: Path, schema: TableSchema, table: pa.Table) -> None:
    for field in schema.arrow:
        if not field.nullable and table[field.name].null_count:
            raise TableError(f"{path}: column {field.name} of {schema.name} holds empty cells")


def _increases(table: pa.Table, key: Sequence[str]) -> bool:
    """Whether every row comes after the one before it by ``key``.

    Grouping by the key would tell as much, and import pandas for it.
    """
    rises: Any = False
    for column in reversed(key):
        cells = _in_order(table[column])
        earlier, later = cells.slice(0, max(len(cells) - 1, 0)), cells.slice(1)
        tied = pc.and_(pc.equal(later, earlier), rises)
        rises = pc.or_(pc.greater(later, earlier), tied)
    return bool(pc.all(rises, min_count=0).as_py())


def _in_order(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """What compares as the cells of ``column``: their places in a list of values in order."""
    if not pa.types.is_dictionary(column.type):
        return column
    cells = column.combine_chunks()
    values = cells.dictionary
    if pc.all(pc.less(values[:-1], values[1:]), min_count=0).as_py():
        return cells.indices
    return cells.cast(values.type)


def as_bytes(column: pa.ChunkedArray) -> npt.NDArray[np.bytes_]:
    """The texts of a column without empty cells as NumPy's, without an object for each.

    Those of one width, as ids are, are a view of the column.
    """
    cells = column.combine_chunks().cast(pa.binary())
    lengths = pc.binary_length(cells)
    width = pc.max(lengths).as_py() or 1
    if pc.min(lengths).as_py() != width:
        texts: npt.NDArray[np.bytes_] = cells.to_numpy(zero_copy_only=False).astype(f"S{width}")
        return texts
    [start] = np.frombuffer(cells.buffers()[1], np.int32, 1, 4 * cells.offset)
    return np.frombuffer(cells.buffers()[2], f"S{width}", len(cells), int(start))


def counts(table: pa.Table, column: str) -> dict[str, int]:
    """How often each value of ``column`` occurs, most frequent first, then by name."""
    pairs = pc.value_counts(table[column].combine_chunks()).to_pylist()
    named = {
        str(pair["values"]): int(pair["counts"]) for pair in pairs if pair["values"] is not None
    }
    return dict(sorted(named.items(), key=lambda item: (-item[1], item[0])))
