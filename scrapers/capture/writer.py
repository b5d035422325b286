"""Writing a capture: bytes first, then the line that names them."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from pipeline.core.errors import CaptureError
from pipeline.core.files import storage_errors
from pipeline.core.ids import sha256_hex
from pipeline.core.log import counted
from pipeline.core.schema import MANIFEST, Fetch
from scrapers.address import AddressBook
from scrapers.capture.description import Description, canonical, read_description
from scrapers.capture.images import BLOCK, END_OF_ARCHIVE, member
from scrapers.capture.journal import END, Journal, Row, write_manifest
from scrapers.capture.known import BodyPlace, Known
from scrapers.capture.layout import IMAGE, IMAGE_SHARD, JOURNAL, PAGE, PAGE_SHARD
from scrapers.capture.layout import MANIFEST as MANIFEST_FILE
from scrapers.capture.outcome import Outcome
from scrapers.capture.pages import PageReader, opening, record
from scrapers.capture.reader import remember_earlier
from scrapers.capture.recovery import recover
from scrapers.capture.series import Place, Series

SYNC_EVERY_S = 1.0
"""How much of the work may be lost when the machine (not only the process) stops."""

SOFTWARE = f"Salon {version('salon')}"

Store = Callable[[str, bytes], tuple[Place, int]]
"""Puts a body with its sha256 into a shard; returns its place and the offset to read it by."""


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
        self.known = Known()
        remember_earlier(self.known, folder)
        self.holdings = recover(folder, self.known)
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
        self._reader = PageReader()
        self._synced_at = time.monotonic()

    @property
    def kept(self) -> str:
        """How much the capture holds, for people."""
        counts = self.holdings.counts
        pages, images = (counted(counts[kind].total(), kind) for kind in (PAGE, IMAGE))
        return f"{pages} and {images}"

    def canonical(self, url: str) -> str:
        """The site's own address for a link found in a page of this capture."""
        return canonical(self._description.books, url)

    def add_page(self, seq: int, outcome: Outcome) -> None:
        """Keep one document and its row; one that is held already is not stored again."""
        content_type = outcome.content_type or "text/html; charset=utf-8"

        def store(_: str, body: bytes) -> tuple[Place, int]:
            place = self._series[PAGE].append(record(outcome.url, content_type, body))
            return place, place.start

        self._add(seq, PAGE, outcome, store)

    def add_image(self, seq: int, outcome: Outcome) -> None:
        """Keep one image and its row; bytes that are held already are not stored again."""

        def store(sha256: str, body: bytes) -> tuple[Place, int]:
            place = self._series[IMAGE].append(member(sha256, body))
            return place, place.start + BLOCK

        self._add(seq, IMAGE, outcome, store)

    def page_body(self, sha256: str) -> bytes:
        """A document that is held already, here or in an earlier capture.

        Raises:
            CaptureError: it is not held, or what is held is something else.
        """
        place = self.known.place(sha256)
        if place is None:
            raise CaptureError(
                f"{self.folder}: no capture holds the document {sha256} any more; delete the "
                f"folder to begin again"
            )
        folder = self.folder if place.held_in is None else self.folder.parent / place.held_in
        return self._reader.read(folder / place.shard, place.offset, place.length, sha256)

    def _add(self, seq: int, kind: str, outcome: Outcome, store: Store) -> None:
        sha256 = outcome.sha256 if outcome.body is None else sha256_hex(outcome.body)
        row: Row = dict.fromkeys(MANIFEST.arrow.names)
        row |= {name: value for name, value in vars(outcome).items() if name in row}
        row |= {"seq": seq, "kind": kind, "fetch": self._verdict(outcome, sha256), END: None}
        if sha256 is not None:
            row |= {"sha256": sha256} | self._held(sha256, outcome.body, store)
        self._write(row)

    def _verdict(self, outcome: Outcome, sha256: str | None) -> Fetch:
        """What became of the request, in view of what earlier captures hold."""
        if outcome.fetch is not Fetch.FETCHED:
            return outcome.fetch
        earlier = self.known.get(outcome.url)
        if earlier is None:
            return Fetch.FETCHED
        return Fetch.UNCHANGED if earlier.sha256 == sha256 else Fetch.CHANGED

    def _held(self, sha256: str, body: bytes | None, store: Store) -> Row:
        """Where the body lies, once it is held."""
        end, known = None, self.known.place(sha256)
        if known is None:
            if body is None:
                raise CaptureError(f"{self.folder}: no capture holds the bytes {sha256}")
            place, offset = store(sha256, body)
            end, known = place.end, BodyPlace(None, place.shard, offset, len(body))
            self.known.add_body(sha256, known)
        held_in, shard, offset, length = known
        return {"held_in": held_in, "shard": shard, "offset": offset, "bytes": length, END: end}

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
        write_manifest(self.folder / JOURNAL, self.folder / MANIFEST_FILE)
        counts = {kind: dict(sorted(c.items())) for kind, c in self.holdings.counts.items()}
        counts["bytes"] = {
            "stored": self.holdings.stored_bytes,
            "referred": self.holdings.referred_bytes,
        }
        finished = dataclasses.replace(
            self._description,
            counts=counts,
            versions={"salon": version("salon"), **versions},
            complete=True,
        )
        finished.write(self.folder)
        (self.folder / JOURNAL).unlink()
        self._forget()
        return finished

    def abandon(self) -> None:
        """Leave everything on the disk for the next run."""
        for series in self._series.values():
            series.abandon()
        self._journal.close()
        self._forget()

    def _forget(self) -> None:
        self._reader.close()
        self.known.close()


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
