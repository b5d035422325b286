"""One shard of images from bytes to facts and pixels: the unit of work of `ingest`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from curation.images.facts import examine
from pipeline.core import shards, tables
from pipeline.core.ids import image_id_of
from pipeline.core.params.ingest import Ingest
from pipeline.core.schema import IMAGES
from pipeline.core.shards import Pixels

FACTS: Final = "images.parquet"
"""Written last, so where it is the shard is done."""


def make_shard(
    images: Iterable[tuple[str, bytes]], folder: Path, *, capture: str, shard: str, params: Ingest
) -> None:
    """Examine ``images`` (sha256, bytes) once each and write what was found into ``folder``.

    ``<size>.npy`` holds the pixels of the images that could be decoded, in the order they came,
    one image in memory at a time; ``images.parquet`` holds the facts of all of them.
    """
    rows = []
    with ExitStack() as stack:
        append: dict[int, Callable[[Pixels], None]] = {
            size: stack.enter_context(shards.appending(folder / f"{size}.npy", size))
            for size in params.sizes
        }
        decoded = 0
        for sha256, data in images:
            facts, pixels = examine(data, params)
            place = {"shard": shard, "row": decoded} if pixels else {"shard": None, "row": None}
            named = {"image_id": image_id_of(sha256), "sha256": sha256, "capture": capture}
            rows.append({**named, **place, **facts.row()})
            for size, image in pixels.items():
                append[size](image)
            decoded += bool(pixels)
    tables.write(folder / FACTS, IMAGES, tables.from_rows(IMAGES, rows))
