"""`ingest`: decode every captured image once, into one row of facts and square pixels.

The images of a capture are laid out by their ids, so that tables and pixels are the same in
whatever order the images came and lie in the tars.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

import PIL
import pyarrow as pa

from curation.images.optional_formats import versions as optional_versions
from curation.images.pixel_shards import FACTS, VERSION, join_parts, make_part
from pipeline.core import engine, tables
from pipeline.core.errors import CaptureError
from pipeline.core.files import exclusive, making_folder, storage_errors
from pipeline.core.log import say
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, FaultKind
from scrapers.capture import Capture, ImageEntry, list_captures, read_image_shard

SHARD_IMAGES: Final = 1024
"""Most images of one pixel shard: 200 MB of 256 pixels, which the file system can copy and DVC
store at once. Other numbers read and decode as fast (`tests/benches/ingest.py`, "reading")."""
SHARD_PARTS: Final = 16
"""Tasks into which a full shard is parted, so that also a collection of one has work for all."""
LEAST_PART_IMAGES: Final = 16
"""Below this a task would be gone sooner than it was handed over."""
PARTS: Final = "parts"
"""Folder, below a shard's own, of what the shard is joined of; gone once it is done."""


class Held(NamedTuple):
    """One image of a capture."""

    tar: Path
    entry: ImageEntry


@dataclass(frozen=True)
class ShardPart:
    """Some images of one capture: the unit of work."""

    capture: str
    images: tuple[Held, ...]
    folder: Path
    """Where the result belongs."""
    params: Ingest


@dataclass(frozen=True)
class Shard:
    """The images of one capture that become one pixel shard, by their ids."""

    capture: str
    name: str
    images: tuple[Held, ...]
    params: Ingest

    @cached_property
    def key(self) -> str:
        """Names all that the result depends on: the same key, the same facts and pixels."""
        content = {
            "version": [VERSION, PIL.__version__, version("simplejpeg"), *optional_versions()],
            "params": self.params.model_dump(),
            "capture": self.capture,
            "shard": self.name,
            "images": [image.entry.sha256 for image in self.images],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]

    def parts(self, finished: Path) -> list[ShardPart]:
        """The tasks of this shard, by the images alone and never by the number of workers."""
        images = max(LEAST_PART_IMAGES, math.ceil(len(self.images) / SHARD_PARTS))
        folder = finished / self.key / PARTS
        return [
            ShardPart(
                self.capture,
                self.images[start : start + images],
                folder / f"{start:04d}-{images}",
                self.params,
            )
            for start in range(0, len(self.images), images)
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
        _forget_other_shards(shards, finished)
    _report(images, sum(len(shard.images) for shard in pending))


def plan(captures: Sequence[Capture], params: Ingest) -> Iterator[Shard]:
    """The shards to be made of ``captures``, oldest first; an image belongs to the first it is in.

    The split follows from the ids of the images alone, and a later capture never changes it.
    """
    seen: set[str] = set()
    for capture in sorted(captures, key=lambda capture: capture.as_of):
        new = [
            Held(tar.path, entry)
            for tar in capture.image_shards()
            for entry in tar.entries
            if entry.sha256 not in seen
        ]
        seen.update(image.entry.sha256 for image in new)
        new.sort(key=lambda image: image.entry.sha256)
        for number, start in enumerate(range(0, len(new), SHARD_IMAGES)):
            name = f"{capture.as_of}-{number:05d}"
            yield Shard(capture.as_of, name, tuple(new[start : start + SHARD_IMAGES]), params)


def _make(pending: Sequence[Shard], finished: Path, *, title: str) -> None:
    """Make the parts that are missing, and each shard as soon as the last of its parts is there."""
    parts = {shard.name: shard.parts(finished) for shard in pending}
    missing = [
        (shard, part)
        for shard in pending
        for part in parts[shard.name]
        if not _is_done(part.folder)
    ]
    for _, part in missing:
        shutil.rmtree(part.folder, ignore_errors=True)  # of an older Salon: here, but not whole
    left = Counter(shard.name for shard, _ in missing)
    for shard in pending:
        if not left[shard.name]:
            _join(shard, parts[shard.name], finished)
    made = engine.run(ingest_part, [part for _, part in missing], title=title)
    for _, (shard, _) in zip(made, missing, strict=True):
        left[shard.name] -= 1
        if not left[shard.name]:
            _join(shard, parts[shard.name], finished)


def ingest_part(part: ShardPart) -> None:
    """Make the part in its folder, unless somebody else is sooner."""
    if _is_done(part.folder):
        return
    with making_folder(part.folder) as folder:
        make_part(_read(part.images), folder, capture=part.capture, params=part.params)


def _read(images: Sequence[Held]) -> Iterator[tuple[str, bytes]]:
    """The images in the order in which they lie in the tars, so that no disk has to seek back."""
    by_place = sorted(images, key=lambda image: (image.tar, image.entry.offset))
    for tar, held in itertools.groupby(by_place, key=lambda image: image.tar):
        yield from read_image_shard(tar, [image.entry for image in held])


def _join(shard: Shard, parts: Sequence[ShardPart], finished: Path) -> None:
    folder = finished / shard.key
    join_parts([part.folder for part in parts], folder, shard=shard.name, sizes=shard.params.sizes)
    # A worker that was taken for dead may still write there; the next run removes what it leaves.
    shutil.rmtree(folder / PARTS, ignore_errors=True)


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


def _forget_other_shards(shards: Sequence[Shard], finished: Path) -> None:
    """Delete what no shard of this run came from: other params, removed captures, torn writes."""
    kept = {shard.key for shard in shards}
    for folder in finished.iterdir() if finished.exists() else ():
        if folder.name not in kept:
            shutil.rmtree(folder)
        else:
            shutil.rmtree(folder / PARTS, ignore_errors=True)


def _report(images: pa.Table, decoded_now: int) -> None:
    faults = tables.counts(images, "fault")
    unreadable = faults.get(FaultKind.UNREADABLE, 0)
    other = faults.get(FaultKind.NOT_AN_IMAGE, 0)
    say(
        f"{images.num_rows:,} images: {images.num_rows - unreadable - other:,} decoded, "
        f"{unreadable:,} unreadable, {other:,} not an image "
        f"({decoded_now:,} examined in this run)"
    )
