"""Tables that another Salon wrote, in today's columns: whole, or some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.errors import TableError
from pipeline.core.schema import TableSchema
from pipeline.core.tables import BATCH_ROWS

_ROWS_AT_ONCE = 16_384
"""Few enough that memory is used again rather than asked for anew: four times as many take half a
second more of a million rows (`tests/benches/versions.py`)."""


@dataclass(frozen=True)
class OldTable:
    """A table of another version, in today's columns and types."""

    table: pa.Table
    """The columns that were asked for, in the order of the schema; null where it lacked them."""
    missing: tuple[str, ...]
    """Columns of today's schema that it lacked, or held in another type."""
    unknown: tuple[str, ...]
    """Columns it had that today's schema has not."""


def read_tolerantly(
    path: Path, schema: TableSchema, columns: Sequence[str] | None = None
) -> OldTable:
    """Read the table at ``path`` as far as it goes.

    Raises:
        TableError: the file is torn, or has nothing of what identifies a row today.
    """
    asked = _asked_schema(schema, columns)
    with _opened(path) as file:
        written: pa.Schema = file.schema_arrow
        held = file.read(columns=[name for name in asked.names if name in written.names])
    table, missing = as_today(held, asked)
    if set(schema.key) <= set(missing):
        raise TableError(f"{path}: no table of {schema.name}: it lacks {', '.join(schema.key)}")
    unknown = tuple(name for name in written.names if name not in schema.arrow.names)
    return OldTable(table, missing, unknown)


def batches_of(path: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Those of the ``columns`` that the table has, as they were written, some rows at a time.

    The first part has no rows: it tells which columns there are.

    Raises:
        TableError: the file is torn.
    """
    with _opened(path) as file:
        written: pa.Schema = file.schema_arrow
        held = [name for name in columns if name in written.names]
        yield pa.Table.from_batches([], pa.schema([written.field(name) for name in held]))
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=held):
            yield pa.Table.from_batches([batch.select(held)])


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        # Buffering ahead, as is usual, would hold all columns of the file as they were written.
        with pq.ParquetFile(path, pre_buffer=False) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"{path}: torn or not a parquet file") from error


def _asked_schema(schema: TableSchema, columns: Sequence[str] | None) -> pa.Schema:
    names = schema.arrow.names if columns is None else columns
    return pa.schema([schema.arrow.field(name) for name in names])


def as_today(held: pa.Table, asked: pa.Schema) -> tuple[pa.Table, tuple[str, ...]]:
    """The columns ``asked`` for, null where ``held`` has none of that name and type; and those."""
    missing: list[str] = []
    arrays = []
    for field in asked:
        array = _cast(held, field)
        if array is None:
            missing.append(field.name)
            array = pa.chunked_array([pa.nulls(held.num_rows, field.type)], field.type)
        arrays.append(array)
    return pa.table(arrays, names=asked.names), tuple(missing)


def _cast(held: pa.Table, field: pa.Field) -> pa.ChunkedArray | None:
    """The column of that name and type; None where it is not there, or cannot be read as such."""
    if field.name not in held.column_names:
        return None
    try:
        return held[field.name].cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


@dataclass(frozen=True)
class Batches:
    """The rows of a table as far as it has the columns that were asked for."""

    rows: Iterator[pa.RecordBatch]
    """In today's columns; null where the table lacks one."""
    missing: tuple[str, ...]
    """Columns that it lacks."""


def batches(path: Path, schema: TableSchema, columns: Sequence[str]) -> Batches:
    """Some ``columns`` of the table at ``path``, a few thousand rows at a time.

    Raises:
        TableError: the file is missing, torn, or lacks a column that may not be empty.
    """
    asked = pa.schema([schema.arrow.field(name) for name in columns])
    written = _schema(path)
    missing = tuple(
        field.name
        for field in asked
        if field.name not in written.names or written.field(field.name).type != field.type
    )
    needed = [name for name in missing if not asked.field(name).nullable]
    if needed:
        raise TableError(
            f"{path}: an older or newer table of {schema.name}, without {', '.join(needed)}; "
            f"export that version with the Salon that made it, or run `dvc repro` to make it anew"
        )
    return Batches(_rows(path, asked), missing)


def _schema(path: Path) -> pa.Schema:
    try:
        with pq.ParquetFile(path) as file:
            return file.schema_arrow
    except FileNotFoundError as error:
        raise TableError(f"{path}: missing; run `dvc repro` to make it") from error
    except (pa.ArrowException, OSError) as error:
        raise TableError(
            f"{path}: torn or not a parquet file; restore it (`dvc checkout`)"
        ) from error


def _rows(path: Path, asked: pa.Schema) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(path) as file:
            held = [name for name in asked.names if name in file.schema_arrow.names]
            for batch in file.iter_batches(BATCH_ROWS, columns=held, use_threads=False):
                table, _ = as_today(pa.Table.from_batches([batch]), asked)
                yield from table.combine_chunks().to_batches()
    except pa.ArrowException as error:
        raise TableError(f"{path}: torn; restore it (`dvc checkout`)") from error


def tuples_of(
    batches: Iterable[pa.RecordBatch], keep: Callable[[pa.RecordBatch], Any] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The rows of ``batches`` as tuples, only those for which the mask ``keep`` is true."""
    for batch in batches:
        kept = batch if keep is None else batch.filter(keep(batch))
        yield from zip(*(column.to_pylist() for column in kept.columns), strict=True)
