"""The journal: the manifest's rows as they come, one JSON line each, written after the bytes.

A line that is there in full therefore names bytes that are there in full, unless the machine (and
not only the process) stopped before the disk had them; `scrapers.capture.recovery` sees to that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import json as arrow_json

from pipeline.core import tables
from pipeline.core.files import storage_errors
from pipeline.core.schema import MANIFEST

END = "end"
"""The one column that the manifest has not: where the item ends in its shard."""

_BLOCK_BYTES: Final = 1 << 17
"""The reader keeps several of them in memory, parsed ahead."""

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
    waiting, following = MANIFEST.arrow.empty_table(), 0
    with tables.appending(manifest, MANIFEST) as append:
        for part in _parts(journal):
            waiting = pa.concat_tables([waiting, part]).sort_by("seq").combine_chunks()
            ready = _count_without_gap(waiting["seq"].to_numpy(), following)
            append(waiting[:ready])
            waiting, following = waiting[ready:], following + ready
        append(waiting)


def _parts(journal: Path) -> Iterator[pa.Table]:
    if journal.stat().st_size == 0:
        return
    options = arrow_json.ParseOptions(
        explicit_schema=MANIFEST.arrow, unexpected_field_behavior="ignore"
    )
    reading = arrow_json.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES)
    with arrow_json.open_json(journal, reading, options) as reader:
        for batch in reader:
            yield pa.Table.from_batches([batch]).cast(MANIFEST.arrow)


def _count_without_gap(seqs: npt.NDArray[np.int64], following: int) -> int:
    """How many of the sorted ``seqs`` are ``following``, the number after it, and so on."""
    gaps = np.flatnonzero(seqs != following + np.arange(len(seqs)))
    return int(gaps[0]) if len(gaps) else len(seqs)
