"""The galleries of the default params, and ways to look at their pictures."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.items import Defect, Picture

PAINTING_GALLERY: Final = Gallery(seed=1, works=240, creators=30)
PAINTINGS: Final = Paintings(1, 240, 30)
WATCH_GALLERY: Final = Gallery(seed=2, works=360, creators=12)
WATCHES: Final = Watches(2, 360, 12)
"""The galleries of the default params."""


def paintings_with(defect: Defect) -> list[Picture]:
    """Pictures of works in which ``defect`` was planted."""
    return [w.picture for w in PAINTINGS.works if defect in w.picture.defects]


def watches_with(defect: Defect) -> list[Picture]:
    """First pictures of watches in which ``defect`` was planted."""
    return [w.pictures[0] for w in WATCHES.watches if defect in w.pictures[0].defects]


def decoded(data: bytes | None) -> Image.Image:
    """The picture that ``data`` holds, whole."""
    assert data is not None
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def small(picture: Image.Image, side: int = 48) -> NDArray[np.float64]:
    """(side, side, 3) of a picture stretched to a square: what a glance remembers of it."""
    square = picture.convert("RGB").resize((side, side), Image.Resampling.BOX)
    return np.asarray(square, dtype=np.float64)


def apart(picture: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures, 0..255."""
    return float(np.abs(small(picture) - small(other)).mean())
