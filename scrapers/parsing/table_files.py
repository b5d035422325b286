"""Rows of the tables that people keep beside their pictures: CSV, TSV, JSON lines, JSON, parquet.

Every cell of a CSV stays text: an id ``00123`` is no number and a title ``NA`` is not nothing.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.errors import FilesError

Row = dict[str, Any]
_ROWS_AT_ONCE: Final = 1024
# csv's own limit of 131,072 characters is less than an embedding that is written into a cell.
_LONGEST_CELL: Final = 1 << 24
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEPARATORS: Final = ",;\t|"
_COMMENT: Final = "#"


def table_rows(name: str, body: bytes) -> Iterator[Row]:
    """The rows of the table called ``name``.

    Raises:
        FilesError: it is torn, or none of its kind.
    """
    try:
        yield from _READERS[PurePosixPath(name).suffix.lower()](body)
    except (ValueError, csv.Error, RecursionError, pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())[:200]
        raise FilesError(f"{name}: cannot be read as a table ({said}); correct it") from error


def is_table(name: str) -> bool:
    """Whether a file of that name may be a table."""
    return PurePosixPath(name).suffix.lower() in _READERS


def text_in(body: bytes) -> str:
    """``body`` as text: by its byte order mark, else UTF-8, else as Windows writes it."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _separated(body: bytes) -> Iterator[Row]:
    text = text_in(body)
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    csv.field_size_limit(_LONGEST_CELL)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=separator):
        row.pop(None, None)  # cells behind the last column
        if any(row.values()):
            yield row


def _json_lines(body: bytes) -> Iterator[Row]:
    for number, line in enumerate(text_in(body).split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        if isinstance(value, dict):
            yield value


def _json(body: bytes) -> Iterator[Row]:
    value = json.loads(text_in(body))
    if isinstance(value, dict):
        value = _labelled(value.get("labels"), value.get("classes"))
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, dict))


def _labelled(labels: object, classes: object) -> list[Row]:
    """Labels as StyleGAN (a list of name and number) and FiftyOne (number by stem) write them."""
    pairs = list(labels.items()) if isinstance(labels, dict) else labels
    if not isinstance(pairs, list):
        return []
    key = "key" if isinstance(labels, dict) else "file_name"
    names = dict(enumerate(classes)) if isinstance(classes, list) else {}
    return [
        {key: pair[0], "label": names.get(pair[1], pair[1]) if _is_number(pair[1]) else pair[1]}
        for pair in pairs
        if isinstance(pair, list | tuple) and len(pair) == 2
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int)


def _parquet(body: bytes) -> Iterator[Row]:
    with pq.ParquetFile(pa.BufferReader(body)) as file:
        for batch in file.iter_batches(_ROWS_AT_ONCE, use_threads=False):
            yield from batch.to_pylist()


def _lines(body: bytes) -> Iterator[Row]:
    """Addresses, one a line: a comma is a part of its address, and a hash begins a comment."""
    for line in text_in(body).splitlines():
        address = line.strip()
        if address and not address.startswith(_COMMENT):
            yield {"url": address}


_READERS: Final[dict[str, Callable[[bytes], Iterator[Row]]]] = {
    ".csv": _separated,
    ".tsv": _separated,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
    ".parquet": _parquet,
    ".txt": _lines,
}
LIST_KINDS: Final = (".txt", ".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
"""What a list of addresses may be."""
