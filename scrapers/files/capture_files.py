"""A capture made of one's own pictures: no network, and the same shape as of any site."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pipeline.core.files import storage_errors
from pipeline.core.log import Bar, counted, progress, say
from pipeline.core.params.scrape import Scrape
from pipeline.core.schema import Fetch
from scrapers.address import FILE_SCHEME, AddressBook, file_url, origin_of
from scrapers.capture.capture_description import CaptureDescription, read_description
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.file_names import IMAGE, PAGE
from scrapers.capture.folder_fingerprint import PATH, fingerprint_of
from scrapers.capture.outcome import Outcome
from scrapers.crawl.dry_run import Plan
from scrapers.files.containers import folder
from scrapers.files.containers.member import Member
from scrapers.files.fit import Matching, match
from scrapers.files.picture_names import first_names
from scrapers.files.survey import FileKind, Survey, file_kind, survey

_MB: Final = 1_000_000
_NOT_THERE: Final = "a row names it, and it is not there"


def capture_files(
    held_at: Path, params: Scrape, asked_for: CaptureDescription
) -> CaptureDescription:
    """Make the capture in ``held_at`` of what lies at ``params.path``; begun ones begin anew.

    Raises:
        FilesError: there is nothing, or something torn or hostile.
        UnmatchedError: tables and files do not fit together, and ``params`` do not allow it.
        CaptureError: the folder holds a capture that was begun otherwise.
    """
    root = Path(params.path)
    title = f"{held_at.parent.name} {params.as_of}"
    with progress(f"{title}: files") as bar:
        contents = survey(root, bar.advance)
    matching = match(contents, params.columns)
    if not params.allow_unmatched:
        matching.check(root)
    _tell(root, contents, matching)
    made_of = fingerprint_of(root)
    begun = read_description(held_at)
    if begun is not None and begun.origin == asked_for.origin:
        shutil.rmtree(held_at)
    with storage_errors(held_at):
        writer = CaptureWriter(held_at, asked_for, AddressBook(), int(params.shard_mb * _MB))
        try:
            with progress(title, len(contents.pictures)) as bar:
                _Contents(writer, params).add_all(root, contents, matching, bar)
            return writer.finish({PATH: made_of})
        finally:
            writer.abandon()


def plan_files(params: Scrape, tell: Callable[[str, str], None]) -> Plan:
    """What `capture_files` would read; ``tell`` is called with kind and address of each.

    Raises:
        FilesError, UnmatchedError: as in `capture_files`.
    """
    root = Path(params.path)
    contents = survey(root)
    matching = match(contents, params.columns)
    if not params.allow_unmatched:
        matching.check(root)
    plan = Plan()
    for kind, names, counts in (
        (PAGE, [*contents.tables], plan.pages),
        (IMAGE, contents.pictures, plan.images),
    ):
        counts[FILE_SCHEME] += len(names)
        for name in names:
            tell(kind, file_url(name))
    return plan


def _tell(root: Path, contents: Survey, matching: Matching) -> None:
    passed_over = f" ({first_names(contents.documents)})" if contents.documents else ""
    counts = (
        counted(len(contents.pictures), "picture"),
        counted(len(contents.tables), "table"),
        counted(len(contents.sidecars), "text") + " beside pictures",
        counted(len(contents.documents), "file") + " passed over" + passed_over,
    )
    say(f"{root}: {', '.join(counts)}")
    if matching.words():
        say(f"{root}: {matching.words()}")
    if matching.failed:
        say(f"{root}: {counted(len(matching.failed), 'row')} of what was never downloaded")


class _Contents:
    """Puts documents and pictures into a capture, in the order in which they lie."""

    def __init__(self, writer: CaptureWriter, params: Scrape) -> None:
        self._writer, self._most = writer, int(params.max_image_mb * _MB)
        self._came = f"{params.as_of}T00:00:00.000+00:00"
        """The day of the capture, not of a file: a copy of the folder makes the same capture."""

    def add_all(self, root: Path, contents: Survey, matching: Matching, bar: Bar) -> None:
        """Keep everything."""
        for url, body in contents.kept():
            self._writer.add_page(self._outcome(url, body=body, content_type=_TYPE))
        for member in _pictures(root, contents):
            self._writer.add_image(self._read(member, matching.digests.get(member.name)))
            bar.advance()
        for name in dict.fromkeys(matching.missing):
            self._writer.add_image(self._outcome(file_url(name), Fetch.GONE, error=_NOT_THERE))
        for address, error in matching.failed.items():
            self._writer.add_image(self._outcome(address, Fetch.FAILED, error=error))

    def _read(self, member: Member, digest: tuple[str, str] | None) -> Outcome:
        body = member.read(self._most + 1)
        if not body or len(body) > self._most:
            error = f"longer than the {self._most:,} bytes allowed" if body else "an empty file"
            return self._outcome(file_url(member.name), Fetch.FAILED, error=error)
        if digest is not None and hashlib.new(digest[0], body).hexdigest() != digest[1]:
            error = f"its {digest[0]} is not the one of its row, {digest[1]}"
            return self._outcome(file_url(member.name), Fetch.FAILED, error=error)
        return self._outcome(file_url(member.name), body=body)

    def _outcome(
        self,
        url: str,
        fetch: Fetch = Fetch.FETCHED,
        *,
        body: bytes | None = None,
        content_type: str | None = None,
        error: str | None = None,
    ) -> Outcome:
        address = FILE_SCHEME if url.startswith(FILE_SCHEME) else origin_of(url)
        return Outcome(
            url, address, fetch, self._came, body=body, content_type=content_type, error=error
        )


_TYPE: Final = "application/octet-stream"


def _pictures(root: Path, contents: Survey) -> Iterator[Member]:
    """The pictures that the survey found, again."""
    names = set(contents.pictures)
    for member in folder.members(root):
        if member.name in names and file_kind(member) is FileKind.PICTURE:
            yield member
