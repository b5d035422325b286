"""Writing the parts of an export: each a pure function of its rows and pixels, on any process."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import PIL
import pyarrow.parquet as pq

from pipeline.core.files import storage_errors, write_bytes
from pipeline.export.exported_items import FACTS, Item, Part
from pipeline.export.formats import format_of
from pipeline.export.formats.format import Format
from pipeline.export.image_bytes import ImageBytes, OriginalBytes, SquareBytes, with_bytes
from pipeline.export.item_catalogue import Catalogue
from pipeline.export.manifest import PartRecord
from pipeline.export.staging import Staging
from pipeline.export.writer import Writer, compact

VERSION: Final = 1
"""Raise it whenever the same rows would give other bytes than before."""
INDEX_ROWS: Final = 1024
"""Of a row group in the table of a split."""
LICENSES_ENCODING: Final[Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}
LICENSE_COLUMNS: Final = ("file", "member", *(fact.name for fact in FACTS))


@dataclass(frozen=True)
class PartTask:
    """One part to be made."""

    catalogue: Path
    format: str
    squares: tuple[int, Path] | None
    """Side and folder of the pixel shards; None: images as they were fetched."""
    staging: Staging
    finished: Path
    """The export's folder, where an earlier version may lie."""
    part: Part
    earlier: tuple[Path, int] | None
    """Manifest and offset of the line in it that tells of this part there."""


def write_part(task: PartTask) -> PartRecord:
    """Make one part, unless it lies finished in the export or in the staging folder.

    Raises:
        TableError, CaptureError: pixels or bytes are missing or torn.
        StorageError: the disk is full.
    """
    chosen = format_of(task.format)
    pictures = _pictures(task, chosen)
    with Catalogue(task.catalogue) as catalogue:
        heading = chosen.heading(catalogue.classes())
        items = _items(catalogue, task.part)
        made_of, count = _survey(task, chosen, items, pictures, heading)
        if (earlier := _finished(task, made_of)) is not None:
            return earlier
        written = Writer(task.staging.files)
        chosen.write(task.part, with_bytes(pictures, items()), heading, written)
    record = PartRecord(task.part.name, made_of, count, tuple(written.records))
    write_bytes(task.staging.record(task.part.name), compact(record.as_json()))
    return record


def _items(catalogue: Catalogue, part: Part) -> Callable[[], Iterator[Item]]:
    """The items of a part, as often as they are asked for; those of a shard are few enough."""
    if part.shard is None:
        return partial(catalogue.items, part)
    of_shard = list(catalogue.items(part))
    return lambda: iter(of_shard)


def _pictures(task: PartTask, chosen: Format) -> ImageBytes:
    if task.squares is None:
        return OriginalBytes()
    size, folder = task.squares
    return SquareBytes(size, folder, chosen.compress_level)


def _survey(
    task: PartTask,
    chosen: Format,
    items: Callable[[], Iterator[Item]],
    pictures: ImageBytes,
    heading: bytes,
) -> tuple[str, int]:
    """Write what other files say about the part; what it is made of, and how many pictures."""
    part, count = task.part, 0
    digest = hashlib.sha256(compact([VERSION, chosen.name, part, _libraries(chosen)]))
    digest.update(heading)
    with storage_errors(task.staging.folder):
        with task.staging.licenses(part.name).open("w", **LICENSES_ENCODING) as file:
            licenses = csv.writer(file, lineterminator="\n")
            for item in items():
                row = (*chosen.file_of(part, item), *item.facts.values())
                licenses.writerow(row)
                digest.update(
                    f"{row!r}{pictures.content(item)}".encode("utf-8", "backslashreplace")
                )
                count += 1
        _write_index(task, chosen, items())
    return digest.hexdigest(), count


def _write_index(task: PartTask, chosen: Format, items: Iterator[Item]) -> None:
    """The rows of the part in the table of its split."""
    if chosen.index_path(task.part.split) is None:
        return
    with pq.ParquetWriter(task.staging.index(task.part.name), chosen.index_schema) as writer:
        while some := list(itertools.islice(items, INDEX_ROWS)):
            writer.write_table(chosen.index(task.part, some))


def _libraries(chosen: Format) -> Sequence[str]:
    """What else decides about bytes: the encoder of PNG and the writer of parquet."""
    return [PIL.__version__, *([version("pyarrow")] if chosen.name == "parquet" else [])]


def _finished(task: PartTask, made_of: str) -> PartRecord | None:
    """The part as an earlier export, or this one before it was stopped, has made it."""
    staged = task.staging.record(task.part.name)
    places = [] if task.earlier is None else [(_line(*task.earlier), task.finished)]
    if staged.exists():
        # An export that was stopped while files got their names has some of them there already.
        places += [(staged.read_bytes(), at) for at in (task.staging.files, task.finished)]
    for told, folder in places:
        record = PartRecord.from_json(json.loads(told))
        if record.made_of == made_of and all(file.is_at(folder) for file in record.files):
            return record
    return None


def _line(manifest: Path, offset: int) -> bytes:
    with manifest.open("rb") as file:
        file.seek(offset)
        return file.readline()
