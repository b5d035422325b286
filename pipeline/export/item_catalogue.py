"""The rows of an export while it is made, in SQLite on the disk.

A million rows must not need more memory than a thousand, so tables come in by batches, and what is
to be written is read part by part; SQLite keeps a few megabytes of it in memory.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pipeline.export.exported_items import (
    ITEMS,
    OF_LISTING,
    UNKNOWN_CREATOR,
    Class,
    Item,
    Part,
    Value,
    classes,
    item_of,
)
from pipeline.export.sqlite import sqlite_errors

# SQLite's: an export of a million images takes no more memory than one of a thousand.
_CACHE_KIB: Final = 8 * 1024
_TABLES: Final = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE image (
    image_id TEXT PRIMARY KEY, sha256 TEXT, captured TEXT, kind TEXT, width INTEGER, height INTEGER
) WITHOUT ROWID;
CREATE TABLE listing (
    image_id TEXT PRIMARY KEY, capture TEXT, {", ".join(OF_LISTING)}
) WITHOUT ROWID;
CREATE TABLE withheld (image_id TEXT PRIMARY KEY, why TEXT) WITHOUT ROWID;
CREATE TABLE place (
    image_id TEXT PRIMARY KEY, path TEXT, offset INTEGER, length INTEGER
) WITHOUT ROWID;
CREATE TABLE item (
    image_id TEXT, transform TEXT, split TEXT, creator TEXT, rights TEXT, shard TEXT, row INTEGER,
    kind TEXT
);
CREATE TABLE class (creator TEXT PRIMARY KEY, label INTEGER, folder TEXT) WITHOUT ROWID;
"""


