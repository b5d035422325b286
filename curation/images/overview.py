"""The overview of a picture: all of it, averaged down, in luminance. What facts are measured on.

A fact about a picture should not depend on how many pixels somebody saved it with: the grain of a
large file would otherwise count as contrast, and a small file as sharp.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from curation.images.resampling import average
from pipeline.core.shards import Pixels

SIDE: Final = 256
"""Pixels of the shorter side; smaller pictures are measured as they are."""


def overview_of(picture: Pixels) -> Pixels:
    """The luminance (ITU-R 601) of ``picture`` (h, w, 3), its shorter side at most `SIDE`."""
    height, width = picture.shape[:2]
    scale = SIDE / min(width, height)
    if scale < 1:
        picture = average(picture, max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(picture).convert("L"))


def histogram_of(luminance: Pixels) -> npt.NDArray[np.int64]:
    """How often each grey level occurs: (256,)."""
    return np.array(Image.fromarray(luminance).histogram())


def standard_deviation(histogram: npt.NDArray[np.int64]) -> float:
    """Of the grey levels (0..255) that ``histogram`` (256,) counts."""
    levels = np.arange(256)
    mean = float(levels @ histogram) / histogram.sum()
    return float(np.sqrt((levels - mean) ** 2 @ histogram / histogram.sum()))


def entropy(histogram: npt.NDArray[np.int64]) -> float:
    """Shannon's, of the grey levels that ``histogram`` (256,) counts, in bits (0..8)."""
    shares = histogram[histogram > 0] / histogram.sum()
    return float(np.abs(shares @ np.log2(shares)))


def sharpness(luminance: Pixels) -> float:
    """Variance of the Laplacian of ``luminance`` (h, w); 0 where it has no inside.

    The focus measure LAPV of Pertuz, Puig and Garcia (Pattern Recognition 46, 2013), with the
    four-neighbour Laplacian.
    """
    if min(luminance.shape) < 3:
        return 0.0
    grey = luminance.astype(np.int16)
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    laplacian -= 4 * grey[1:-1, 1:-1]
    # Whole numbers, so exact however they are added up.
    total = int(laplacian.sum(dtype=np.int64))
    squares = int(np.square(laplacian, dtype=np.int32).sum(dtype=np.int64))
    return squares / laplacian.size - (total / laplacian.size) ** 2
