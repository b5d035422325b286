"""The bytes of a picture: a square of pixels as PNG, or the file as it was fetched."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import xxhash
from PIL import Image

from pipeline.core import shards
from pipeline.core.shards import Pixels
from pipeline.core.symmetries import apply
from pipeline.export.items import Item
from pipeline.export.places import read_bytes

SQUARE_KIND: Final = "png"
_KINDS: Final = {"JPEG": "jpg", "MPO": "jpg", "TIFF": "tif"}
_SHARDS_OPEN: Final = 4


class Pictures(Protocol):
    """Where the bytes of pictures come from."""

    def content(self, item: Item) -> str:
        """What the bytes follow from: equal contents give equal bytes."""

    def read(self, item: Item) -> bytes:
        """The file of one picture."""


class Originals:
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


class Squares:
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


def kind_of(image_format: str | None) -> str:
    """The suffix, always in small letters, of a file in Pillow's ``image_format``.

    >>> kind_of("JPEG"), kind_of("WEBP")
    ('jpg', 'webp')
    """
    return _KINDS.get(image_format or "", (image_format or "bin").lower())


def of_each(pictures: Pictures, items: Iterator[Item]) -> Iterator[tuple[Item, bytes]]:
    """Each item with its bytes."""
    return ((item, pictures.read(item)) for item in items)
