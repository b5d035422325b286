"""Tables read bit by bit, of today or of an earlier version that lacks some of today's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.errors import TableError
from pipeline.core.schema import TableSchema
from pipeline.core.tables import BATCH_ROWS
from pipeline.versions.old_tables import as_today


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


def rows_of(
    batches: Iterable[pa.RecordBatch], keep: Callable[[pa.RecordBatch], Any] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The rows of ``batches`` as tuples, only those for which the mask ``keep`` is true."""
    for batch in batches:
        kept = batch if keep is None else batch.filter(keep(batch))
        yield from zip(*(column.to_pylist() for column in kept.columns), strict=True)
