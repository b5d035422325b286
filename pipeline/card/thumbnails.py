"""Pictures for the page: small WebP files as data URIs, from pixel shards and from files."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from pipeline.core import shards
from pipeline.core.errors import TableError
from pipeline.core.paths import Paths

LONGEST_SHOWN_PX = 160
"""A thumbnail from a larger pixel shard is shrunk to this."""
_QUALITY = 88


@dataclass(frozen=True)
class Thumbnail:
    """An image for an <img>: its data URI and its size in pixels."""

    uri: str
    width: int
    height: int


def encode(image: Image.Image, *, quality: int = _QUALITY) -> Thumbnail:
    """``image`` as a WebP data URI; equal pixels give equal text."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=4)
    uri = f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return Thumbnail(uri, image.width, image.height)


def sharpest_size(paths: Paths) -> int:
    """The largest size in which the collection's pixels exist.

    Raises:
        TableError: there are no pixels at all.
    """
    sizes = [int(folder.name) for folder in paths.pixels.glob("[0-9]*") if folder.is_dir()]
    if not sizes:
        raise TableError(f"{paths.pixels}: holds no pixels; run `dvc repro ingest`")
    return max(sizes)


def thumbnails(
    paths: Paths, places: Sequence[tuple[str, int]], size: int | None = None
) -> list[Thumbnail]:
    """The images at ``places`` (shard, row) of the shards of a size, by default the sharpest."""
    if not places:
        return []
    gathered = shards.gather(paths.pixels, size or sharpest_size(paths), places)
    return [encode(_shrunk(Image.fromarray(pixels))) for pixels in gathered]


def from_file(path: Path, *, longest_px: int | None = None, quality: int = _QUALITY) -> Thumbnail:
    """The picture at ``path``, shrunk to ``longest_px`` on its longer side where it is larger.

    Raises:
        TableError: there is no such file, or it is no picture.
    """
    try:
        with Image.open(path) as opened:
            image = opened.convert("RGBA" if opened.mode in ("RGBA", "LA", "P") else "RGB")
    except FileNotFoundError as error:
        raise TableError(f"{path}: missing; run `dvc repro` to make it") from error
    except (UnidentifiedImageError, OSError) as error:
        raise TableError(f"{path}: torn or no picture; run `dvc repro` to make it anew") from error
    return encode(_shrunk(image, longest_px) if longest_px else image, quality=quality)


def _shrunk(image: Image.Image, longest_px: int = LONGEST_SHOWN_PX) -> Image.Image:
    scale = longest_px / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)
