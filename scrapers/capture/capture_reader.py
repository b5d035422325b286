"""Reading captures: the rows, pages and images of what a site sent on one day."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core import tables
from pipeline.core.errors import CaptureError
from pipeline.core.ids import image_id_of
from pipeline.core.schema import MANIFEST
from scrapers.capture.capture_description import CaptureDescription, canonical, read_description
from scrapers.capture.earlier import BodyPlace, Earlier, EarlierCaptures
from scrapers.capture.file_names import IMAGE, PAGE
from scrapers.capture.file_names import MANIFEST as MANIFEST_FILE
from scrapers.capture.image_shards import ImageEntry, ShardEntry, read_image_shard
from scrapers.capture.page_shards import PageReader

_PAGE_COLUMNS: Final = ["url", "held_in", "shard", "offset", "bytes", "sha256"]
_KNOWN_COLUMNS: Final = [
    *("url", "sha256", "etag", "last_modified"),
    *("held_in", "shard", "offset", "bytes"),
]
_ROWS_AT_ONCE: Final = 4096


@dataclass(frozen=True)
class CapturedPage:
    """One document as it was kept: JSON as sent, or the DOM after the page's scripts ran."""

    url: str
    """Canonical."""
    body: bytes
    """UTF-8."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")


class Capture:
    """A capture in ``folder``; finished ones only, unless ``strict`` is off."""

    def __init__(self, folder: Path, *, strict: bool = True) -> None:
        """Open the capture in ``folder``.

        Raises:
            CaptureError: there is none, or it is unfinished (and ``strict`` is on).
        """
        self.folder = folder
        description = read_description(folder)
        if description is None:
            raise CaptureError(f"{folder}: no capture here; run `salon scrape` for its collection")
        if strict and not description.complete:
            raise CaptureError(
                f"{folder}: the capture is unfinished; run `salon scrape {folder.parent.name}` "
                f"again, it goes on where it stopped"
            )
        self.description: CaptureDescription = description

    @property
    def site(self) -> str:
        """``wikiart`` or ``chrono24``."""
        return self.description.site

    @property
    def as_of(self) -> str:
        """The date that names the capture."""
        return self.description.as_of

    def manifest(self) -> pa.Table:
        """One row a request, in the order of the plan (`pipeline.core.schema.MANIFEST`)."""
        return tables.read(self.folder / MANIFEST_FILE, MANIFEST)

    def requests(self, url: str) -> list[dict[str, Any]]:
        """The rows of the manifest about the canonical address ``url``."""
        path = self.folder / MANIFEST_FILE
        return [
            row
            for batch in tables.read_batches(path, MANIFEST, MANIFEST.arrow.names)
            for row in batch.filter(pc.equal(batch["url"], url)).to_pylist()
        ]

    def body(self, row: Mapping[str, Any]) -> bytes | None:
        """The bytes to which a row of the manifest leads; None where none came.

        Raises:
            CaptureError: a shard is missing, torn or altered.
        """
        if row["sha256"] is None:
            return None
        path = self.holder(row["held_in"]) / row["shard"]
        if row["kind"] == PAGE:
            with PageReader() as reader:
                return reader.read(path, row["offset"], row["bytes"], row["sha256"])
        entry = ImageEntry(image_id_of(row["sha256"]), row["sha256"], row["offset"], row["bytes"])
        return next(iter(read_image_shard(path, [entry])))[1]

    def holder(self, held_in: str | None) -> Path:
        """The folder of the capture that holds what a row of the manifest names."""
        return self.folder if held_in is None else self.folder.parent / held_in

    def canonical(self, url: str) -> str:
        """The site's own address for a link found in one of the pages."""
        return canonical(self.description.books, url)

    def pages(self) -> Iterator[CapturedPage]:
        """The documents, in the order of the plan.

        Raises:
            CaptureError: a shard is missing, torn or altered.
        """
        rows = _stored(self.manifest(), PAGE, "seq").select(_PAGE_COLUMNS)
        with PageReader() as reader:
            for batch in rows.to_batches(max_chunksize=_ROWS_AT_ONCE):
                columns = (column.to_pylist() for column in batch.columns)
                for url, held_in, shard, offset, length, sha256 in zip(*columns, strict=True):
                    path = self.holder(held_in) / shard
                    yield CapturedPage(url, reader.read(path, offset, length, sha256))

    def image_shards(self) -> list[ShardEntry]:
        """The image shards by name, each image once though several requests may share it.

        Images that earlier captures hold are theirs to name.
        """
        rows = _stored(self.manifest(), IMAGE, "shard", "offset")
        rows = rows.filter(pc.is_null(rows["held_in"]))
        columns = (rows[name].to_pylist() for name in ("shard", "offset", "bytes", "sha256"))
        places = (place for place, _ in itertools.groupby(zip(*columns, strict=True)))
        return [
            ShardEntry(
                self.folder / shard,
                tuple(
                    ImageEntry(image_id_of(sha256), sha256, offset, length)
                    for _, offset, length, sha256 in group
                ),
            )
            for shard, group in itertools.groupby(places, key=lambda place: place[0])
        ]


def _stored(manifest: pa.Table, kind: str, *order: str) -> pa.Table:
    chosen = pc.and_(pc.equal(manifest["kind"], kind), pc.is_valid(manifest["shard"]))
    return manifest.filter(chosen).sort_by([(column, "ascending") for column in order])


def list_captures(folder: Path, *, strict: bool = False) -> list[Capture]:
    """The finished captures of one collection below ``folder``, by date.

    Raises:
        CaptureError: ``strict`` is on and one of them is unfinished.
    """
    if not folder.is_dir():
        return []
    captures = [
        Capture(path, strict=strict)
        for path in sorted(folder.iterdir())
        if read_description(path) is not None
    ]
    return [capture for capture in captures if capture.description.complete]


def remember_earlier(earlier: EarlierCaptures, folder: Path) -> None:
    """Make what the finished captures before the one in ``folder`` hold part of ``earlier``.

    Raises:
        TableError: the manifest of one of them is missing or torn.
    """
    for capture in list_captures(folder.parent):
        if capture.folder.name < folder.name:
            _remember(earlier, capture)


def _remember(earlier: EarlierCaptures, capture: Capture) -> None:
    path, own = capture.folder / MANIFEST_FILE, capture.folder.name
    for batch in tables.read_batches(path, MANIFEST, _KNOWN_COLUMNS):
        batch = batch.filter(pc.is_valid(batch["sha256"]))
        url, sha256, etag, modified, held_in, shard, offset, length = (
            column.to_pylist() for column in batch.columns
        )
        holders = (own if each is None else each for each in held_in)
        places = map(BodyPlace, holders, shard, offset, length)
        earlier.add_bodies(zip(sha256, places, strict=True))
        earlier.add_addresses(zip(url, map(Earlier, sha256, etag, modified), strict=True))
