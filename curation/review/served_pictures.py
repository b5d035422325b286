"""The pictures of the page: original bytes, small copies of them, and what the GAN sees."""

from __future__ import annotations

import io
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from curation.review.collection import ReviewCollection
from curation.watermark.anchors import ANCHORS
from pipeline.core.paths import Paths
from pipeline.core.shards import open_shard
from pipeline.core.transforms import Symmetry, apply

THUMBNAIL_PX: Final = 320
"""Longest side of a small copy."""
_KEPT_BYTES: Final = 64 * 2**20
_SHOWN_BY_BROWSERS: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
}
_INK: Final = (255, 72, 32)
"""Colour of an overlay where it is shown."""
_TIED: Final = frozenset(anchor.name for anchor in ANCHORS)
Fetch = Callable[[str, str], bytes | None]
"""The bytes of an image as fetched, by collection and id; None where they are not here."""


@dataclass(frozen=True)
class ServedPicture:
    """What is sent for an <img>."""

    media_type: str
    data: bytes


class PictureCache:
    """PictureCache by the id of their image; small copies are kept in a bounded memory."""

    def __init__(self, fetch: Fetch) -> None:
        """Take original bytes from ``fetch``."""
        self._fetch = fetch
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], ServedPicture] = OrderedDict()
        self._bytes = 0

    def original(self, collection: ReviewCollection, row: int) -> ServedPicture | None:
        """The picture as fetched, or as PNG where no browser shows its format.

        Where the original is not here it is the square that the GAN sees.
        """
        if collection.images["shard"][row].as_py() is None:
            return None
        data = self._fetch(collection.name, collection.image_id(row))
        if data is None:
            return square(collection, row, max(sizes(collection.paths)), Symmetry.IDENTITY)
        media_type = _SHOWN_BY_BROWSERS.get(collection.images["format"][row].as_py())
        return ServedPicture(media_type, data) if media_type else _decoded_to_png(data)

    def thumbnail(self, collection: ReviewCollection, row: int) -> ServedPicture | None:
        """The whole picture with its longer side at most `THUMBNAIL_PX`.

        Where the original is not here it is the square that the GAN sees.
        """
        name = (collection.name, collection.image_id(row))
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        made = self._small_copy(collection, row)
        if made is not None:
            self._keep(name, made)
        return made

    def _small_copy(self, collection: ReviewCollection, row: int) -> ServedPicture | None:
        if collection.images["shard"][row].as_py() is None:
            return None
        data = self._fetch(collection.name, collection.image_id(row))
        if data is None:
            return square(collection, row, max(sizes(collection.paths)), Symmetry.IDENTITY)
        return _shrunk(data)

    def _keep(self, name: tuple[str, str], made: ServedPicture) -> None:
        with self._lock:
            if name in self._kept:
                return
            self._kept[name] = made
            self._bytes += len(made.data)
            while self._bytes > _KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1].data)


def square(
    collection: ReviewCollection, row: int, size: int, symmetry: Symmetry
) -> ServedPicture | None:
    """The pixels of one size as the GAN sees them, without loss; None where there are none."""
    shard, place = (collection.images[name][row].as_py() for name in ("shard", "row"))
    if shard is None:
        return None
    pixels = open_shard(collection.paths.pixel_shard(size, shard))[place]
    return as_png(apply(symmetry, pixels))


def as_png(pixels: npt.NDArray[np.uint8]) -> ServedPicture:
    """Pixels (height, width, 3) without loss."""
    return _png(Image.fromarray(np.ascontiguousarray(pixels)))


def sizes(paths: Paths) -> list[int]:
    """The sizes in which there are pixels, ascending."""
    return sorted(int(folder.name) for folder in paths.pixels.glob("[0-9]*") if folder.is_dir())


def overlays(paths: Paths) -> dict[str, Path]:
    """The pictures of the overlays that were found, by name."""
    try:
        described = json.loads((paths.overlay / "overlay.json").read_bytes())
    except FileNotFoundError:
        return {}
    return {
        mark["name"]: paths.overlay / mark["picture"]
        for group in described["groups"]
        for mark in group.get("marks", ())  # none in a file of an earlier version
    }


def lies_over(template: str | None) -> str | None:
    """The overlay that can lie over an image's square; one tied to a corner moves with its size."""
    if template is None or any(re.fullmatch(rf"{name}(-\d+)?", template) for name in _TIED):
        return None
    return template


def stencil(path: Path) -> ServedPicture:
    """An overlay that can lie over a picture: the further from mid-grey, the more opaque."""
    with Image.open(path) as opened:
        grey = opened.convert("L")
    shown = Image.new("RGBA", grey.size, _INK)
    shown.putalpha(grey.point([min(255, 2 * abs(level - 128)) for level in range(256)]))
    return _png(shown)


def _shrunk(data: bytes) -> ServedPicture | None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (THUMBNAIL_PX, THUMBNAIL_PX))
            shown = image.convert("RGB")
            shown.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.BILINEAR)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None
    buffer = io.BytesIO()
    shown.save(buffer, "JPEG", quality=85)
    return ServedPicture("image/jpeg", buffer.getvalue())


def _decoded_to_png(data: bytes) -> ServedPicture | None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _png(image.convert("RGB"))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None


def _png(image: Image.Image) -> ServedPicture:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return ServedPicture("image/png", buffer.getvalue())
