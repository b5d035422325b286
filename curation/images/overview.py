"""The overview of a picture: all of it, averaged down, in luminance. What facts are measured on.

A fact about a picture should not depend on how many pixels somebody saved it with: the grain of a
large file would otherwise count as contrast, and a small file as sharp.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt

from curation.images import pixel_statistics
from pipeline.core.schema import SHARPNESS_CELLS
from pipeline.core.shards import Pixels

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SIDE: Final = 256
"""Pixels of the shorter side; smaller pictures are measured as they are."""
_LEAST_BLOCKS: Final = 32
"""Pixels of the shorter side below which there are too few blocks to tell."""
_CHANNELS: Final = 4
"""Green counts twice."""
_LEAST_JUMP: Final = 0.1
"""Levels; pictures with less are plain."""


def overview_of(picture: Pixels) -> Pixels:
    """The luminance (ITU-R 601) of ``picture`` (h, w, 3), its shorter side at most `SIDE`."""
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE / min(width, height))
    tops, lefts = _edges(height, round(height * scale)), _edges(width, round(width * scale))
    lines = np.ascontiguousarray(picture).reshape(height, -1)
    return pixel_statistics.mean_luminance(lines, tops, lefts)


@functools.lru_cache(maxsize=512)
def _edges(old: int, new: int) -> Counts:
    """Where each of ``new`` pixels begins among ``old``, and the end: (new + 1,)."""
    return (2 * old * np.arange(new + 1) + new) // (2 * new)


def standard_deviations(histograms: Counts) -> Floats:
    """Of the grey levels (0..255) that each of ``histograms`` (n, 256) counts: (n,)."""
    levels = np.arange(256)
    counted = histograms.sum(axis=1)
    means = histograms @ levels / counted
    variances = histograms @ levels**2 / counted - means**2
    deviations: Floats = np.sqrt(variances.clip(0))
    return deviations


def entropies(histograms: Counts) -> Floats:
    """Shannon's, in bits (0..8), of the grey levels ``histograms`` (n, 256) count: (n,)."""
    shares = histograms / histograms.sum(axis=1, keepdims=True)
    bits = -np.log2(shares, where=shares > 0, out=np.zeros_like(shares))
    sums: Floats = (shares * bits).sum(axis=1)
    return sums


def sharpness(luminance: Pixels) -> tuple[float, list[int]]:
    """Variance of the Laplacian of ``luminance`` (h, w), and its RMS in 8 x 8 parts.

    The former is the focus measure LAPV of Pertuz, Puig and Garcia (Pattern Recognition 46, 2013),
    with the four-neighbour Laplacian. The latter is in sixteenths. Without an inside all are 0.
    """
    if min(luminance.shape) < 3:
        return 0.0, [0] * SHARPNESS_CELLS**2
    inside = (luminance.shape[0] - 2) * (luminance.shape[1] - 2)
    total, squares = pixel_statistics.laplacian_sums(luminance, SHARPNESS_CELLS)
    variance = float(squares.sum() / inside - (total / inside) ** 2)
    means = squares / (luminance.size / SHARPNESS_CELLS**2)
    return variance, np.rint(16 * np.sqrt(means)).astype(int).ravel().tolist()


def chroma_deviations(smalls: Pixels) -> Floats:
    """Standard deviation of the hue and saturation of ``smalls`` (n, side, side, 3): (n,).

    Of the opponent colours red - green and (red + green) / 2 - blue together, as in the
    colourfulness of Hasler and Suesstrunk (Human Vision and Electronic Imaging 2003); 0 for greys.
    """
    red, green, blue = np.moveaxis(smalls.reshape(len(smalls), -1, 3).astype(np.int64), 2, 0)
    variances = [_variance(red - green), _variance(red + green - 2 * blue) / 4]
    deviations: Floats = np.sqrt(np.sum(variances, axis=0))
    return deviations


def _variance(values: Counts) -> Floats:
    """Of each row of whole ``values`` (n, m): (n,)."""
    count = values.shape[1]
    spread: Floats = (count * (values**2).sum(axis=1) - values.sum(axis=1) ** 2) / count**2
    return spread


def block_edges(picture: Pixels) -> tuple[float, float]:
    """How far ``picture`` (h, w, 3) jumps between the blocks of a JPEG, and what of it is clipped.

    The former is the mean jump between neighbours at the place, of eight, where it is largest, by
    that at all places: 1 where there are no blocks, wherever these begin (blocking artefacts as in
    Wang, Bovik and Evans, ICIP 2000). The latter is the share of pixels with a channel at its end.
    """
    if min(picture.shape[:2]) < _LEAST_BLOCKS:
        return 1.0, 0.0
    sums, counts, clipped = pixel_statistics.jumps_and_clipped(picture)
    jumps = sums / counts / _CHANNELS
    blockiness = (jumps.max(axis=1) / np.maximum(jumps.mean(axis=1), _LEAST_JUMP)).mean()
    return max(float(blockiness), 1.0), clipped / (-(-len(picture) // 4) * picture.shape[1])


def most_common(histograms: Counts) -> Floats:
    """The largest share that five neighbouring levels have of ``histograms`` (n, 256): (n,)."""
    sums = np.stack([np.convolve(counts, np.ones(5), "same") for counts in histograms])
    shares: Floats = sums.max(axis=1) / histograms.sum(axis=1)
    return shares
