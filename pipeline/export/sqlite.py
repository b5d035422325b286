"""What SQLite says of a full disk, in our words; and a set of paths that lies on the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.errors import StorageError


class PathSet:
    """Paths of files, of which a million need no more memory than a thousand."""

    def __init__(self) -> None:
        """Begin without any, in a temporary file of SQLite's own."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE file (path TEXT PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> PathSet:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, paths: Iterable[str]) -> None:
        """Remember some more."""
        with sqlite_errors(Path("a temporary file")):
            self._database.execute("BEGIN")
            self._database.executemany(
                "INSERT OR IGNORE INTO file VALUES (?)", ((path,) for path in paths)
            )
            self._database.execute("COMMIT")

    def __contains__(self, path: object) -> bool:
        asked = self._database.execute("SELECT 1 FROM file WHERE path = ?", (path,))
        return asked.fetchone() is not None


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """SQLite's words for a full disk as ours; it reports a limit of file sizes as an I/O error."""
    try:
        yield
    except sqlite3.OperationalError as error:
        primary = error.sqlite_errorcode & 0xFF
        if primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
            raise StorageError(
                f"{path}: {error}; make room and run the same command again"
            ) from error
        raise
