"""What an export writes: parts, which are its files, and items, which are its pictures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipeline.core.symmetries import Symmetry
from pipeline.export.facts import FACTS, Value


class Part(NamedTuple):
    """The pictures that one file holds: of one split, and perhaps of one kind and one shard."""

    name: str
    split: str
    kind: str | None
    shard: str | None


class Place(NamedTuple):
    """Where the bytes of an image lie as they were fetched."""

    path: Path
    offset: int
    length: int


class Item(NamedTuple):
    """One picture to be exported: what is told of it, and where its pixels and bytes are."""

    key: str
    kind: str
    """Suffix of its file, such as png."""
    folder: str
    """Of its class."""
    facts: dict[str, Value]
    shard: str
    row: int
    transform: Symmetry
    sha256: str
    place: Place | None


_KEY: Final = (
    f"CASE transform WHEN '{Symmetry.IDENTITY}' THEN image_id ELSE image_id || '-' || transform END"
)
_IN_SQL: Final = {"key": f"{_KEY} AS key", "creator": "item.creator"}
ITEMS: Final = f"""
SELECT {", ".join(_IN_SQL.get(fact.name, fact.name) for fact in FACTS)},
       item.kind, class.folder, shard, row, transform, sha256, path, offset, length
FROM item JOIN image USING (image_id) JOIN class ON class.creator = item.creator
     LEFT JOIN listing USING (image_id) LEFT JOIN place USING (image_id)
"""  # noqa: S608 - names of our own columns


def item_of(row: tuple[Any, ...]) -> Item:
    """The item that a row of `ITEMS` tells of."""
    facts = dict(zip(_FACT_NAMES, row, strict=False))
    kind, folder, shard, number, transform, sha256, path, offset, length = row[len(FACTS) :]
    place = None if path is None else Place(_as_path(path), offset, length)
    return Item(row[0], kind, folder, facts, shard, number, Symmetry(transform), sha256, place)


_FACT_NAMES: Final = tuple(fact.name for fact in FACTS)
_as_path: Final = lru_cache(64)(Path)  # a shard holds a thousand images
