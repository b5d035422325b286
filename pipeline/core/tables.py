"""Reading and writing tables: checked against their schema, sorted, always the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.core.errors import TableError
from pipeline.core.files import replacing
from pipeline.core.schema import TableSchema

ROW_GROUP_ROWS = 65_536
"""Part of the file's bytes: rows are grouped alike however the table was assembled."""


def from_rows(schema: TableSchema, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """A table of ``schema`` from dictionaries; a column missing in all of them is an error."""
    return pa.Table.from_pylist(list(rows), schema=schema.arrow)


def write(path: Path, schema: TableSchema, table: pa.Table) -> None:
    """Write ``table`` to ``path``, atomically: sorted by key, in the schema's column order.

    Raises:
        TableError: a column is missing, of another type, null where it may not be, or the key
            is not unique.
        StorageError: the disk is full or the path cannot be written.
    """
    try:
        table = table.select(schema.arrow.names).cast(schema.arrow)
    except (KeyError, ValueError, pa.ArrowInvalid) as error:
        raise TableError(f"{path}: not a table of {schema.name} ({error})") from error
    table = table.sort_by([(column, "ascending") for column in schema.key]).combine_chunks()
    _check_content(path, schema, table)
    with replacing(path) as file:
        pq.write_table(table, file, compression="zstd", row_group_size=ROW_GROUP_ROWS)


def read(path: Path, schema: TableSchema, columns: Sequence[str] | None = None) -> pa.Table:
    """Read the table of ``schema`` at ``path``, or only some ``columns`` of it.

    Raises:
        TableError: the file is missing, torn, or holds another table.
    """
    wanted = (
        schema.arrow if columns is None else pa.schema([schema.arrow.field(c) for c in columns])
    )
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.remove_metadata().equals(schema.arrow):
                raise TableError(
                    f"{path}: its columns are not those of {schema.name} in this version; "
                    f"run `dvc repro` to make it anew"
                )
            return file.read(columns=wanted.names)
    except FileNotFoundError as error:
        raise TableError(f"{path}: missing; run `dvc repro` to make it") from error
    except (pa.ArrowException, OSError) as error:
        raise TableError(
            f"{path}: torn or not a parquet file; delete it and run `dvc repro` "
            f"(or `dvc checkout {path.name}` where it was committed)"
        ) from error


def _check_content(path: Path, schema: TableSchema, table: pa.Table) -> None:
    for field in schema.arrow:
        if not field.nullable and table[field.name].null_count:
            raise TableError(f"{path}: column {field.name} of {schema.name} holds empty cells")
    keys = table.select(list(schema.key))
    if keys.group_by(list(schema.key)).aggregate([]).num_rows != table.num_rows:
        raise TableError(f"{path}: rows of {schema.name} share a key ({', '.join(schema.key)})")


def counts(table: pa.Table, column: str) -> dict[str, int]:
    """How often each value of ``column`` occurs, most frequent first, then by name."""
    pairs = pc.value_counts(table[column].combine_chunks()).to_pylist()
    named = {
        str(pair["values"]): int(pair["counts"]) for pair in pairs if pair["values"] is not None
    }
    return dict(sorted(named.items(), key=lambda item: (-item[1], item[0])))
