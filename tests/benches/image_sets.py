"""Sets of images on which trainings are compared: the gallery's, a collection's, or folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core import shards, tables
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES, Symmetry
from tests.benches import damages
from tests.benches.bases import variants_of
from train.data.real_images import RealImages
from train.data.variants import Variants

COLLECTION: Final = "collection:"
MIRRORED: Final = (Symmetry.IDENTITY, Symmetry.FLIP_LEFT_RIGHT)
GALLERY: Final[dict[str, tuple[Callable[[int], damages.Pictures], Sequence[Symmetry]]]] = {
    "paintings": (damages.paintings, SYMMETRIES),
    "watches": (damages.watches, MIRRORED),
}


@dataclass(frozen=True)
class ImageSet:
    """Images to train on: their shards below ``folder``, and which symmetries are shown."""

    name: str
    folder: Path
    variants: Variants

    def pictures(self, most: int | None = None) -> Pixels:
        """All variants in the order of the table, or as many drawn at random: (n, 64, 64, 3)."""
        places = np.arange(len(self.variants))
        if most is not None:
            places = np.random.default_rng(1).permutation(places)[:most]
        shown = self.variants.taken(places)
        return RealImages(self.folder, shown, damages.SIDE).pictures(np.arange(len(shown)))


def image_set(name: str, place: Path, count: int) -> ImageSet:
    """The set that ``name`` says: some of the gallery's, `COLLECTION` and a name, or folders.

    At most ``count`` images of the gallery or of folders (joined by commas) are written below
    ``place``.
    """
    if name.startswith(COLLECTION):
        paths = Paths(Path(), name.removeprefix(COLLECTION))
        table = tables.read(paths.table("variants"), VARIANTS)
        return ImageSet(paths.collection, paths.pixels, Variants.of(table, Split.TRAIN))
    source, symmetries = GALLERY.get(name) or (partial(_folders, name.split(",")), MIRRORED)
    pixels = source(count).pixels
    folder = place / "pixels"
    shards.write(folder / str(damages.SIDE) / "0.npy", pixels)
    short = "_".join(Path(part).name for part in name.split(","))
    return ImageSet(short, folder, variants_of("0", len(pixels), symmetries))


def _folders(paths: Sequence[str], count: int) -> damages.Pictures:
    parts = [damages.folder(Path(path), count) for path in paths]
    return damages.Pictures(
        np.concatenate([part.pixels for part in parts])[:count],
        [name for part in parts for name in part.of_class][:count],
    )
