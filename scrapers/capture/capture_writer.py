"""Writing a capture: bytes first, then the row that names them."""

from __future__ import annotations

import dataclasses
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from pipeline.core.errors import CaptureError
from pipeline.core.files import remove_partials, storage_errors
from pipeline.core.ids import sha256_hex
from pipeline.core.log import counted
from pipeline.core.schema import MANIFEST as MANIFEST_TABLE
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook
from scrapers.capture.capture_description import CaptureDescription, canonical, read_description
from scrapers.capture.capture_reader import remember_earlier
from scrapers.capture.earlier import BodyPlace, EarlierCaptures
from scrapers.capture.file_names import IMAGE, IMAGE_SHARD, MANIFEST, PAGE, PAGE_SHARD
from scrapers.capture.image_shards import BLOCK, END_OF_ARCHIVE, tar_member
from scrapers.capture.outcome import Outcome
from scrapers.capture.page_shards import PageReader, opening, warc_record
from scrapers.capture.recovery import open_requests, remove_requests, remove_unnamed_shards
from scrapers.capture.requests import Answer, Row
from scrapers.capture.series import Place, Series

SYNC_EVERY_S: Final = 1.0
"""How much of the work may be lost when the machine (not only the process) stops."""

SOFTWARE: Final = f"Salon {version('salon')}"
_REFUSALS: Final = frozenset({401, 403, 429, 451})

_OF_OUTCOME: Final = frozenset(MANIFEST_TABLE.arrow.names) & {
    field.name for field in dataclasses.fields(Outcome)
}

Store = Callable[[str, bytes], tuple[Place, int]]
"""Puts a body with its sha256 into a shard; returns its place and the offset to read it by."""


