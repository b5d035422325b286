"""Where captures keep the bytes of images: the one module of the export that knows captures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.ids import image_id_of
from pipeline.core.schema import MANIFEST
from pipeline.export.items import Place
from pipeline.export.tables import batches, rows_of
from scrapers.capture import ImageEntry, list_captures, read_image_shard
from scrapers.capture.layout import DESCRIPTION, IMAGE
from scrapers.capture.layout import MANIFEST as MANIFEST_FILE

_COLUMNS = ["kind", "sha256", "shard", "offset", "bytes", "held_in"]


def is_needed_first(name: str) -> bool:
    """Whether a file of a capture says what the others hold, so that it must be there first."""
    return name.endswith((f"/{DESCRIPTION}", f"/{MANIFEST_FILE}"))


def places(captures: Path) -> Iterator[tuple[str, str, int, int]]:
    """Image id, shard, offset and length of every image that the finished captures hold.

    Raises:
        CaptureError, TableError: a description or a manifest is torn.
    """
    for capture in list_captures(captures):
        manifest = capture.folder / MANIFEST_FILE
        for _, sha256, shard, offset, length, _ in rows_of(
            batches(manifest, MANIFEST, _COLUMNS).rows, _own_images
        ):
            yield image_id_of(sha256), str(capture.folder / shard), offset, length


def read_bytes(sha256: str, place: Place) -> bytes:
    """An image as it was fetched, held against its digest before it leaves.

    Raises:
        CaptureError: its shard is missing or torn, or holds other bytes.
    """
    entry = ImageEntry(image_id_of(sha256), sha256, place.offset, place.length)
    return next(iter(read_image_shard(place.path, [entry])))[1]


def _own_images(rows: pa.RecordBatch) -> Any:
    stored = pc.and_(pc.equal(rows["kind"], IMAGE), pc.is_valid(rows["shard"]))
    return pc.and_(stored, pc.is_null(rows["held_in"]))
