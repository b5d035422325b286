"""Our pHashes beside those of `imagehash`, whose definition they follow, on images of a collection.

Salon computes its own, because it needs all eight symmetries from one transform of whole numbers
that is the same on every machine. `imagehash` reads the captured bytes anew, and shares no code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import imagehash
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image

from curation.images.decode import Decoded, decode
from pipeline.core import tables
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES
from pipeline.originals import Originals

COMPARED: Final = 50
"""Images at most, the first by id: a decode of each is a second or two in all."""
BITS_APART: Final = 2
"""Bits near their median that whole numbers and floats may round to either side."""


@dataclass(frozen=True)
class ReferenceHashes:
    """How many hashes were compared, and how many of them are the same but for rounding."""

    compared: int
    alike: int


def reference_hashes(paths: Paths, params: Ingest) -> ReferenceHashes:
    """Compare the first images by id whose hash is no noise and whose bytes are here."""
    images = tables.read(paths.table("images"), IMAGES, ["image_id", "phashes", "featureless"])
    has_features = pc.and_(pc.is_valid(images["phashes"]), pc.invert(images["featureless"]))
    chosen: pa.Table = images.filter(has_features).slice(0, COMPARED)
    originals = Originals(paths.root)
    compared = alike = 0
    for row in chosen.to_pylist():
        data = originals.fetch(paths.collection, row["image_id"])
        decoded = None if data is None else decode(data, max_megapixels=params.max_megapixels)
        if isinstance(decoded, Decoded):
            reference = int(str(imagehash.phash(Image.fromarray(decoded.pixels))), 16)
            compared += 1
            alike += (reference ^ row["phashes"][0]).bit_count() <= BITS_APART
    return ReferenceHashes(compared, alike)