class CaptureWriter:
    """Makes the capture in ``folder``, a new one or one that was interrupted."""

    def __init__(
        self, folder: Path, asked_for: CaptureDescription, book: AddressBook, shard_bytes: int
    ) -> None:
        """Begin the capture, or go on with it behind what an earlier run kept.

        Raises:
            CaptureError: the folder holds a finished capture, or one of another selection.
        """
        self.folder = folder
        self._description = _begin(folder, asked_for, book)
        remove_partials(folder)
        self.earlier = EarlierCaptures()
        remember_earlier(self.earlier, folder)
        # Cuts behind the last body that a row names: what a kill left half written is not read.
        self._requests, last = open_requests(folder)
        self._series = {
            PAGE: Series(
                folder,
                PAGE_SHARD,
                shard_bytes,
                opening=lambda name: opening(name, SOFTWARE, asked_for.as_of),
                last=last.get(PAGE),
            ),
            IMAGE: Series(
                folder, IMAGE_SHARD, shard_bytes, closing=END_OF_ARCHIVE, last=last.get(IMAGE)
            ),
        }
        self._reader = PageReader()
        self.stored_bytes, _ = self._requests.total_bytes()
        self.refused = self._requests.counts[IMAGE][Fetch.OPTED_OUT]
        self._synced_at = time.monotonic()
        self._opts_out: dict[str, bool] = {}
        """Of the page whose images are asked for: a page has many."""

    @property
    def counts(self) -> dict[str, Counter[str]]:
        """Requests by kind and outcome, earlier runs included."""
        return self._requests.counts

    @property
    def kept(self) -> str:
        """How much the capture holds, for people."""
        pages, images = (counted(self.counts[kind].total(), kind) for kind in (PAGE, IMAGE))
        return f"{pages} and {images}"

    def canonical(self, url: str) -> str:
        """The site's own address for a link found in a page of this capture."""
        return canonical(self._description.books, url)

    # -- the walk ---------------------------------------------------------------------------------

    def begin_walk(self) -> None:
        """Start from the beginning of the site; `RequestStore.begin_walk`."""
        self._requests.begin_walk()

    def allow(self, max_bytes: int) -> None:
        """Have images asked for again that an earlier run found longer than it allowed."""
        self._requests.forget_too_long(max_bytes)

    def retries(self) -> dict[int, int]:
        """How many addresses of this walk are to be asked for again, by how often they failed."""
        return self._requests.retries()

    def answered_by(self, kind: str, origin: str) -> str | None:
        """An address of the host that gave bytes; None where none did."""
        return self._requests.answered_by(kind, origin)

    def is_new(self, name: str) -> bool:
        """Whether this walk meets the work or watch of that name for the first time."""
        return self._requests.is_new(name)

    def ask(self, kind: str, urls: Sequence[str]) -> Answer:
        """What is known of an address, or of those of one image; `RequestStore.ask`."""
        return self._requests.ask(kind, urls)

    def opts_out(self, page_url: str) -> bool:
        """Whether the page that was asked for opts out what it shows."""
        if page_url not in self._opts_out:
            outcome = self._requests.outcome_of(PAGE, page_url)
            self._opts_out = {page_url: outcome == Fetch.OPTED_OUT}
        return self._opts_out[page_url]

    def add_page(self, outcome: Outcome) -> None:
        """Ask for a page and keep what came of it."""
        self.ask(PAGE, [outcome.url])
        self.record_page(outcome)

    def add_image(self, outcome: Outcome) -> None:
        """Ask for an image and keep what came of it."""
        self.ask(IMAGE, [outcome.url])
        self.record_image(outcome, asked_as=outcome.url)

    def record_page(self, outcome: Outcome, *, give_up: bool = False) -> None:
        """Keep one document and its row; one that is held already is not stored again."""
        content_type = outcome.content_type or "text/html; charset=utf-8"

        def store(_: str, body: bytes) -> tuple[Place, int]:
            place = self._series[PAGE].append(
                warc_record(outcome.url, content_type, body, outcome.fetched_at)
            )
            return place, place.start

        self._record(PAGE, outcome, outcome.url, store, give_up=give_up)
        self._opts_out.pop(outcome.url, None)

    def record_image(self, outcome: Outcome, *, asked_as: str, give_up: bool = False) -> None:
        """Keep one image and its row; bytes that are held already are not stored again."""

        def store(sha256: str, body: bytes) -> tuple[Place, int]:
            place = self._series[IMAGE].append(tar_member(sha256, body))
            # Behind tar's header, so that the manifest's offset is that of the picture.
            return place, place.start + BLOCK

        self._record(IMAGE, outcome, asked_as, store, give_up=give_up)

    def page_body(self, sha256: str) -> bytes:
        """A document that is held already, here or in an earlier capture.

        Raises:
            CaptureError: it is not held, or what is held is something else.
        """
        place = self._place_of(sha256)
        if place is None:
            raise CaptureError(
                f"{self.folder}: no capture holds the document {sha256} any more; delete the "
                f"folder to begin again"
            )
        folder = self.folder if place.held_in is None else self.folder.parent / place.held_in
        return self._reader.read(folder / place.shard, place.offset, place.length, sha256)

    def _place_of(self, sha256: str) -> BodyPlace | None:
        place = self.earlier.place(sha256)
        if place is None and (body := self._requests.stored_body(sha256)) is not None:
            place = BodyPlace(None, body.shard, body.offset, body.length)
        return place

    def _record(
        self, kind: str, outcome: Outcome, asked_as: str, store: Store, *, give_up: bool
    ) -> None:
        sha256 = outcome.sha256 if outcome.body is None else sha256_hex(outcome.body)
        row = {name: value for name, value in vars(outcome).items() if name in _OF_OUTCOME}
        row |= {"kind": kind, "fetch": self._verdict(outcome, sha256), "sha256": sha256}
        if sha256 is not None:
            row |= self._held(sha256, outcome.body, store)
        self._requests.record(row, asked_as=asked_as, may_pass=outcome.may_pass, give_up=give_up)
        self.refused += outcome.http_status in _REFUSALS or outcome.fetch is Fetch.OPTED_OUT
        if time.monotonic() - self._synced_at > SYNC_EVERY_S:
            self._sync()

    def _verdict(self, outcome: Outcome, sha256: str | None) -> Fetch:
        """What became of the request, in view of what earlier captures hold."""
        if outcome.fetch is not Fetch.FETCHED:
            return outcome.fetch
        earlier = self.earlier.get(outcome.url)
        if earlier is None:
            return Fetch.FETCHED
        return Fetch.UNCHANGED if earlier.sha256 == sha256 else Fetch.CHANGED

    def _held(self, sha256: str, body: bytes | None, store: Store) -> Row:
        """Where the body lies, once it is held."""
        end, place = None, self._place_of(sha256)
        if place is None:
            if body is None:
                raise CaptureError(f"{self.folder}: no capture holds the bytes {sha256}")
            stored, offset = store(sha256, body)
            end, place = stored.end, BodyPlace(None, stored.shard, offset, len(body))
            self.stored_bytes += len(body)
        held_in, shard, offset, length = place
        return {"held_in": held_in, "shard": shard, "offset": offset, "bytes": length, "end": end}

    def _sync(self) -> None:
        """Bytes first: a row that is on the disk names bytes that are."""
        for series in self._series.values():
            series.sync()
        self._requests.sync()
        self._synced_at = time.monotonic()

    # -- the end ----------------------------------------------------------------------------------

    def finish(self, versions: dict[str, str]) -> CaptureDescription:
        """Turn the requests into the manifest and declare the capture complete."""
        for series in self._series.values():
            series.close()
        self._requests.export(self.folder / MANIFEST)
        counts = {
            kind: {fetch: n for fetch, n in sorted(by_fetch.items()) if n}
            for kind, by_fetch in self.counts.items()
        }
        stored, referred = self._requests.total_bytes()
        shards = [name for kind in self._series for name in self._requests.shard_ends(kind)]
        # Before the description says complete: from then on it names every file of the folder.
        remove_unnamed_shards(self.folder, shards)
        finished = dataclasses.replace(
            self._description,
            counts=counts | {"bytes": {"stored": stored, "referred": referred}},
            versions={"salon": version("salon"), **versions},
            files={
                name: (self.folder / name).stat().st_size for name in sorted([MANIFEST, *shards])
            },
            complete=True,
        )
        # The moment of truth: before it the capture is resumed, after it it is never written again.
        finished.write(self.folder)
        self._close()
        remove_requests(self.folder)
        return finished

    def abandon(self) -> None:
        """Leave everything on the disk for the next run; nothing to do once it is finished."""
        for series in self._series.values():
            series.abandon()
        self._close()

    def _close(self) -> None:
        self._requests.close()
        self._reader.close()
        self.earlier.close()


