"""Parquet files that hold pictures, as Hugging Face writes them: bytes, or bytes and a path."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from scrapers.capture.image_shards import extension
from scrapers.files.containers.member import Member, check_expansion, torn_as_sentence

_FILE_NAME: Final = "file_name"
_ROWS_AT_ONCE: Final = 16
"""Few, since a row may be as large as a picture may be."""
_BUFFER_BYTES: Final = 1 << 20


def holds_pictures(path: Path) -> bool:
    """Whether one of its columns is of pictures."""
    with _opened(path) as file:
        return _picture_column(file) is not None


def members(path: Path, prefix: str) -> Iterator[Member]:
    """Its table without the pictures, and each picture under the number of its row.

    Raises:
        FilesError: it is torn, or a bomb.
    """
    name = prefix.rstrip("/")
    with _opened(path) as file:
        column = _picture_column(file)
        yield Member(name, lambda _: _without(file, column))
        row = read = 0
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=[column], use_threads=False):
            for data in _bytes_of(batch.column(0)):
                if data is not None:
                    read += len(data)
                    check_expansion(path, read)
                    yield Member(f"{name}/{row}", partial(_first, data), is_picture=True)
                row += 1


def _first(data: bytes, most: int) -> bytes:
    return data[:most]


def _opened(path: Path) -> pq.ParquetFile:
    with torn_as_sentence(path, pa.ArrowException, OSError):
        file = pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
        groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
        check_expansion(path, sum(group.total_byte_size for group in groups))
        return file


def _picture_column(file: pq.ParquetFile) -> str | None:
    for field in file.schema_arrow:
        if _is_struct_of_bytes(field.type):
            return str(field.name)
        if _is_binary(field.type):
            first = _first_bytes(file, field.name)
            if first is not None and extension(first) != "bin":
                return str(field.name)
    return None


def _is_struct_of_bytes(type_: pa.DataType) -> bool:
    if not pa.types.is_struct(type_):
        return False
    at = type_.get_field_index("bytes")
    return bool(at >= 0 and _is_binary(type_.field(at).type))


def _is_binary(type_: pa.DataType) -> bool:
    return bool(pa.types.is_binary(type_) or pa.types.is_large_binary(type_))


def _first_bytes(file: pq.ParquetFile, column: str) -> bytes | None:
    for batch in file.iter_batches(_ROWS_AT_ONCE, columns=[column], use_threads=False):
        for value in batch.column(0):
            if value.is_valid:
                return bytes(value.as_py())
    return None


def _bytes_of(column: pa.Array) -> list[bytes | None]:
    held = column.field("bytes") if pa.types.is_struct(column.type) else column
    values: list[bytes | None] = held.to_pylist()
    return values


def _without(file: pq.ParquetFile, column: str | None) -> bytes:
    """The table without its pictures; the path that stood beside the bytes names a file."""
    others = [name for name in file.schema_arrow.names if name != column]
    field = file.schema_arrow.field(column)
    paths = [f"{column}.path"] if _has_path(field.type) and _FILE_NAME not in others else []
    table = file.read(columns=[*others, *paths], use_threads=False)
    if paths:
        at = table.column_names.index(column)
        path: Any = table.column(at).combine_chunks()
        path = path.field("path") if isinstance(path, pa.StructArray) else pa.nulls(len(table))
        table = table.remove_column(at).append_column(_FILE_NAME, path)
    target = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(None), target, compression="zstd")
    return target.getvalue()


def _has_path(type_: pa.DataType) -> bool:
    return bool(pa.types.is_struct(type_) and type_.get_field_index("path") >= 0)
