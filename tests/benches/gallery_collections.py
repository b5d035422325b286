"""Collections for benches out of the gallery's faultless works, without a crawl."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from pipeline.core import shards, tables
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS, VARIANTS
from pipeline.core.shards import Pixels
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.walls import Walls

PAINTINGS: Final = "paintings"
PHOTOGRAPHS: Final = "photographs"
CATALOGUES: Final = {PHOTOGRAPHS: Walls, PAINTINGS: Paintings}
_SEED: Final = 1
_CREATORS: Final = 30
_SIDE: Final = 64
_SHARD: Final = "2026-01-01-00000"
_EACH_HELD_OUT: Final = 5


def make_both(root: Path, works: int) -> None:
    """Make paintings, and photographs of the same works on walls, below ``root``; once."""
    for name, catalogue in CATALOGUES.items():
        paths = Paths(root, name)
        if not paths.table("listings").exists():
            _make(paths, catalogue(_SEED, works, _CREATORS))


def _make(paths: Paths, catalogue: Paintings) -> None:
    """Write the faultless works of ``catalogue``, each and mirrored; each fifth is held out."""
    works = [work for work in catalogue.works if not work.picture.defects]
    squares, rows, listed = [], [], []
    for number, work in enumerate(works):
        data = catalogue.image(work.picture, None)
        if data is None:
            raise LookupError(f"{work.picture.key}: the gallery has no such file")
        squares.append(_square(data))
        image = image_id_of(sha256_hex(data))
        split = "train" if number % _EACH_HELD_OUT else "held_out"
        rows += [
            {"image_id": image, "transform": transform, "status": "keep", "decided_by": "rule",
             "split": split, "shard": _SHARD, "row": number}
            for transform in ("flip_left_right", "identity")
        ]  # fmt: skip
        listed.append(
            {"capture": "2026-01-01", "source": "wikiart", "listing_id": work.id, "position": 0,
             "image_key": work.picture.key, "page_url": work.slug, "image_id": image}
        )  # fmt: skip
    shards.write(paths.pixel_shard(_SIDE, _SHARD), np.stack(squares))
    for schema, content in ((VARIANTS, rows), (LISTINGS, listed)):
        content.sort(key=lambda row: [row[column] for column in schema.key])
        tables.write(paths.table(schema.name), schema, tables.from_rows(schema, content))


def _square(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as picture:
        whole = picture.convert("RGB")
    side = min(whole.size)
    left, top = ((length - side) // 2 for length in whole.size)
    box = (left, top, left + side, top + side)
    return np.asarray(whole.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, box))
