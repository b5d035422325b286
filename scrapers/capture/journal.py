"""The journal: the manifest's rows as they come, one JSON line each, written after the bytes.

A line that is there in full therefore names bytes that are there in full, unless the machine (and
not only the process) stopped before the disk had them; `scrapers.capture.recovery` sees to that.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import json as arrow_json

from pipeline.core import tables
from pipeline.core.files import storage_errors
from pipeline.core.schema import MANIFEST

END = "end"
"""The one column that the manifest has not: where the item ends in its shard."""

_ROWS_AT_ONCE: Final = 2_048

Row = dict[str, Any]


class Line(NamedTuple):
    """A row of the journal and the bytes at which its line starts and ends."""

    row: Row
    start: int
    end: int


class Journal:
    """Appends rows to the journal at ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with storage_errors(path):
            self._file: IO[bytes] = path.open("ab")

    def append(self, row: Row) -> None:
        """Hand ``row`` to the kernel, where it outlives this process."""
        with storage_errors(self._path):
            self._file.write(json.dumps(row, ensure_ascii=True).encode() + b"\n")
            self._file.flush()

    def sync(self) -> None:
        """Return once every row is on the disk."""
        with storage_errors(self._path):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close, once."""
        if not self._file.closed:
            self.sync()
            self._file.close()


def read_lines(path: Path) -> Iterator[Line]:
    """The rows of the journal at ``path`` up to the first line that is torn."""
    if not path.exists():
        return
    start = 0
    with path.open("rb") as file:
        for line in file:
            row = _parsed(line)
            if row is None:
                return
            yield Line(row, start, start + len(line))
            start += len(line)


def _parsed(line: bytes) -> Row | None:
    if not line.endswith(b"\n"):
        return None
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def write_manifest(journal: Path, manifest: Path) -> None:
    """Turn the journal into the manifest, a few thousand rows at a time.

    Rows come nearly in the order of the plan: images arrive a little later than pages. Those that
    wait for an earlier one are held back.

    Raises:
        TableError: two rows stand for the same request.
    """
    waiting, following = tables.empty(MANIFEST), 0
    with tables.appending(manifest, MANIFEST) as append:
        for part in _parts(journal):
            waiting = pa.concat_tables([waiting, part]).sort_by("seq").combine_chunks()
            ready = _count_without_gap(waiting["seq"], following)
            append(waiting[:ready])
            waiting, following = waiting[ready:], following + ready
        append(waiting)


def _parts(journal: Path) -> Iterator[pa.Table]:
    """The rows in the order of the journal; Arrow's own streaming reader parses far ahead."""
    options = arrow_json.ParseOptions(
        explicit_schema=MANIFEST.arrow, unexpected_field_behavior="ignore"
    )
    with journal.open("rb") as file:
        while lines := b"".join(itertools.islice(file, _ROWS_AT_ONCE)):
            reading = arrow_json.ReadOptions(use_threads=False, block_size=len(lines))
            yield arrow_json.read_json(pa.BufferReader(lines), reading, options).cast(
                MANIFEST.arrow
            )


def _count_without_gap(seqs: pa.ChunkedArray, following: int) -> int:
    """How many of the sorted ``seqs`` are ``following``, the number after it, and so on."""
    # pyarrow's own way to numpy imports pandas, which takes as much memory as the walk.
    numbers = np.from_dlpack(seqs.chunk(0))
    gaps = np.flatnonzero(numbers != following + np.arange(len(numbers)))
    return int(gaps[0]) if len(gaps) else len(numbers)
