"""A series of files that only grow: a new one is begun where the next item would not fit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple

from pipeline.core.files import storage_errors


class Place(NamedTuple):
    """Where an item was put."""

    shard: str
    start: int
    end: int


class Series:
    """Appends items to ``pattern.format(0)``, ``pattern.format(1)``, ... in ``folder``.

    Where a file ends depends on the items alone, never on when or in how many runs they came.
    """

    def __init__(
        self,
        folder: Path,
        pattern: str,
        limit: int,
        *,
        opening: Callable[[str], bytes] = lambda _: b"",
        closing: bytes = b"",
        last: Place | None = None,
    ) -> None:
        """Start anew, or go on behind ``last``; what lies behind that is cut off.

        Args:
            folder: where the files are.
            pattern: their names, with a place for the number.
            limit: bytes of items after which a file is full; one item always fits.
            opening: the bytes a file of a given name starts with.
            closing: the bytes with which a full file ends.
            last: the last item that counts, when an earlier run is continued.
        """
        self._folder, self._pattern, self._limit = folder, pattern, limit
        self._opening, self._closing = opening, closing
        self._file: IO[bytes] | None = None
        self._number, self._end, self._is_empty = -1, 0, True
        if last is not None:
            self._go_on_behind(last)
        self._remove_later_files()

    def append(self, item: bytes) -> Place:
        """Hand ``item`` to the kernel as a whole, where it outlives this process; see `sync`."""
        file = self._file
        # One item always fits: an image larger than the limit has a shard to itself.
        if file is None or (not self._is_empty and self._end + len(item) > self._limit):
            file = self._begin_next()
        start = self._end
        self._write(file, item)
        self._is_empty = False
        return Place(self._pattern.format(self._number), start, self._end)

    def sync(self) -> None:
        """Return once everything appended is on the disk."""
        if self._file is not None:
            with storage_errors(Path(self._file.name)):
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """End the last file, so that it is complete in its own format."""
        if self._file is not None:
            self._write(self._file, self._closing)
        self.abandon()

    def abandon(self) -> None:
        """Leave the last file as it is, for another run to go on with."""
        if self._file is not None:
            file, self._file = self._file, None
            with storage_errors(Path(file.name)), file:
                os.fsync(file.fileno())

    def _write(self, file: IO[bytes], data: bytes) -> None:
        with storage_errors(Path(file.name)):
            file.write(data)
            # To the kernel, which outlives the process; to the disk with `sync`, once a second.
            file.flush()
        self._end += len(data)

    def _begin_next(self) -> IO[bytes]:
        self.close()
        self._number += 1
        path = self._folder / self._pattern.format(self._number)
        with storage_errors(path):
            self._file = path.open("wb")
        self._end, self._is_empty = 0, True
        self._write(self._file, self._opening(path.name))
        return self._file

    def _go_on_behind(self, last: Place) -> None:
        path = self._folder / last.shard
        with storage_errors(path):
            self._file = path.open("r+b")
            # Half an item of a killed run, or the closing bytes of a finished one, lie behind it.
            self._file.truncate(last.end)
            self._file.seek(last.end)
        self._number = int("".join(re.findall(r"\d+", last.shard)[:1]))
        self._end, self._is_empty = last.end, False

    def _remove_later_files(self) -> None:
        number = self._number + 1
        while (path := self._folder / self._pattern.format(number)).exists():
            path.unlink()
            number += 1
