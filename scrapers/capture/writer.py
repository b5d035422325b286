"""Writing a capture: bytes first, then the line that names them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.core import tables
from pipeline.core.errors import CaptureError
from pipeline.core.files import storage_errors
from pipeline.core.schema import MANIFEST
from scrapers.address import AddressBook
from scrapers.capture.description import Description, canonical, read_description
from scrapers.capture.images import BLOCK, END_OF_ARCHIVE, member
from scrapers.capture.journal import END, Journal, Row, as_table
from scrapers.capture.layout import IMAGE, IMAGE_SHARD, JOURNAL, PAGE, PAGE_SHARD
from scrapers.capture.layout import MANIFEST as MANIFEST_FILE
from scrapers.capture.outcome import Outcome
from scrapers.capture.pages import opening, record
from scrapers.capture.recovery import recover
from scrapers.capture.series import Place, Series

SYNC_EVERY_S = 1.0
"""How much of the work may be lost when the machine (not only the process) stops."""

SOFTWARE = f"Salon {version('salon')}"


class CaptureWriter:
    """Appends to the capture in ``folder``, a new one or one that was interrupted."""

    def __init__(
        self, folder: Path, wanted: Description, book: AddressBook, shard_bytes: int
    ) -> None:
        """Begin the capture ``wanted``, or go on with it behind what an earlier run kept.

        Raises:
            CaptureError: the folder holds a finished capture, or one of another selection.
        """
        self.folder = folder
        self._description = _begin(folder, wanted, book)
        self.holdings = recover(folder)
        self._journal = Journal(folder / JOURNAL)
        self._series = {
            PAGE: Series(
                folder,
                PAGE_SHARD,
                shard_bytes,
                opening=lambda name: opening(name, SOFTWARE),
                last=self.holdings.last.get(PAGE),
            ),
            IMAGE: Series(
                folder,
                IMAGE_SHARD,
                shard_bytes,
                closing=END_OF_ARCHIVE,
                last=self.holdings.last.get(IMAGE),
            ),
        }
        self._synced_at = time.monotonic()

    @property
    def kept(self) -> str:
        """How much the capture holds, for people."""
        counts = self.holdings.counts
        return f"{counts[PAGE].total():,} pages and {counts[IMAGE].total():,} images"

    def canonical(self, url: str) -> str:
        """The site's own address for a link found in a page of this capture."""
        return canonical(self._description.books, url)

    def add_page(self, seq: int, outcome: Outcome) -> None:
        """Keep one document and its row."""
        row = _row(seq, PAGE, outcome)
        if outcome.body is not None:
            content_type = outcome.content_type or "text/html; charset=utf-8"
            place = self._series[PAGE].append(record(outcome.url, content_type, outcome.body))
            row |= _stored(outcome.body, place, place.start)
        self._write(row)

    def add_image(self, seq: int, outcome: Outcome) -> None:
        """Keep one image and its row; bytes that are here already are not stored again."""
        row = _row(seq, IMAGE, outcome)
        if outcome.body is not None:
            row |= self._place(outcome.body)
        self._write(row)

    def _place(self, body: bytes) -> Row:
        digest = hashlib.sha256(body)
        known = self.holdings.places.get(digest.digest())
        if known is not None:
            return {
                "sha256": digest.hexdigest(),
                "bytes": known.length,
                "shard": known.shard,
                "offset": known.offset,
            }
        place = self._series[IMAGE].append(member(digest.hexdigest(), body))
        return _stored(body, place, place.start + BLOCK)

    def _write(self, row: Row) -> None:
        self._journal.append(row)
        self.holdings.add(row)
        if time.monotonic() - self._synced_at > SYNC_EVERY_S:
            for series in self._series.values():
                series.sync()
            self._journal.sync()
            self._synced_at = time.monotonic()

    def finish(self, versions: dict[str, str]) -> Description:
        """Turn the journal into the manifest and declare the capture complete."""
        for series in self._series.values():
            series.close()
        self._journal.close()
        tables.write(self.folder / MANIFEST_FILE, MANIFEST, as_table(self.folder / JOURNAL))
        counts = {kind: dict(sorted(c.items())) for kind, c in self.holdings.counts.items()}
        counts["bytes"] = {"stored": self.holdings.stored_bytes}
        finished = dataclasses.replace(
            self._description,
            counts=counts,
            versions={"salon": version("salon"), **versions},
            complete=True,
        )
        finished.write(self.folder)
        (self.folder / JOURNAL).unlink()
        return finished

    def abandon(self) -> None:
        """Leave everything on the disk for the next run."""
        for series in self._series.values():
            series.abandon()
        self._journal.close()


def _begin(folder: Path, wanted: Description, book: AddressBook) -> Description:
    """The description to go on with, already on the disk with ``book`` among its addresses."""
    held = read_description(folder)
    if held is not None:
        _check_same(folder, held, wanted)
        wanted = held
    if any(book.contradicts(other) for other in wanted.books):
        raise CaptureError(
            f"{folder}: a port of the gallery means another site than in an earlier run; "
            f"run the same command again"
        )
    mine = dict(book.wire_of)
    addresses = [*(other for other in wanted.addresses if other != mine), mine]
    description = dataclasses.replace(wanted, addresses=addresses)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    description.write(folder)
    return description


def _check_same(folder: Path, held: Description, wanted: Description) -> None:
    changed = differences(held, wanted)
    if held.complete:
        raise CaptureError(f"{folder}: finished, and a finished capture is never edited")
    if changed:
        raise CaptureError(
            f"{folder}: an unfinished capture with other params ({changed}); set them back to "
            f"go on with it, or delete the folder to begin again"
        )


def differences(held: Description, wanted: Description) -> str:
    """In what two captures differ, for people; empty when they ask for the same."""
    old, new = ({"site": d.site, "origin": d.origin, **d.selection} for d in (held, wanted))
    return ", ".join(
        f"{key}: {json.dumps(old.get(key))} -> {json.dumps(new.get(key))}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    )


def _row(seq: int, kind: str, outcome: Outcome) -> Row:
    row: dict[str, Any] = dict.fromkeys(MANIFEST.arrow.names)
    row |= {name: value for name, value in vars(outcome).items() if name != "body"}
    return row | {"seq": seq, "kind": kind, "fetch": str(outcome.fetch), END: None}


def _stored(body: bytes, place: Place, offset: int) -> Row:
    return {
        "sha256": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
        "shard": place.shard,
        "offset": offset,
        END: place.end,
    }
