"""Draws by lots that each image carries with it: who is held back, who stays in a full class.

An id is the head of a sha256, so its digits are the lot; the seed shuffles them. Adding or
removing images never moves another from one side to the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.evidence import Mask
from pipeline.core.splitmix import mixed
from pipeline.core.tables import as_bytes

_DIGITS = 16
"""Hex digits of an id that make one 64-bit number."""


def held_out(ids: pa.ChunkedArray, share: float, seed: int) -> Mask:
    """Whether the image (or group) of each id is held back; so is about ``share`` of all ids."""
    return _draws(ids, seed).astype(np.float64) / 2.0**64 < share


def over_cap(
    ids: pa.ChunkedArray, classes: pa.ChunkedArray, first: Mask, cap: int | None, seed: int
) -> Mask:
    """Which images are too many in their class: all but ``cap`` of them, drawn by lot.

    Those marked as ``first`` stay before all others. A missing class is none, and has no cap.
    """
    if cap is None:
        return np.zeros(len(ids), bool)
    codes = pc.fill_null(classes.combine_chunks().dictionary_encode().indices, -1).to_numpy()
    # Mixed once more, or those that are held back would be those that stay.
    order = np.lexsort((mixed(_draws(ids, seed)), ~first, codes))
    starts = np.flatnonzero(np.diff(codes[order], prepend=-2))
    place = np.empty(len(codes), np.int64)
    place[order] = np.arange(len(codes)) - np.repeat(starts, np.diff(starts, append=len(codes)))
    surplus: Mask = (place >= cap) & (codes >= 0)
    return surplus


def _draws(ids: pa.ChunkedArray, seed: int) -> npt.NDArray[np.uint64]:
    return mixed(_numbers(ids) ^ mixed(np.array([seed], np.uint64)))


def _numbers(ids: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """The first hex digits of each id as a number."""
    heads = as_bytes(ids).astype(f"S{_DIGITS}")
    codes = heads.view(np.uint8).reshape(len(heads), _DIGITS)
    digits = (codes & 15) + 9 * (codes >> 6)  # "9" is 0x39 and "a" 0x61
    numbers = (digits[:, 0::2] << 4 | digits[:, 1::2]).view(">u8")
    return numbers.ravel().astype(np.uint64)
