"""Writes files of an export, and their records: path, length and digest.

JSON is alike in all of them: sorted keys, UTF-8, one object a line.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from pipeline.core.files import storage_errors


class FileRecord(NamedTuple):
    """One file of an export."""

    path: str
    """Below the export's folder."""
    bytes: int
    sha256: str

    def is_at(self, folder: Path) -> bool:
        """Whether the file lies below ``folder`` as it was written."""
        return self.problem_at(folder) is None

    def problem_at(self, folder: Path) -> str | None:
        """What is wrong with the file below ``folder``; None where nothing is."""
        file = folder / self.path
        try:
            length = file.stat().st_size
            if length != self.bytes:
                return f"{self.path}: {length:,} bytes instead of {self.bytes:,}"
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
        except (FileNotFoundError, NotADirectoryError):
            return f"{self.path}: missing"
        return None if digest == self.sha256 else f"{self.path}: its bytes have changed"


class _Digesting(io.RawIOBase):
    """Passes what is written on to a file, and digests it on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._digest = hashlib.sha256()
        self._length = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._digest.update(data)
        self._length += len(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._length

    def record(self, path: str) -> FileRecord:
        """What was written so far."""
        return FileRecord(path, self._length, self._digest.hexdigest())


class Writer:
    """Writes files below ``folder`` and remembers their records, in the order they were begun."""

    def __init__(self, folder: Path) -> None:
        """Begin with no file."""
        self.folder = folder
        self.records: list[FileRecord] = []

    def add(self, path: str, data: bytes) -> None:
        """Write one file at once."""
        file = self.folder / path
        with storage_errors(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        self.records.append(FileRecord(path, len(data), hashlib.sha256(data).hexdigest()))

    @contextmanager
    def opened(self, path: str) -> Iterator[IO[bytes]]:
        """Write one file bit by bit, from its beginning to its end."""
        file = self.folder / path
        with storage_errors(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as target:
                digesting = _Digesting(target)
                yield cast("IO[bytes]", digesting)
        self.records.append(digesting.record(path))


def compact(value: Any) -> bytes:
    """``value`` on one line."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False).encode(
        "utf-8", "backslashreplace"
    )


def line(value: Any) -> bytes:
    """``value`` on one line that ends."""
    return compact(value) + b"\n"
