"""The requests of a capture in the making, by kind and address: an SQLite file beside its shards.

A capture is resumed by walking the site again from its beginning: what has a final answer is
answered from here, everything else is asked for. So it does not matter where a run stopped, in
which order answers came, or whether the site showed something else meanwhile.

A row goes through these states:

``asked``
    the walk came by, and no answer was kept yet;
``retry``
    it failed in a way that may pass (a timeout, a 5xx), and was not given up;
``final``
    anything else: bytes, an absence, a refusal, or a failure that asking again does not mend.

The bytes of a body are in their shard before the row is here, and a recorded row outlives the
process. What the walk came by is written along with the next answer: a commit costs as much as all
else that a request needs here.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.json as arrow_json

from pipeline.core import tables
from pipeline.core.errors import BusyError, CaptureError, StorageError
from pipeline.core.schema import MANIFEST, Fetch
from scrapers.capture.file_names import IMAGE, PAGE

ASKED, RETRY, FINAL = "asked", "retry", "final"

Row = dict[str, Any]
"""A row of the manifest without its ``seq``, and where its body ends if it was stored for it."""

_OF_MANIFEST: Final = tuple(name for name in MANIFEST.arrow.names if name != "seq")
_COLUMNS: Final = (*_OF_MANIFEST, "end")
_QUOTED: Final = ", ".join(f'"{name}"' for name in _COLUMNS)
_SCHEMA: Final = f"""
PRAGMA locking_mode = EXCLUSIVE;  -- no shared memory beside the file, which NFS has not
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS requests (
    {_QUOTED},
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    place INTEGER NOT NULL,  -- in the order of the walk that asked for it last
    walk INTEGER NOT NULL,   -- the number of that walk
    PRIMARY KEY (kind, url)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_body ON requests (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_shard ON requests (kind, shard, "offset") WHERE "end" IS NOT NULL;
CREATE TEMP TABLE met (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_SAVE: Final = (
    f"INSERT OR REPLACE INTO requests ({_QUOTED}, state, tries, place, walk) "  # noqa: S608 - names
    f"VALUES ({', '.join('?' * (len(_COLUMNS) + 4))})"
)
_FIELDS: Final = ", ".join(
    f"'{name}', {quoted}" for name, quoted in zip(_COLUMNS, _QUOTED.split(", "), strict=True)
)
_AS_JSON: Final = (
    f"SELECT json_object('seq', row_number() OVER last_walk - 1, {_FIELDS}) "  # noqa: S608 - names
    "FROM requests WINDOW last_walk AS (ORDER BY walk <> :walk, place, kind, url)"
)
"""In the order of the window; an ORDER BY beside it would sort a second time."""
_STORAGE_CODES: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,  # also what a limit on the size of files comes to
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
    }
)
TOO_LONG: Final = re.compile(r"longer than the ([0-9,]+) bytes allowed")
"""How `scrapers.http.http_session` says that it broke off an answer."""


class Answer(NamedTuple):
    """What is known of an address when the walk comes by."""

    repeated: bool = False
    """Whether this walk came by before."""
    state: str = ASKED
    tries: int = 0
    fetch: Fetch | None = None
    sha256: str | None = None
    """Of the body, where one came."""

    @property
    def is_known(self) -> bool:
        """Whether nothing is to be fetched: it is final, or this walk has asked already."""
        return self.repeated or self.state == FINAL


class StoredBody(NamedTuple):
    """A body in a shard of this capture, and the request that brought it."""

    kind: str
    url: str
    sha256: str
    shard: str
    offset: int
    length: int
    end: int


class RequestStore:
    """The requests of one capture; used by one thread, and by one process at a time."""

    def __init__(self, path: Path | None) -> None:
        """Open the file at ``path``, or a temporary one.

        Raises:
            CaptureError: the file is torn, or is none of this kind.
            BusyError: another process has it open.
            StorageError: the disk is full.
        """
        self._path = path
        with self._errors():
            self._database = sqlite3.connect("" if path is None else path)
            self._database.executescript(_SCHEMA)
            (last,) = self._row("SELECT max(walk) FROM requests") or (None,)
            self.counts = self._counted()
        self._walk, self._place = 1 + (last or 0), 0

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = error.sqlite_errorcode & 0xFF
            if code == sqlite3.SQLITE_BUSY:
                raise BusyError(
                    f"{self._path} is in use by another process; wait for it to end"
                ) from error
            if code in _STORAGE_CODES:
                raise StorageError(
                    f"{self._path}: {error}; make room, or the folder writable, and run the same "
                    f"command again"
                ) from error
            raise CaptureError(
                f"{self._path}: cannot be read as the requests of a capture ({error}); delete "
                f"the folder {self._path.parent if self._path else ''} to capture again"
            ) from error

    def close(self) -> None:
        """Leave the file to the next run; a temporary one is gone."""
        self._database.close()

    # -- the walk -------------------------------------------------------------------------------

    def begin_walk(self) -> None:
        """Start from the beginning: nothing was asked for yet by this walk."""
        with self._errors():
            self._walk, self._place = self._walk + 1, 0
            self._database.execute("DELETE FROM met")

    def is_new(self, name: str) -> bool:
        """Whether this walk meets the name for the first time."""
        with self._errors():
            met = self._database.execute("INSERT OR IGNORE INTO met VALUES (?)", (name,))
            return met.rowcount == 1

    def ask(self, kind: str, urls: Sequence[str]) -> Answer:
        """Note that the walk comes by an address, or by the ``urls`` of one image, best first.

        Of several, a final answer to any of them is the answer. That no derivative is there is an
        answer only once the original is not there either, which the fetcher records as one row.
        """
        known = [(url, row) for url in urls if (row := self._answered(kind, url)) is not None]
        for _, row in known:
            if row[0] == self._walk:
                return Answer(True, *row[1:])
        url, row = next(
            ((url, row) for url, row in known if row[1] == FINAL),
            known[0] if known else (urls[0], None),
        )
        self._place += 1
        with self._errors():
            if row is None:
                self._insert({"kind": kind, "url": url}, ASKED, tries=0)
                return Answer()
            # What is asked for again is recorded as asked for by the first address, whichever of
            # them failed before: the derivative may have been gone and the original cut off.
            self._database.execute(
                "UPDATE requests SET url = ?, place = ?, walk = ? WHERE kind = ? AND url = ?",
                (url if row[1] == FINAL else urls[0], self._place, self._walk, kind, url),
            )
        return Answer(False, *row[1:])

    def _answered(self, kind: str, url: str) -> tuple[Any, ...] | None:
        return self._row(
            "SELECT walk, state, tries, fetch, sha256 FROM requests WHERE kind = ? AND url = ?",
            (kind, url),
        )

    def outcome_of(self, kind: str, url: str) -> str | None:
        """What became of an address (`Fetch`); None while nothing did."""
        row = self._row("SELECT fetch FROM requests WHERE kind = ? AND url = ?", (kind, url))
        return None if row is None else row[0]

    def record(self, row: Row, *, asked_as: str, may_pass: bool, give_up: bool) -> None:
        """Keep what became of a request that `ask` was told of.

        Args:
            row: the row of the manifest, under the address that answered.
            asked_as: the first of the addresses that it was asked for by.
            may_pass: whether it failed in a way that another walk may not meet again.
            give_up: whether such a failure is final all the same.
        """
        kind, url = row["kind"], row["url"]
        asked = self._row(
            "SELECT place, tries, fetch FROM requests WHERE kind = ? AND url = ?", (kind, asked_as)
        )
        if asked is None:
            raise KeyError(asked_as)
        place, tries, before = asked
        if asked_as != url and (held := self._answered(kind, url)) is not None and held[1] == FINAL:
            # Two images of one walk led to one address: its row, and its body, are there already.
            self._forget(kind, asked_as)
            return
        tries += may_pass
        state = RETRY if may_pass and not give_up else FINAL
        with self._errors():
            if asked_as != url:
                self._forget(kind, asked_as)
            self._insert(row, state, tries=tries, place=place)
            self._database.commit()
        if before is not None:
            self.counts[kind][before] -= 1
        self.counts[kind][row["fetch"]] += 1

    def _insert(self, row: Row, state: str, *, tries: int, place: int | None = None) -> None:
        values = (row.get(name) for name in _COLUMNS)
        place = self._place if place is None else place
        self._database.execute(_SAVE, (*values, state, tries, place, self._walk))

    def _forget(self, kind: str, url: str) -> None:
        with self._errors():
            self._database.execute("DELETE FROM requests WHERE kind = ? AND url = ?", (kind, url))

    def retries(self) -> dict[int, int]:
        """How many addresses of this walk are to be asked for again, by how often they failed."""
        with self._errors():
            return dict(
                self._database.execute(
                    "SELECT tries, count(*) FROM requests WHERE state = ? AND walk = ? "
                    "GROUP BY tries",
                    (RETRY, self._walk),
                )
            )

    def answered_by(self, kind: str, origin: str) -> str | None:
        """An address of the host that gave bytes; None where none did."""
        row = self._row(
            "SELECT url FROM requests WHERE kind = ? AND url BETWEEN ? AND ? "
            "AND sha256 IS NOT NULL LIMIT 1",
            (kind, f"{origin}/", f"{origin}0"),  # 0 is the character after the slash
        )
        return None if row is None else row[0]

    # -- the bodies -----------------------------------------------------------------------------

    def stored_body(self, sha256: str) -> StoredBody | None:
        """Where a body lies in the shards of this capture."""
        return next(self._bodies("AND sha256 = ?", (sha256,)), None)

    def last_shard(self, kind: str) -> str | None:
        """The shard in which the newest body of a kind lies; they are numbered."""
        row = self._row(
            'SELECT max(shard) FROM requests WHERE kind = ? AND "end" IS NOT NULL', (kind,)
        )
        return None if row is None else row[0]

    def shard_ends(self, kind: str) -> dict[str, int]:
        """The byte behind the last body of each shard of a kind, by its name."""
        with self._errors():
            return dict(
                self._database.execute(
                    'SELECT shard, max("end") FROM requests '
                    'WHERE kind = ? AND "end" IS NOT NULL GROUP BY shard',
                    (kind,),
                )
            )

    def bodies_in(self, kind: str, shard: str) -> Iterator[StoredBody]:
        """The bodies of one shard, in the order of the file."""
        return self._bodies('AND kind = ? AND shard = ? ORDER BY "offset"', (kind, shard))

    def _bodies(self, where: str, parameters: tuple[Any, ...]) -> Iterator[StoredBody]:
        with self._errors():
            rows = self._database.execute(
                'SELECT kind, url, sha256, shard, "offset", bytes, "end" FROM requests '  # noqa: S608
                f'WHERE "end" IS NOT NULL {where}',
                parameters,
            )
            yield from map(StoredBody._make, rows)

    def forget_bodies(self, kind: str, shard: str, offset: int) -> None:
        """Forget the bodies of a shard from ``offset`` on, and every answer that led to them."""
        with self._errors():
            self._database.execute(
                "DELETE FROM requests WHERE sha256 IN (SELECT sha256 FROM requests WHERE kind = ? "
                'AND shard = ? AND "end" IS NOT NULL AND "offset" >= ?) AND held_in IS NULL',
                (kind, shard, offset),
            )
            self._database.commit()
            self.counts = self._counted()

    def forget_too_long(self, max_bytes: int) -> None:
        """Forget the answers that were longer than was allowed then, if so much is allowed now."""
        with self._errors():
            failed = self._database.execute(
                "SELECT kind, url, error FROM requests WHERE fetch = ? AND state = ?",
                (Fetch.FAILED, FINAL),
            )
            for kind, url, error in failed.fetchall():
                limit = TOO_LONG.search(error or "")
                if limit is not None and int(limit[1].replace(",", "")) < max_bytes:
                    self._forget(kind, url)
            self._database.commit()
            self.counts = self._counted()

    def take_over(self, rows: Iterator[Row]) -> None:
        """Keep the rows of a capture that was begun by an earlier version."""
        with self._errors():
            for row in rows:
                failed = row["fetch"] == Fetch.FAILED
                self._insert(row, RETRY if failed else FINAL, tries=int(failed))
            self._database.commit()
            self.counts = self._counted()

    # -- the whole ------------------------------------------------------------------------------

    def sync(self) -> None:
        """Return once every row is on the disk."""
        with self._errors():
            self._database.commit()  # what the walk came by since the last answer
            self._database.execute("PRAGMA wal_checkpoint(FULL)")

    def total_bytes(self) -> tuple[int, int]:
        """Bytes of the bodies stored here, and of those that rows refer to in earlier captures."""
        row = self._row(
            'SELECT total(CASE WHEN "end" IS NOT NULL THEN bytes END), '
            "total(CASE WHEN held_in IS NOT NULL THEN bytes END) FROM requests"
        )
        stored, referred = row or (0, 0)
        return int(stored), int(referred)

    def export(self, manifest: Path) -> None:
        """Write the manifest: the requests in the order of the last walk.

        What only an earlier walk came by, which a failure had sent another way, is left out, but
        for images that no other request brought: none that the site showed is lost.
        """
        with self._errors():
            self._database.execute(
                "DELETE FROM requests WHERE walk <> ? AND NOT (kind = ? AND sha256 IS NOT NULL "
                "AND sha256 NOT IN (SELECT sha256 FROM requests WHERE walk = ? "
                "AND sha256 IS NOT NULL))",
                (self._walk, IMAGE, self._walk),
            )
            self.counts = self._counted()
            rows = self._database.execute(_AS_JSON, {"walk": self._walk})
            with tables.appending(manifest, MANIFEST) as append:
                while batch := rows.fetchmany(tables.BATCH_ROWS):
                    append(_table(line for (line,) in batch))

    def _counted(self) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {PAGE: Counter(), IMAGE: Counter()}
        grouped = "SELECT kind, fetch, count(*) FROM requests GROUP BY kind, fetch"
        for kind, fetch, count in self._database.execute(grouped):
            if fetch is not None:
                counts[kind][fetch] = count
        return counts

    def _row(self, statement: str, parameters: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        with self._errors():
            row: tuple[Any, ...] | None = self._database.execute(statement, parameters).fetchone()
        return row


def _table(lines: Iterable[str]) -> pa.Table:
    """Rows of the manifest from their JSON; Arrow's own way from Python imports pandas (40 MiB)."""
    text = "\n".join(lines).encode()
    return arrow_json.read_json(
        pa.BufferReader(text),
        arrow_json.ReadOptions(use_threads=False, block_size=len(text)),
        arrow_json.ParseOptions(explicit_schema=MANIFEST.arrow, unexpected_field_behavior="ignore"),
    ).cast(MANIFEST.arrow)
