"""What the captures before this one hold: their bodies, and what each address led to last.

A crawl of millions of addresses must not grow with them, so all of this lies in a temporary
SQLite database on the disk, of which a few megabytes are kept in memory. Nothing of it has to
outlive the process: the manifests say all of it again.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

# Bounded, as the rows of a million addresses lie in a file: a capture's memory does not grow.
_CACHE_KIB: Final = 4 * 1024
_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE bodies (
    sha256 BLOB PRIMARY KEY, held_in TEXT, shard TEXT, offset INTEGER, length INTEGER
) WITHOUT ROWID;
CREATE TABLE addresses (
    url BLOB PRIMARY KEY, sha256 BLOB, etag TEXT, last_modified TEXT
) WITHOUT ROWID;
"""


class BodyPlace(NamedTuple):
    """Where the bytes of a page or of an image lie."""

    held_in: str | None
    """Date of the earlier capture that holds them; None for the one that names them."""
    shard: str
    offset: int
    length: int


class Earlier(NamedTuple):
    """What the earlier captures know of an address: the newest body, and its validators."""

    sha256: str
    etag: str | None
    last_modified: str | None


class EarlierCaptures:
    """May be used by several threads; closed, it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_empty = True
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.executescript(_TABLES)
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")

    def close(self) -> None:
        """Delete everything."""
        self._database.close()

    def place(self, sha256: str) -> BodyPlace | None:
        """Where the body with that digest (hex) lies."""
        row = self._row(
            "SELECT held_in, shard, offset, length FROM bodies WHERE sha256 = ?",
            bytes.fromhex(sha256),
        )
        return None if row is None else BodyPlace(*row)

    def add_bodies(self, bodies: Iterable[tuple[str, BodyPlace]]) -> None:
        """Remember many bodies at once."""
        rows = ((bytes.fromhex(sha256), *place) for sha256, place in bodies)
        self._insert("INSERT OR IGNORE INTO bodies VALUES (?, ?, ?, ?, ?)", rows)

    def get(self, url: str) -> Earlier | None:
        """What the earlier captures know of the address ``url``."""
        row = self._row(
            "SELECT sha256, etag, last_modified FROM addresses WHERE url = ?", _address_digest(url)
        )
        return None if row is None else Earlier(row[0].hex(), *row[1:])

    def add_addresses(self, addresses: Iterable[tuple[str, Earlier]]) -> None:
        """Remember what addresses led to; the last that is given for one counts."""
        rows = (
            (_address_digest(url), bytes.fromhex(earlier.sha256), *earlier[1:])
            for url, earlier in addresses
        )
        self._insert("INSERT OR REPLACE INTO addresses VALUES (?, ?, ?, ?)", rows)

    def _insert(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self._lock:
            self._is_empty = False
            self._database.execute("BEGIN")
            self._database.executemany(statement, rows)
            self._database.execute("COMMIT")

    def _row(self, statement: str, key: bytes) -> tuple[Any, ...] | None:
        if self._is_empty:  # as in every first capture
            return None
        with self._lock:
            row: tuple[Any, ...] | None = self._database.execute(statement, (key,)).fetchone()
        return row


def _address_digest(text: str) -> bytes:
    """128 bits that stand for ``text``: among a billion, a collision is out of the question."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
