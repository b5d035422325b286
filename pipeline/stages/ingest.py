"""`ingest`: decode every captured image once, into one row of facts and square pixels."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import PIL
import pyarrow as pa

from curation.images import facts
from curation.images.pixel_shards import FACTS, make_shard
from pipeline.core import engine, tables
from pipeline.core.errors import CaptureError
from pipeline.core.files import exclusive, storage_errors
from pipeline.core.log import say
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, Reason
from scrapers.capture import Capture, ImageEntry, list_captures, read_image_shard

SHARD_IMAGES: Final = 1024
"""Most images of one pixel shard, and of one task."""


@dataclass(frozen=True)
class Task:
    """Some images of one captured tar, which become one pixel shard."""

    capture: str
    shard: str
    tar: Path
    entries: tuple[ImageEntry, ...]
    params: Ingest

    @property
    def key(self) -> str:
        """Names all that the result depends on: the same key, the same facts and pixels."""
        content = {
            "version": [facts.VERSION, PIL.__version__],
            "params": self.params.model_dump(),
            "capture": self.capture,
            "shard": self.shard,
            "images": [entry.sha256 for entry in self.entries],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def run(paths: Paths, params: Ingest) -> None:
    """Bring ``images.parquet`` and the pixel shards up to the captures there are.

    Finished shards are kept in the work folder under their key, so an interrupted run goes on and
    a new capture costs only its new images.

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
        tasks = list(plan(captures, params))
        pending = [(task, finished) for task in tasks if not _is_done(task, finished)]
        for _ in engine.run(ingest_shard, pending, title=f"ingest {paths.collection}"):
            pass
        images = _collect(tasks, finished)
        _place_pixels(tasks, finished, paths)
        tables.write(paths.table("images"), IMAGES, images)
        _forget_others(tasks, finished)
    _report(images, sum(len(task.entries) for task, _ in pending))


def plan(captures: Sequence[Capture], params: Ingest) -> Iterator[Task]:
    """The shards to be made of ``captures``, oldest first; an image belongs to the first it is in.

    The split follows from the manifests alone, and a later capture never changes it.
    """
    seen: set[str] = set()
    for capture in sorted(captures, key=lambda capture: capture.as_of):
        for number, tar in enumerate(capture.image_shards()):
            new = [entry for entry in tar.entries if entry.sha256 not in seen]
            seen.update(entry.sha256 for entry in new)
            for part, start in enumerate(range(0, len(new), SHARD_IMAGES)):
                shard = f"{capture.as_of}-{number:05d}-{part:03d}"
                entries = tuple(new[start : start + SHARD_IMAGES])
                yield Task(capture.as_of, shard, tar.path, entries, params)


def ingest_shard(work: tuple[Task, Path]) -> None:
    """Make the shard of one task below the folder of finished shards."""
    task, finished = work
    folder = finished / task.key
    shutil.rmtree(folder, ignore_errors=True)  # what a killed run left half written
    make_shard(
        read_image_shard(task.tar, task.entries),
        folder,
        capture=task.capture,
        shard=task.shard,
        params=task.params,
    )


def _is_done(task: Task, finished: Path) -> bool:
    return (finished / task.key / FACTS).exists()


def _collect(tasks: Sequence[Task], finished: Path) -> pa.Table:
    parts = [tables.read(finished / task.key / FACTS, IMAGES) for task in tasks]
    return pa.concat_tables([IMAGES.arrow.empty_table(), *parts])


def _place_pixels(tasks: Sequence[Task], finished: Path, paths: Paths) -> None:
    """Give the finished shards their names, and remove those of earlier runs."""
    with storage_errors(paths.pixels):
        shutil.rmtree(paths.pixels, ignore_errors=True)
        for task in tasks:
            for size in task.params.sizes:
                target = paths.pixel_shard(size, task.shard)
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(finished / task.key / f"{size}.npy", target)


def _link(source: Path, target: Path) -> None:
    """The same file under a second name; a copy where the file system cannot do that."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _forget_others(tasks: Sequence[Task], finished: Path) -> None:
    """Delete what no shard of this run came from: other params, removed captures, torn writes."""
    kept = {task.key for task in tasks}
    for folder in finished.iterdir() if finished.exists() else ():
        if folder.name not in kept:
            shutil.rmtree(folder)


def _report(images: pa.Table, decoded_now: int) -> None:
    faults = tables.counts(images, "fault")
    unreadable = faults.get(Reason.UNREADABLE, 0)
    other = faults.get(Reason.NOT_AN_IMAGE, 0)
    say(
        f"{images.num_rows:,} images: {images.num_rows - unreadable - other:,} decoded, "
        f"{unreadable:,} unreadable, {other:,} not an image "
        f"({decoded_now:,} examined in this run)"
    )
