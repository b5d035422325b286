"""The smallest translation between two collections: pictures, and the same by yellow light."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import yaml

from pipeline.core import shards, tables
from pipeline.core.params.translation import UnpairedTranslation
from pipeline.core.paths import Paths, TranslationPaths
from pipeline.core.schema import LISTINGS, VARIANTS
from tests.train import pairs, small
from train.translation.curated import Curated

NAME: Final = "unframed"
PHOTOGRAPHS: Final = "photographs"
UNPAIRED: Final[dict[str, Any]] = {
    **{key: value for key, value in pairs.PAIRED.items() if key != "task"},
    "collection": PHOTOGRAPHS,
    "kind": "unpaired",
    "truth": "listing_id",
    "kimg": 0.04,
    "pool": 6,
}
LIGHT: Final = (0.8, 0.7, 0.4)
_OTHER: Final = "f"
"""First digit of the ids of photographs."""


def params(**changes: Any) -> UnpairedTranslation:
    """The smallest translation, with ``changes``."""
    return UnpairedTranslation.model_validate(UNPAIRED | changes)


def build(root: Path, **changes: Any) -> TranslationPaths:
    """Both collections with their listings, and params.yaml with the translation `NAME`."""
    paintings = small.build(root)
    photographs = Paths(root, PHOTOGRAPHS)
    for shard in small.SHARDS:
        painted = np.load(paintings.pixel_shard(64, shard))
        lit = (painted * np.array(LIGHT)).astype(np.uint8)
        shards.write(photographs.pixel_shard(64, shard), lit)
    table = tables.read(paintings.table("variants"), VARIANTS)
    ids = pa.array([_OTHER + image[1:] for image in table["image_id"].to_pylist()])
    there = table.set_column(0, VARIANTS.arrow.field("image_id"), ids)
    tables.write(photographs.table("variants"), VARIANTS, there)
    for paths, variants in ((paintings, table), (photographs, there)):
        _list(paths, variants)
    file = root / "params.yaml"
    content = yaml.safe_load(file.read_text())
    content["collections"][PHOTOGRAPHS] = content["collections"][small.COLLECTION]
    content["translations"] = {NAME: UNPAIRED | changes}
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    return TranslationPaths(root, NAME, PHOTOGRAPHS, small.COLLECTION)


def _list(paths: Paths, variants: pa.Table) -> None:
    """A listing for each image; a painting and its photograph have one id."""
    images = sorted(set(variants["image_id"].to_pylist()))
    rows = [
        {
            "capture": "2026-01-01", "source": "wikiart", "listing_id": image[1:], "position": 0,
            "image_key": image, "page_url": "https://example.org", "image_id": image,
        }
        for image in images
    ]  # fmt: skip
    tables.write(paths.table("listings"), LISTINGS, tables.from_rows(LISTINGS, rows))


def curated(paths: TranslationPaths) -> tuple[Curated, Curated]:
    """Photographs and paintings."""
    photographs, paintings = (
        Curated.of(each.pixels, tables.read(each.table("variants"), VARIANTS))
        for each in (paths.source, paths.aim)
    )
    return photographs, paintings
