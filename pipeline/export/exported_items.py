"""What an export holds: parts, which are its files, items, which are its pictures, and classes.

`FACTS` are the columns of every format, declared once. A listing's description (somebody's prose),
its prices and sellers are not among them, and never leave. Readers number class folders in the
order of their names, so classes have their labels in that order, and a label means the same to all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import pyarrow as pa

from pipeline.core.transforms import Symmetry

Value = str | int | None


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    kind: Literal["text", "whole number", "address"]
    meaning: str

    @property
    def arrow(self) -> pa.DataType:
        """Its type in tables."""
        return pa.int64() if self.kind == "whole number" else pa.string()


FACTS: Final = (
    Column("key", "text", "names the picture: image_id, and the transform where it is a variant"),
    Column("image_id", "text", "the first 24 hex digits of the sha256 of the bytes as fetched"),
    Column("transform", "text", "what was done to the square; identity: nothing"),
    Column("split", "text", "train, or held_out to judge a model"),
    Column("label", "whole number", "index of the class, from 0 without gaps; see classes.json"),
    Column(
        "rights", "text", "the label of rights as given, several by ' / ' where listings differ"
    ),
    Column("page_url", "address", "the page on which the picture was listed"),
    Column("image_url", "address", "the address from which the bytes came"),
    Column("source", "text", "the site; files: own files"),
    Column("listing_id", "text", "id of the listing, as the site or table gives it"),
    Column("captured", "text", "date of the capture that brought the bytes"),
    Column("creator", "text", "slug of the artist or brand"),
    Column("creator_name", "text", "the artist or brand as the site or table writes it"),
    Column("title", "text", "title of the work or the listing"),
    Column("model", "text", "model of what is listed, such as a watch"),
    Column("reference", "text", "its maker's reference number, such as a watch has"),
    Column("year", "whole number", "first year that the page names"),
    Column("style", "text", "style of the work"),
    Column("genre", "text", "genre of the work"),
    Column("media", "text", "what the work is made of"),
    Column("width", "whole number", "of the picture as fetched, upright, in pixels"),
    Column("height", "whole number", "of the picture as fetched, upright, in pixels"),
)

COLUMNS: Final = [pa.field(fact.name, fact.arrow) for fact in FACTS]
"""The facts as columns of a table."""

OF_LISTING: Final = (
    "page_url", "image_url", "source", "listing_id", "creator_name", "title", "model",
    "reference", "year", "style", "genre", "media",
)  # fmt: skip
"""Facts that come from the first listing of an image, under the same name in its table."""

UNKNOWN_CREATOR: Final = "unknown"
"""Class of the images of which no listing names a creator: readers want all labelled or none."""


class Part(NamedTuple):
    """The pictures that one file holds: of one split, and perhaps of one kind and one shard."""

    name: str
    split: str
    kind: str | None
    shard: str | None


class ByteRange(NamedTuple):
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
    place: ByteRange | None


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
    place = None if path is None else ByteRange(_as_path(path), offset, length)
    return Item(row[0], kind, folder, facts, shard, number, Symmetry(transform), sha256, place)


_FACT_NAMES: Final = tuple(fact.name for fact in FACTS)
_as_path: Final = lru_cache(64)(Path)  # a shard holds a thousand images


_UNSAFE: Final = re.compile(r"[^a-z0-9_.-]|^[._-]|\.$")
_LONGEST: Final = 120
"""Bytes of a folder's name; file systems allow 255."""
# Tells two long names apart that are alike up to where a file name must end (255 bytes).
_DIGEST: Final = 8


@dataclass(frozen=True)
class Class:
    """A creator as a class; labels begin at 0 and have no gaps."""

    label: int
    creator: str
    folder: str


def classes(creators: Iterable[str]) -> list[Class]:
    """The classes of ``creators``, by label."""
    named = sorted({(folder_name(creator), creator) for creator in creators})
    return [Class(label, creator, folder) for label, (folder, creator) in enumerate(named)]


def folder_name(creator: str) -> str:
    """``creator`` as the name of a folder that every reader takes: no two become the same.

    Readers pass over names that begin with a dot or two underscores, a slash would make two
    folders of one, and neither an accent nor a capital letter means the same to every disk.

    >>> folder_name("mark-rothko"), folder_name("a/b"), folder_name("..")
    ('mark-rothko', 'a%2Fb', '%2E%2E')
    """
    name = _UNSAFE.sub(lambda unsafe: _escaped(unsafe[0]), creator) or "%"
    if len(name.encode()) <= _LONGEST:
        return name
    digest = hashlib.sha256(creator.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{name.encode()[: _LONGEST - _DIGEST - 1].decode(errors='ignore')}%{digest}"


def _escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))
