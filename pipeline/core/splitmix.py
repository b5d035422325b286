"""SplitMix64: 64 bits in, 64 well mixed bits out, the same on every machine and in every version.

Two things rest on it that must be the same in every year: which images are held out, and which
address a work of the gallery has. numpy seeds with it but does not offer it, and hashlib would take
a Python call for each of a million ids.
"""

from __future__ import annotations

from typing import Any, Final, overload

import numpy as np
import numpy.typing as npt

_WORD: Final = (1 << 64) - 1


@overload
def mixed(bits: int) -> int: ...
@overload
def mixed(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]: ...
def mixed(bits: Any) -> Any:
    """The finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable PRNGs, 2014, section 4).

    >>> hex(mixed(0))  # the first output of the generator that was seeded with 0
    '0xe220a8397b1dcdaf'
    """
    # Arrays wrap at 64 bits by themselves; Python's integers grow, and are cut to them.
    bits = (bits + 0x9E3779B97F4A7C15) & _WORD
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _WORD
    return bits ^ (bits >> 31)