class Catalogue:
    """The rows of one export in the file at ``path``; a reader never changes them."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the file, or begin a new one."""
        self.path = path
        if create:
            path.unlink(missing_ok=True)
        mode = "rwc" if create else "ro&immutable=1"
        with sqlite_errors(path):
            self._database = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None
            )
            if create:
                self._database.executescript(_TABLES)
            self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add_images(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows (image_id, sha256, captured, kind, width, height)."""
        self._insert("INSERT INTO image VALUES (?, ?, ?, ?, ?, ?)", rows)

    def add_listings(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows (image_id, capture, then `OF_LISTING`).

        The first of an image counts, but that a later capture knows better.
        """
        marks = ", ".join("?" * (2 + len(OF_LISTING)))
        better = ", ".join(f"{name} = excluded.{name}" for name in ("capture", *OF_LISTING))
        self._insert(
            f"INSERT INTO listing VALUES ({marks}) ON CONFLICT DO UPDATE SET {better} "  # noqa: S608
            "WHERE excluded.capture > listing.capture",
            rows,
        )

    def add_places(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows (image_id, path, offset, length); the first of an image counts."""
        self._insert("INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?)", rows)

    def withhold(self, rows: Iterable[tuple[str, str]]) -> None:
        """Add rows (image_id, why it may not leave)."""
        self._insert("INSERT OR IGNORE INTO withheld VALUES (?, ?)", rows)

    def add_items(self, rows: Iterable[tuple[Any, ...]], kind: str | None) -> None:
        """Add rows (image_id, transform, split, creator, rights, shard, row), by image_id.

        ``kind`` is the suffix of all their files; where it is None, it is that of their bytes.
        """
        of_item = "?" if kind is not None else "(SELECT kind FROM image WHERE image_id = ?)"
        creator = f"coalesce(?, '{UNKNOWN_CREATOR}')"
        self._insert(
            f"INSERT INTO item VALUES (?, ?, ?, {creator}, ?, ?, ?, {of_item})",  # noqa: S608
            ((*row, row[0] if kind is None else kind) for row in rows),
        )

    def drop_withheld(self) -> dict[str, int]:
        """Take out what may not leave; how many images that were, by why."""
        by_reason = (
            "SELECT why, count(DISTINCT image_id) FROM item JOIN withheld USING (image_id) "
            "GROUP BY why ORDER BY why"
        )
        dropped = dict(self._database.execute(by_reason).fetchall())
        with sqlite_errors(self.path):
            self._database.execute(
                "DELETE FROM item WHERE image_id IN (SELECT image_id FROM withheld)"
            )
        return dropped

    def images_by_rights(self) -> dict[str | None, int]:
        """How many images have each label, the commonest first."""
        asked = (
            "SELECT rights, count(DISTINCT image_id) AS images FROM item GROUP BY rights "
            "ORDER BY images DESC, rights"
        )
        return dict(self._database.execute(asked).fetchall())

    def drop_rights(self, labels: Iterable[str | None]) -> None:
        """Take out the images with these labels."""
        with sqlite_errors(self.path):
            self._database.executemany(
                "DELETE FROM item WHERE rights IS ?", ((label,) for label in labels)
            )

    def settle(self) -> list[Class]:
        """Number the classes of what is left, and sort it; nothing is added afterwards."""
        named = self._database.execute("SELECT DISTINCT creator FROM item")
        of_items = classes(creator for (creator,) in named)
        rows = ((each.creator, each.label, each.folder) for each in of_items)
        self._insert("INSERT INTO class VALUES (?, ?, ?)", rows)
        with sqlite_errors(self.path):
            self._database.execute("CREATE INDEX by_part ON item (split, kind, shard, image_id)")
            self._database.execute("CREATE INDEX by_split ON item (split, image_id)")
        return of_items

    def classes(self) -> list[Class]:
        """The classes by label, once they are settled."""
        asked = "SELECT label, creator, folder FROM class ORDER BY label"
        return [Class(*row) for row in self._database.execute(asked)]

    def parts(self, *, by_kind: bool, by_shard: bool) -> list[Part]:
        """What the files of the export hold; their names number the shards of a split in order."""
        kind, shard = "kind" if by_kind else "NULL", "shard" if by_shard else "NULL"
        asked = f"SELECT DISTINCT split, {kind}, {shard} FROM item ORDER BY 1 DESC, 2, 3"  # noqa: S608
        contents = [tuple(row) for row in self._database.execute(asked)]
        return [
            Part(_name(group, number if by_shard else None), *row)
            for group, rows in itertools.groupby(contents, key=lambda row: row[:2])
            for number, row in enumerate(rows)
        ]

    def items(self, part: Part) -> Iterator[Item]:
        """The pictures of ``part`` by key; each time anew."""
        asked, values = ["split = ?"], [part.split]
        for column, value in (("item.kind", part.kind), ("shard", part.shard)):
            if value is not None:
                asked.append(f"{column} = ?")
                values.append(value)
        order = f"{ITEMS} WHERE {' AND '.join(asked)} ORDER BY image_id, key"
        yield from map(item_of, self._database.execute(order, values))

    def count(self, column: str) -> dict[Any, tuple[int, int]]:
        """Pictures and images by a column of items, images or listings, sorted by it."""
        asked = (
            f"SELECT {column}, count(*), count(DISTINCT image_id) FROM item "  # noqa: S608
            f"JOIN image USING (image_id) LEFT JOIN listing USING (image_id) "
            f"GROUP BY 1 ORDER BY 1"
        )
        return {
            value: (pictures, images) for value, pictures, images in self._database.execute(asked)
        }

    def extent(self, of: str) -> tuple[Value, Value]:
        """The least and the greatest value of an expression over images and their listings."""
        asked = (
            f"SELECT min({of}), max({of}) FROM item "  # noqa: S608
            f"JOIN image USING (image_id) LEFT JOIN listing USING (image_id)"
        )
        least_and_greatest: tuple[Value, Value] = self._database.execute(asked).fetchone()
        return least_and_greatest

    def paths_needed(self) -> list[Path]:
        """The files of captures that hold what is to be exported."""
        asked = "SELECT DISTINCT path FROM item JOIN place USING (image_id) ORDER BY path"
        return [Path(path) for (path,) in self._database.execute(asked)]

    def shards_needed(self) -> list[str]:
        """The pixel shards that hold what is to be exported."""
        asked = "SELECT DISTINCT shard FROM item ORDER BY shard"
        return [shard for (shard,) in self._database.execute(asked)]

    def without_place(self) -> tuple[int, str | None]:
        """How many images have no bytes in any capture, and one of them."""
        asked = (
            "SELECT count(DISTINCT image_id), min(image_id) FROM item "
            "WHERE image_id NOT IN (SELECT image_id FROM place)"
        )
        count_and_example: tuple[int, str | None] = self._database.execute(asked).fetchone()
        return count_and_example

    def _insert(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with sqlite_errors(self.path):
            self._database.execute("BEGIN")
            self._database.executemany(statement, rows)
            self._database.execute("COMMIT")


def _name(group: tuple[str, str | None], number: int | None) -> str:
    split, kind = group
    words = [split, kind, None if number is None else f"{number:05d}"]
    return "-".join(word for word in words if word is not None)
