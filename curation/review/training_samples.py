"""The samples of the last training, and the real images that look most like each of them.

The sheets that `train` writes are cut apart again (square pictures, two pixels of white between
them), so that a sample with a flaw leads to the images it may have come from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from curation.review.collection import Integers, ReviewCollection
from pipeline.core.paths import Paths
from pipeline.core.shards import Pixels, open_shard
from pipeline.core.transforms import SYMMETRIES, apply

GAP_PX: Final = 2
COARSE_PX: Final = 8
"""Side at which samples and images are compared: composition and colour, not detail."""
MOST_SAMPLES: Final = 32
NEAREST: Final = 4
_SIZE: Final = 64

Coarse = npt.NDArray[np.float32]
"""Pictures as points: (n, 8 * 8 * 3)."""


@dataclass(frozen=True)
class TrainingSamples:
    """What there is to show of the model."""

    sheet: Path | None
    """The last samples."""
    side: int
    """Of one sample, in pixels."""
    nearest: Path | None
    """Samples above their nearest training images, as `evaluate` found them."""
    facts: dict[str, Any]


def training(paths: Paths) -> TrainingSamples:
    """Find what `train` and `evaluate` have written; nothing where they have not run."""
    sheets = sorted((paths.model / "samples").glob("[0-9]*.png"))
    model = _json(paths.model / "model.json")
    nearest = paths.evaluation / "nearest.png"
    return TrainingSamples(
        sheet=sheets[-1] if sheets and model else None,
        side=int(model["params"]["resolution"]) if model else 0,
        nearest=nearest if nearest.exists() else None,
        facts={
            "imagesSeen": model.get("images_seen"),
            "kind": model.get("params", {}).get("model"),
        },
    )


def samples(trained: TrainingSamples) -> Pixels:
    """The samples of the last sheet: uint8 (n, side, side, 3)."""
    if trained.sheet is None:
        return np.empty((0, 1, 1, 3), np.uint8)
    with Image.open(trained.sheet) as opened:
        sheet = np.asarray(opened.convert("RGB"))
    pitch = trained.side + GAP_PX
    rows, columns = ((length - GAP_PX) // pitch for length in sheet.shape[:2])
    tiles = [
        sheet[top : top + trained.side, left : left + trained.side]
        for top in range(GAP_PX, rows * pitch, pitch)
        for left in range(GAP_PX, columns * pitch, pitch)
    ]
    shown = [tile for tile in tiles if tile.min() < 255]  # the last row may end in white
    return np.stack(shown[:MOST_SAMPLES]) if shown else np.empty((0, 1, 1, 3), np.uint8)


class Nearest:
    """The coarse pixels of every image of a collection, read once."""

    def __init__(self, collection: ReviewCollection) -> None:
        """Shrink the 64-pixel images.

        Raises:
            TableError: a pixel shard is missing or torn.
        """
        shards = collection.images["shard"].to_numpy()
        places = collection.images["row"].to_numpy()
        decoded = np.flatnonzero(collection.images["shard"].is_valid().to_numpy())
        self._rows = decoded
        self._points = np.empty((len(decoded), COARSE_PX * COARSE_PX * 3), np.float32)
        for shard in dict.fromkeys(shards[decoded].tolist()):
            mine = shards[decoded] == shard
            pixels = open_shard(collection.paths.pixel_shard(_SIZE, shard))
            self._points[mine] = _coarse(pixels)[places[decoded][mine].astype(np.int64)]

    def rows(self, sample: Pixels) -> list[int]:
        """The rows of the images nearest to one sample (side, side, 3), under any symmetry."""
        turned = np.stack([apply(symmetry, sample) for symmetry in SYMMETRIES])
        points = _coarse(turned)
        distance = np.min([np.square(self._points - point).sum(axis=1) for point in points], axis=0)
        nearest: Integers = np.argsort(distance, kind="stable")[:NEAREST]
        return [int(row) for row in self._rows[nearest]]


def _coarse(pixels: Pixels) -> Coarse:
    """Means over blocks of (n, s, s, 3); a side under eight is repeated up to it."""
    count, side = pixels.shape[:2]
    if side < COARSE_PX:
        pixels = pixels.repeat(COARSE_PX // side, axis=1).repeat(COARSE_PX // side, axis=2)
        side = pixels.shape[1]
    block = side // COARSE_PX
    blocks = pixels[:, : block * COARSE_PX, : block * COARSE_PX].reshape(
        count, COARSE_PX, block, COARSE_PX, block, 3
    )
    means: Coarse = blocks.mean(axis=(2, 4), dtype=np.float32).reshape(count, -1)
    return means


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    return content
