"""The bytes of a picture: a square of pixels as PNG, or the file as a capture keeps it.

The one module of the export that knows captures.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from PIL import Image

from pipeline.core import shards
from pipeline.core.ids import image_id_of
from pipeline.core.schema import MANIFEST
from pipeline.core.shards import Pixels
from pipeline.core.transforms import apply
from pipeline.export.exported_items import ByteRange, Item
from pipeline.versions.old_tables import batches, tuples_of
from scrapers.capture import ImageEntry, list_captures, read_image_shard
from scrapers.capture.file_names import DESCRIPTION, IMAGE
from scrapers.capture.file_names import MANIFEST as MANIFEST_FILE

SQUARE_KIND: Final = "png"
_KINDS: Final = {"JPEG": "jpg", "MPO": "jpg", "TIFF": "tif"}
_SHARDS_OPEN: Final = 4


class ImageBytes(Protocol):
    """Where the bytes of pictures come from."""

    def content(self, item: Item) -> str:
        """What the bytes follow from: equal contents give equal bytes."""

    def read(self, item: Item) -> bytes:
        """The file of one picture."""


class OriginalBytes:
    """Images as they were fetched, each held against its sha256 before it leaves."""

    def content(self, item: Item) -> str:
        """The digest of the bytes."""
        return item.sha256

    def read(self, item: Item) -> bytes:
        """The bytes.

        Raises:
            CaptureError: the shard is missing or torn, or holds other bytes.
        """
        if item.place is None:
            raise AssertionError(f"{item.key}: an image without bytes was to be refused before")
        return read_bytes(item.sha256, item.place)


class SquareBytes:
    """Squares of ``size`` pixels out of the shards that ``ingest`` wrote."""

    def __init__(self, size: int, folder: Path, compress_level: int) -> None:
        """Read ``<shard>.npy`` in ``folder``; the levels of PNG are those of zlib."""
        self._size = size
        self._level = compress_level
        self._shard = lru_cache(_SHARDS_OPEN)(
            lambda name: shards.open_shard(folder / f"{name}.npy")
        )

    def content(self, item: Item) -> str:
        """A digest of the pixels and what is done with them."""
        pixels = np.ascontiguousarray(self._shard(item.shard)[item.row])
        return (
            f"{self._size} {self._level} {item.transform} {xxhash.xxh3_128_hexdigest(pixels.data)}"
        )

    def read(self, item: Item) -> bytes:
        """The square as an RGB file of PNG.

        Raises:
            TableError: its shard is missing or torn.
        """
        return png(apply(item.transform, self._shard(item.shard)[item.row]), self._level)


def png(pixels: Pixels, compress_level: int) -> bytes:
    """``pixels`` (height, width, 3) as a PNG file; nothing but the pixels is in it."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", compress_level=compress_level)
    return buffer.getvalue()


def suffix_of(image_format: str | None) -> str:
    """The suffix, always in small letters, of a file in Pillow's ``image_format``.

    >>> kind_of("JPEG"), kind_of("WEBP")
    ('jpg', 'webp')
    """
    return _KINDS.get(image_format or "", (image_format or "bin").lower())


def with_bytes(pictures: ImageBytes, items: Iterator[Item]) -> Iterator[tuple[Item, bytes]]:
    """Each item with its bytes."""
    return ((item, pictures.read(item)) for item in items)


_COLUMNS = ["kind", "sha256", "shard", "offset", "bytes", "held_in"]


def is_needed_first(name: str) -> bool:
    """Whether a file of a capture says what the others hold, so that it must be there first."""
    return name.endswith((f"/{DESCRIPTION}", f"/{MANIFEST_FILE}"))


def byte_places(captures: Path) -> Iterator[tuple[str, str, int, int]]:
    """Image id, shard, offset and length of every image that the finished captures hold.

    Raises:
        CaptureError, TableError: a description or a manifest is torn.
    """
    for capture in list_captures(captures):
        manifest = capture.folder / MANIFEST_FILE
        for _, sha256, shard, offset, length, _ in tuples_of(
            batches(manifest, MANIFEST, _COLUMNS).rows, _own_images
        ):
            yield image_id_of(sha256), str(capture.folder / shard), offset, length


def read_bytes(sha256: str, place: ByteRange) -> bytes:
    """An image as it was fetched, held against its digest before it leaves.

    Raises:
        CaptureError: its shard is missing or torn, or holds other bytes.
    """
    entry = ImageEntry(image_id_of(sha256), sha256, place.offset, place.length)
    return next(iter(read_image_shard(place.path, [entry])))[1]


def _own_images(rows: pa.RecordBatch) -> Any:
    stored = pc.and_(pc.equal(rows["kind"], IMAGE), pc.is_valid(rows["shard"]))
    return pc.and_(stored, pc.is_null(rows["held_in"]))
