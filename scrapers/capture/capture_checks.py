"""Recomputing every length and digest of a capture, and naming everything that is wrong.

The manifest is read a part at a time: a capture of millions of requests is verified in the memory
of a small one.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pipeline.core import tables
from pipeline.core.errors import CaptureError, TableError
from pipeline.core.ids import image_id_of
from pipeline.core.schema import MANIFEST
from scrapers.capture.capture_reader import Capture
from scrapers.capture.earlier import BodyPlace, EarlierCaptures
from scrapers.capture.file_names import IMAGE, PAGE, REQUESTS
from scrapers.capture.file_names import MANIFEST as MANIFEST_FILE
from scrapers.capture.image_shards import ImageEntry, check_end, check_member, read_image_shard
from scrapers.capture.page_shards import PageReader


class _Request(NamedTuple):
    """The columns of the manifest that name a request and its body."""

    kind: str
    fetch: str
    url: str
    held_in: str | None
    shard: str
    offset: int
    bytes: int
    sha256: str | None


@dataclass
class _RowCounts:
    """What the rows of a manifest name; as large as the capture has shards, not as it has rows."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Requests by kind and outcome."""
    ends: dict[str, int] = field(default_factory=dict)
    """Byte behind the last body of each of the capture's own shards."""
    missing: Counter[str] = field(default_factory=Counter)
    """Bodies by shard that is not there."""
    referred: Counter[str] = field(default_factory=Counter)
    """Bodies by earlier capture that should hold them."""


def problems(capture: Capture, advance: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """Everything that is wrong with a finished capture, one sentence each.

    Args:
        capture: The capture.
        advance: Called with the number of rows that were looked at.
    """
    seen = _RowCounts()
    try:
        with PageReader() as pages:
            for rows in _requests(capture):
                for row in rows:
                    yield from _check_request(capture.folder, row, seen, pages)
                advance(len(rows))
    except TableError as error:
        yield str(error)
        return
    yield from _miscounts(capture, seen.outcomes)
    for shard, bodies in sorted(seen.missing.items()):
        yield f"{capture.folder / shard}: missing, and {bodies:,} bodies with it"
    yield from _strays(capture.folder, seen.ends)
    yield from _unended(capture.folder, seen.ends)
    for holder, bodies in sorted(seen.referred.items()):
        yield from _dangling(capture, holder, bodies)


def check_files(capture: Capture) -> None:
    """Pass a finished capture whose files are all there, none shorter than it was.

    A look at names and sizes, so that a capture that lost its manifest is never taken for whole;
    `problems` reads every byte.

    Raises:
        CaptureError: a file is missing or has another size.
        TableError: the manifest of a capture made before sizes were noted is torn.
    """
    expected = capture.description.files or dict.fromkeys(_named_files(capture))
    for name, size in expected.items():
        path = capture.folder / name
        actual = path.stat().st_size if path.is_file() else None
        if actual is None or size not in {None, actual}:
            what = "missing" if actual is None else f"has {actual:,} bytes where {size:,} were kept"
            raise CaptureError(
                f"{path}: {what}, although the capture is finished; restore it (`dvc checkout`, "
                f"`dvc pull`), or delete {capture.folder} to capture again"
            )


def _named_files(capture: Capture) -> Iterator[str]:
    yield MANIFEST_FILE
    if (capture.folder / MANIFEST_FILE).is_file():
        rows = itertools.chain.from_iterable(_requests(capture))
        yield from sorted({row.shard for row in rows if row.shard and row.held_in is None})


def _requests(capture: Capture) -> Iterator[list[_Request]]:
    path = capture.folder / MANIFEST_FILE
    for batch in tables.read_batches(path, MANIFEST, _Request._fields):
        yield list(map(_Request, *(column.to_pylist() for column in batch.columns)))


def _check_request(
    folder: Path, row: _Request, seen: _RowCounts, pages: PageReader
) -> Iterator[str]:
    """Take a row into account, and read its body if the capture itself should hold it."""
    seen.outcomes[row.kind, row.fetch] += 1
    if row.sha256 is None:
        return
    if row.held_in is not None:
        seen.referred[row.held_in] += 1
        return
    seen.ends[row.shard] = max(seen.ends.get(row.shard, 0), row.offset + row.bytes)
    path = folder / row.shard
    if not path.exists():
        seen.missing[row.shard] += 1
        return
    try:
        if row.kind == PAGE:
            pages.read(path, row.offset, row.bytes, row.sha256)
        else:
            _read_image(path, row.sha256, row.offset, row.bytes)
    except CaptureError as error:
        yield f"{error} ({row.url})"


def _read_image(path: Path, sha256: str, offset: int, length: int) -> None:
    entry = ImageEntry(image_id_of(sha256), sha256, offset, length)
    ((_, data),) = read_image_shard(path, [entry])
    check_member(path, entry, data)


def _miscounts(capture: Capture, counts: Counter[tuple[str, str]]) -> Iterator[str]:
    """Where the description counts other requests than the manifest has rows."""
    told = {
        (kind, fetch): count
        for kind in (PAGE, IMAGE)
        for fetch, count in capture.description.counts.get(kind, {}).items()
    }
    for kind, fetch in sorted(counts.keys() | told.keys()):
        has, says = counts[kind, fetch], told.get((kind, fetch), 0)
        if has != says:
            yield (
                f"{capture.folder}: capture.json counts {says:,} {kind}s {fetch}, "
                f"the manifest {has:,}"
            )


def _strays(folder: Path, named: dict[str, int]) -> Iterator[str]:
    """Shards that no row names."""
    for pattern in ("*.tar", "*.warc.gz", f"{REQUESTS}*"):
        for path in sorted(folder.glob(pattern)):
            if path.name not in named:
                yield f"{path}: no row of the manifest names it"


def _unended(folder: Path, ends: dict[str, int]) -> Iterator[str]:
    """Image shards that do not end behind their last image."""
    for path in sorted(folder.glob("*.tar")):
        try:
            if path.name in ends:
                check_end(path, ends[path.name])
        except CaptureError as error:
            yield str(error)


def _dangling(capture: Capture, holder: str, bodies: int) -> Iterator[str]:
    """Rows whose bytes should lie in the earlier capture ``holder``, and do not."""
    with closing(EarlierCaptures()) as held:
        try:
            for rows in _requests(Capture(capture.holder(holder))):
                held.add_bodies(
                    (row.sha256, _place(row))
                    for row in rows
                    if row.sha256 is not None and row.held_in is None
                )
        except (CaptureError, TableError) as error:
            yield f"{capture.folder}: {bodies:,} of its bodies lie in {holder}: {error}"
            return
        for row in itertools.chain.from_iterable(_requests(capture)):
            if row.sha256 is None or row.held_in != holder:
                continue
            if held.place(row.sha256) != _place(row):
                yield f"{capture.folder}: {holder} does not hold what it should of {row.url}"


def _place(row: _Request) -> BodyPlace:
    """Where a body lies, seen from the capture that holds it."""
    return BodyPlace(None, row.shard, row.offset, row.bytes)
