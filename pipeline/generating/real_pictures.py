"""Images of a collection by their ids, as its model was shown them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.core import tables
from pipeline.core.errors import UsageError
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from train.data.real_images import RealImages
from train.data.variants import Variants


def real_pictures(
    collection: str, image_ids: Sequence[str], resolution: int
) -> tuple[Pixels, tuple[str, ...]]:
    """The images of those ids (n, resolution, resolution, 3), and of whom they are.

    Raises:
        UsageError: the collection shows no such image, or is none.
    """
    if collection.endswith(".safetensors"):
        raise UsageError(
            "images are looked for in a collection; name one in place of the model file"
        )
    paths = Paths(Path.cwd(), collection)
    table = tables.read(paths.table("variants"), VARIANTS)
    pictures, creators = [], []
    for image_id in image_ids:
        for split in Split:
            originals, _ = Variants.of(table, split).originals()
            here = np.flatnonzero(originals.image_id == image_id)
            if len(here):
                images = RealImages(paths.pixels, originals.taken(here), resolution)
                pictures.append(images.pictures(np.arange(1))[0])
                creators.append(originals.classes[originals.of_class[here[0]]])
                break
        else:
            raise UsageError(
                f"{collection} keeps no image {image_id!r}; the review page (`salon review "
                f"{collection}`) shows the ids of all images"
            )
    return np.stack(pictures), tuple(creators)
