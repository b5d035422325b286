"""Perceptual hashes: the 64-bit pHash, under all eight symmetries, and one of 256 bits.

The definition is that of the ``imagehash`` package, so hashes can be compared with other
people's: luminance (here of the overview), 32 x 32 by Lanczos, two-dimensional DCT-II, the 8 x 8
lowest frequencies, one bit each for being above their median. Mirroring an image changes the sign
of every other row or column of its DCT, and transposing it transposes the DCT, so seven of the
eight hashes need no second look at the pixels.

On product shots 64 bits are too few: at the radius that finds all copies, one of 15,000 real
watches has 67 neighbours, with 256 bits two. The long hash takes the 16 x 16 lowest frequencies,
one bit each for being positive, so that a symmetry only moves and flips its bits.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt

from curation.images.resampling import lanczos, pixels_of
from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES, steps

SIDE: Final = 32
"""Pixels a side of the luminance image that is transformed."""
FREQUENCIES: Final = 8
"""Lowest frequencies of each axis that are hashed."""
FEATURELESS_BELOW: Final = 8.0
"""Median distance of the coefficients (orthonormal DCT) from their median under which JPEG's
noise decides the bits: no photograph, but one colour field in twelve."""

LONG_FREQUENCIES: Final = 16
"""Lowest frequencies of each axis in the long hash."""
WORDS: Final = 4
"""Of 64 bits in a long hash: the four quarters of its frequencies, the lowest first."""

Blocks = npt.NDArray[np.float64]
LongHashes = npt.NDArray[np.uint64]
"""(n, WORDS)."""


_SCALE: Final = 2.0**16
"""Of the cosines, which are rounded to whole numbers."""


def _dct_matrix() -> Blocks:
    """The first rows of the unnormalised DCT-II times `_SCALE`: (FREQUENCIES, SIDE)."""
    frequency = np.arange(FREQUENCIES)[:, None]
    place = np.arange(SIDE)[None, :]
    return np.rint(_SCALE * 2.0 * np.cos(np.pi * frequency * (2 * place + 1) / (2 * SIDE)))


_DCT: Final = _dct_matrix()
_NORM: Final = np.where(np.arange(FREQUENCIES) == 0, 1 / np.sqrt(4 * SIDE), 1 / np.sqrt(2 * SIDE))
_ORTHONORMAL: Final = np.outer(_NORM, _NORM)


def thumbnail(luminance: Pixels) -> Pixels:
    """``luminance`` (h, w), of any size, as it is transformed: (32, 32)."""
    return pixels_of(lanczos(luminance, SIDE, SIDE))


def low_frequencies(thumbnails: Pixels) -> Blocks:
    """The lowest DCT coefficients of each of ``thumbnails`` (n, 32, 32), unnormalised: (n, 8, 8).

    Exact, and so the same on every machine: all terms are whole numbers below 2^53.
    """
    blocks: Blocks = (_DCT @ thumbnails.astype(np.float64) @ _DCT.T) / _SCALE**2
    return blocks


def phashes(blocks: Blocks) -> npt.NDArray[np.uint64]:
    """The pHash of each image, and of it under each symmetry, in their fixed order: (n, 8)."""
    both = np.stack([blocks, blocks.swapaxes(1, 2)], axis=1)
    rows = (both[:, _TRANSPOSES] * _SIGNS).reshape(len(blocks), len(SYMMETRIES), -1)
    bits = rows > _median(rows)[..., None]
    packed = np.packbits(bits, axis=-1).view(">u8")[..., 0]
    return packed.astype(np.uint64)


def are_featureless(blocks: Blocks) -> npt.NDArray[np.bool_]:
    """Whether the bits of each pHash are noise, as in flat pictures and slow gradients: (n,)."""
    coefficients = (blocks * _ORTHONORMAL).reshape(len(blocks), -1)
    spreads = _median(np.abs(coefficients - _median(coefficients)[:, None]))
    return spreads < FEATURELESS_BELOW


def _median(rows: Blocks) -> Blocks:
    """Of an even number of values, along the last axis; NumPy's own takes five times as long."""
    middle = rows.shape[-1] // 2
    ordered = np.sort(rows, axis=-1)
    median: Blocks = (ordered[..., middle - 1] + ordered[..., middle]) / 2
    return median


def _sign_tables() -> tuple[npt.NDArray[np.int64], Blocks]:
    """For each symmetry, whether it transposes the DCT (8,), and its signs then (8, 8, 8).

    To reverse an axis changes the sign of every other of its frequencies.
    """
    alternating = np.where(np.arange(FREQUENCIES) % 2, -1.0, 1.0)
    kept = np.ones(FREQUENCIES)
    turns, signs = [], []
    for transposes, rows, columns in map(steps, SYMMETRIES):
        turns.append(int(transposes))
        signs.append(np.outer(alternating if rows else kept, alternating if columns else kept))
    return np.array(turns), np.stack(signs)


_TRANSPOSES, _SIGNS = _sign_tables()


_LONG_SCALE: Final = 2.0**12
"""Of the cosines of the long hash: with up to 64 pixels a side all sums stay below 2^53."""


@functools.lru_cache(maxsize=4)
def _long_matrix(side: int) -> Blocks:
    frequency = np.arange(LONG_FREQUENCIES)[:, None]
    place = np.arange(side)[None, :]
    return np.rint(_LONG_SCALE * np.cos(np.pi * frequency * (2 * place + 1) / (2 * side)))


def long_hashes(luminances: Pixels) -> LongHashes:
    """The long hash of each of ``luminances`` (n, side, side), exact as `low_frequencies` is."""
    matrix = _long_matrix(luminances.shape[1])
    return _packed(matrix @ luminances.astype(np.float64) @ matrix.T > 0)


def long_hashes_under(hashes: LongHashes, symmetry: int) -> LongHashes:
    """The long hashes of the same pictures under one of `SYMMETRIES`."""
    transposes, rows, columns = steps(SYMMETRIES[symmetry])
    bits = _unpacked(hashes)
    if transposes:
        bits = bits.swapaxes(1, 2)
    is_odd = np.arange(LONG_FREQUENCIES) % 2 == 1
    return _packed(bits ^ (is_odd & rows)[:, None] ^ (is_odd & columns)[None, :])


def _packed(bits: npt.NDArray[np.bool_]) -> LongHashes:
    """Quarters of (n, 16, 16) as words (n, 4)."""
    half = LONG_FREQUENCIES // 2
    quarters = bits.reshape(-1, 2, half, 2, half).swapaxes(2, 3).reshape(-1, WORDS, half * half)
    words = np.packbits(quarters, axis=-1).view(">u8")[..., 0]
    return words.astype(np.uint64)


def _unpacked(hashes: LongHashes) -> npt.NDArray[np.bool_]:
    half = LONG_FREQUENCIES // 2
    octets = hashes.astype(">u8").view(np.uint8).reshape(-1, WORDS, 8)
    quarters = np.unpackbits(octets, axis=-1).reshape(-1, 2, 2, half, half)
    bits = quarters.swapaxes(2, 3).reshape(-1, LONG_FREQUENCIES, LONG_FREQUENCIES)
    return bits.astype(bool)