def _begin(folder: Path, asked_for: CaptureDescription, book: AddressBook) -> CaptureDescription:
    """The description to go on with, already on the disk with ``book`` among its addresses."""
    held = read_description(folder)
    if held is not None:
        _check_same(folder, held, asked_for)
        asked_for = held
    # Links in pages that an earlier run kept have that run's ports: a port must mean one site.
    if any(book.contradicts(other) for other in asked_for.books):
        raise CaptureError(
            f"{folder}: a port of the gallery means another site than in an earlier run; "
            f"run the same command again"
        )
    mine = dict(book.wire_of)
    addresses = [*(other for other in asked_for.addresses if other != mine), mine]
    description = dataclasses.replace(asked_for, addresses=addresses)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    description.write(folder)
    return description


def _check_same(folder: Path, held: CaptureDescription, asked_for: CaptureDescription) -> None:
    changed = description_differences(held, asked_for)
    if held.complete:
        raise CaptureError(f"{folder}: finished, and a finished capture is never edited")
    if changed:
        raise CaptureError(
            f"{folder}: an unfinished capture with other params ({changed}); set them back to "
            f"go on with it, or delete the folder to begin again"
        )


def description_differences(held: CaptureDescription, asked_for: CaptureDescription) -> str:
    """In what two captures differ, for people; empty when they ask for the same.

    What only earlier versions counted among these is of no account, such as ``max_image_mb``; and a
    list that they did not know of, such as ``queries``, was an empty one.
    """
    old, new = ({"site": d.site, "origin": d.origin, **d.selection} for d in (held, asked_for))
    before = {
        key: old.get(key, [] if isinstance(value, list) else None) for key, value in new.items()
    }
    return ", ".join(
        f"{key}: {json.dumps(before[key])} -> {json.dumps(value)}"
        for key, value in sorted(new.items())
        if before[key] != value
    )
