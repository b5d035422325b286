"""Numbers by which a pair is made: they follow from the seed and the image, and nothing else."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

CHANCES: Final = 8
"""Numbers for each image."""

_STEP: Final = 0x9E3779B97F4A7C15
_FACTORS: Final = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_SHIFTS: Final = (30, 27, 31)
_BITS: Final = 53
"""As many as a float of 64 bits holds."""


def chances(seed: int, ids: Tensor) -> Tensor:
    """Numbers (n, CHANCES) in 0..1 for images with ``ids`` (n,), the same on every device.

    Each is one number of SplitMix64 (Steele et al. 2014), which is begun by seed and id.
    """
    steps = torch.arange(1, CHANCES + 1, dtype=torch.int64, device=ids.device) * _signed(_STEP)
    begun = _mixed(ids.view(-1, 1) ^ _signed(seed * _STEP % 2**64))
    upper = _shifted(_mixed(begun + steps), 64 - _BITS)
    numbers: Tensor = (upper.double() / 2**_BITS).float()
    return numbers


def _mixed(words: Tensor) -> Tensor:
    """The last function of SplitMix64; products of 64-bit words are cut off, as it asks."""
    for shift, factor in zip(_SHIFTS, _FACTORS, strict=False):
        words = (words ^ _shifted(words, shift)) * _signed(factor)
    mixed: Tensor = words ^ _shifted(words, _SHIFTS[-1])
    return mixed


def _shifted(words: Tensor, bits: int) -> Tensor:
    """``words`` moved right, zeros coming after; torch's own shift repeats the sign."""
    shifted: Tensor = (words >> bits) & (2 ** (64 - bits) - 1)
    return shifted


def _signed(word: int) -> int:
    """A word of 64 bits as torch has it."""
    return word - 2**64 if word >= 2**63 else word
