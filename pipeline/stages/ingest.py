"""`ingest`: decode every captured image once, into one row of facts and square pixels."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Final

import PIL
import pyarrow as pa

from curation.images.pixel_shards import FACTS, VERSION, join_parts, make_part
from pipeline.core import engine, tables
from pipeline.core.errors import CaptureError
from pipeline.core.files import exclusive, storage_errors
from pipeline.core.log import say
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, Reason
from scrapers.capture import Capture, ImageEntry, list_captures, read_image_shard

SHARD_IMAGES: Final = 1024
"""Most images of one pixel shard."""
SHARD_PARTS: Final = 16
"""Tasks into which a full shard is parted, so that also a collection of one has work for all."""
LEAST_PART_IMAGES: Final = 16
"""Below this a task would be gone sooner than it was handed over."""
PARTS: Final = "parts"
"""Folder, below a shard's own, of what the shard is joined of; gone once it is done."""


@dataclass(frozen=True)
class Part:
    """Some images of one captured tar: the unit of work."""

    capture: str
    tar: Path
    entries: tuple[ImageEntry, ...]
    folder: Path
    """Where the result belongs."""
    params: Ingest


@dataclass(frozen=True)
class Shard:
    """The images of one captured tar that become one pixel shard."""

    capture: str
    name: str
    tar: Path
    entries: tuple[ImageEntry, ...]
    params: Ingest

    @cached_property
    def key(self) -> str:
        """Names all that the result depends on: the same key, the same facts and pixels."""
        content = {
            "version": [VERSION, PIL.__version__, version("simplejpeg")],
            "params": self.params.model_dump(),
            "capture": self.capture,
            "shard": self.name,
            "images": [entry.sha256 for entry in self.entries],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]

    def parts(self, finished: Path) -> list[Part]:
        """The tasks of this shard, by the images alone and never by the number of workers."""
        images = max(LEAST_PART_IMAGES, math.ceil(len(self.entries) / SHARD_PARTS))
        folder = finished / self.key / PARTS
        return [
            Part(
                self.capture,
                self.tar,
                self.entries[start : start + images],
                folder / f"{start:04d}-{images}",
                self.params,
            )
            for start in range(0, len(self.entries), images)
        ]


def run(paths: Paths, params: Ingest) -> None:
    """Bring ``images.parquet`` and the pixel shards up to the captures there are.

    Finished shards are kept in the work folder under their key, so an interrupted run goes on,
    from its last finished part, and a new capture costs only its new images.

    Raises:
        CaptureError: there is no finished capture, or one of its tars is torn.
        BusyError: another process ingests the same collection.
    """
    finished = paths.work("ingest")
    with exclusive(finished.with_suffix(".lock"), what=f"ingest of {paths.collection}"):
        captures = list_captures(paths.captures)
        if not captures:
            raise CaptureError(
                f"{paths.captures}: no finished capture; run `salon scrape {paths.collection}`"
            )
        shards = list(plan(captures, params))
        pending = [shard for shard in shards if not _is_done(finished / shard.key)]
        _make(pending, finished, title=f"ingest {paths.collection}")
        images = _collect(shards, finished)
        _place_pixels(shards, finished, paths)
        tables.write(paths.table("images"), IMAGES, images)
        _forget_others(shards, finished)
    _report(images, sum(len(shard.entries) for shard in pending))


def plan(captures: Sequence[Capture], params: Ingest) -> Iterator[Shard]:
    """The shards to be made of ``captures``, oldest first; an image belongs to the first it is in.

    The split follows from the manifests alone, and a later capture never changes it.
    """
    seen: set[str] = set()
    for capture in sorted(captures, key=lambda capture: capture.as_of):
        for number, tar in enumerate(capture.image_shards()):
            new = [entry for entry in tar.entries if entry.sha256 not in seen]
            seen.update(entry.sha256 for entry in new)
            for part, start in enumerate(range(0, len(new), SHARD_IMAGES)):
                name = f"{capture.as_of}-{number:05d}-{part:03d}"
                entries = tuple(new[start : start + SHARD_IMAGES])
                yield Shard(capture.as_of, name, tar.path, entries, params)


def _make(pending: Sequence[Shard], finished: Path, *, title: str) -> None:
    """Make the parts that are missing, and each shard as soon as the last of its parts is there."""
    parts = {shard.name: shard.parts(finished) for shard in pending}
    missing = [
        (shard, part)
        for shard in pending
        for part in parts[shard.name]
        if not _is_done(part.folder)
    ]
    left = Counter(shard.name for shard, _ in missing)
    for shard in pending:
        if not left[shard.name]:
            _join(shard, parts[shard.name], finished)
    made = engine.run(ingest_part, [part for _, part in missing], title=title)
    for _, (shard, _) in zip(made, missing, strict=True):
        left[shard.name] -= 1
        if not left[shard.name]:
            _join(shard, parts[shard.name], finished)


def ingest_part(part: Part) -> None:
    """Make the part in its folder."""
    shutil.rmtree(part.folder, ignore_errors=True)  # what a killed run left half written
    images = read_image_shard(part.tar, part.entries)
    make_part(images, part.folder, capture=part.capture, params=part.params)


def _join(shard: Shard, parts: Sequence[Part], finished: Path) -> None:
    folder = finished / shard.key
    join_parts([part.folder for part in parts], folder, shard=shard.name, sizes=shard.params.sizes)
    shutil.rmtree(folder / PARTS)


def _is_done(folder: Path) -> bool:
    return (folder / FACTS).exists()


def _collect(shards: Sequence[Shard], finished: Path) -> pa.Table:
    parts = [tables.read(finished / shard.key / FACTS, IMAGES) for shard in shards]
    return pa.concat_tables([IMAGES.arrow.empty_table(), *parts])


def _place_pixels(shards: Sequence[Shard], finished: Path, paths: Paths) -> None:
    """Give the finished shards their names, and remove those of earlier runs."""
    with storage_errors(paths.pixels):
        shutil.rmtree(paths.pixels, ignore_errors=True)
        for shard in shards:
            for size in shard.params.sizes:
                target = paths.pixel_shard(size, shard.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(finished / shard.key / f"{size}.npy", target)


def _link(source: Path, target: Path) -> None:
    """The same file under a second name; a copy where the file system cannot do that."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _forget_others(shards: Sequence[Shard], finished: Path) -> None:
    """Delete what no shard of this run came from: other params, removed captures, torn writes."""
    kept = {shard.key for shard in shards}
    for folder in finished.iterdir() if finished.exists() else ():
        if folder.name not in kept:
            shutil.rmtree(folder)
        else:
            shutil.rmtree(folder / PARTS, ignore_errors=True)


def _report(images: pa.Table, decoded_now: int) -> None:
    faults = tables.counts(images, "fault")
    unreadable = faults.get(Reason.UNREADABLE, 0)
    other = faults.get(Reason.NOT_AN_IMAGE, 0)
    say(
        f"{images.num_rows:,} images: {images.num_rows - unreadable - other:,} decoded, "
        f"{unreadable:,} unreadable, {other:,} not an image "
        f"({decoded_now:,} examined in this run)"
    )
