"""Recomputing every length and digest of a capture, and naming everything that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.errors import CaptureError, TableError
from pipeline.core.ids import image_id_of
from scrapers.capture.images import ImageEntry, check_end, check_member, read_image_shard
from scrapers.capture.layout import IMAGE, PAGE
from scrapers.capture.pages import PageReader
from scrapers.capture.reader import Capture

_PLACE: Final = ["shard", "offset", "bytes", "sha256", "url"]
_HELD: Final = _PLACE[:-1]


class Item(NamedTuple):
    """A body that a row of the manifest names."""

    shard: str
    offset: int
    length: int
    sha256: str
    url: str


def problems(capture: Capture, advance: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """Everything that is wrong with a finished capture, one sentence each.

    Args:
        capture: The capture.
        advance: Called with the number of rows that were looked at.
    """
    try:
        manifest = capture.manifest()
    except TableError as error:
        yield str(error)
        return
    yield from _miscounts(capture, manifest)
    own = manifest.filter(pc.and_(pc.is_valid(manifest["sha256"]), pc.is_null(manifest["held_in"])))
    yield from _strays(capture.folder, own)
    advance(manifest.num_rows - own.num_rows)
    with PageReader() as pages:
        for kind, read in ((PAGE, _page_reader(pages)), (IMAGE, _read_image)):
            for shard, items in _by_shard(own.filter(pc.equal(own["kind"], kind))):
                yield from _broken(capture.folder / shard, items, read)
                advance(len(items))
                if kind == IMAGE:
                    yield from _unended(capture.folder / shard, items[-1])
    yield from _dangling(capture, manifest)


def _miscounts(capture: Capture, manifest: pa.Table) -> Iterator[str]:
    """Where the description counts other requests than the manifest has rows."""
    counted = manifest.group_by(["kind", "fetch"]).aggregate([("seq", "count")]).to_pylist()
    found = {(row["kind"], row["fetch"]): row["seq_count"] for row in counted}
    told = {
        (kind, fetch): count
        for kind in (PAGE, IMAGE)
        for fetch, count in capture.description.counts.get(kind, {}).items()
    }
    for kind, fetch in sorted(found.keys() | told.keys()):
        has, says = found.get((kind, fetch), 0), told.get((kind, fetch), 0)
        if has != says:
            yield (
                f"{capture.folder}: capture.json counts {says:,} {kind}s {fetch}, "
                f"the manifest {has:,}"
            )


def _strays(folder: Path, own: pa.Table) -> Iterator[str]:
    """Shards that no row names."""
    named = set(own["shard"].unique().to_pylist())
    for pattern in ("*.tar", "*.warc.gz", "manifest.jsonl"):
        for path in sorted(folder.glob(pattern)):
            if path.name not in named:
                yield f"{path}: no row of the manifest names it"


def _by_shard(rows: pa.Table) -> Iterator[tuple[str, list[Item]]]:
    """The bodies of each shard in the order of the file, each once."""
    for shard in sorted(rows["shard"].unique().to_pylist()):
        chosen = rows.filter(pc.equal(rows["shard"], shard)).sort_by("offset")
        columns = (chosen[name].to_pylist() for name in _PLACE)
        yield shard, list({row[1]: Item(*row) for row in zip(*columns, strict=True)}.values())


def _broken(path: Path, items: list[Item], read: Callable[[Path, Item], object]) -> Iterator[str]:
    if not path.exists():
        yield f"{path}: missing, and {len(items):,} bodies with it"
        return
    for item in items:
        try:
            read(path, item)
        except CaptureError as error:
            yield f"{error} ({item.url})"


def _unended(path: Path, last: Item) -> Iterator[str]:
    """Where a shard does not end behind its last image."""
    if path.exists():
        try:
            check_end(path, last.offset + last.length)
        except CaptureError as error:
            yield str(error)


def _page_reader(pages: PageReader) -> Callable[[Path, Item], object]:
    return lambda path, item: pages.read(path, item.offset, item.length, item.sha256)


def _read_image(path: Path, item: Item) -> None:
    entry = ImageEntry(image_id_of(item.sha256), item.sha256, item.offset, item.length)
    ((_, data),) = read_image_shard(path, [entry])
    check_member(path, entry, data)


def _dangling(capture: Capture, manifest: pa.Table) -> Iterator[str]:
    """Rows whose bytes should lie in an earlier capture, and do not."""
    referring = manifest.filter(pc.is_valid(manifest["held_in"]))
    for holder in sorted(referring["held_in"].unique().to_pylist()):
        rows = referring.filter(pc.equal(referring["held_in"], holder))
        try:
            held = Capture(capture.holder(holder)).manifest()
        except (CaptureError, TableError) as error:
            yield f"{capture.folder}: {rows.num_rows:,} of its bodies lie in {holder}: {error}"
            continue
        own = held.filter(pc.is_null(held["held_in"]))
        lost = rows.join(own.group_by(_HELD).aggregate([]), _HELD, join_type="left anti")
        for url in lost["url"].to_pylist():
            yield f"{capture.folder}: {holder} does not hold what it should of {url}"
