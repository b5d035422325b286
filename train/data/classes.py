"""Which classes pictures are drawn of, where a generator tells classes apart."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from train.data.variants import Indices

_GOLDEN: Final = (math.sqrt(5) - 1) / 2


def spread(sizes: Indices, count: int) -> Indices:
    """``count`` classes, each about as often as its share of ``sizes``, in any run of them.

    Multiples of the golden ratio fill 0..1 evenly however many there are, so no random number is
    needed and a longer list begins with the shorter one.
    """
    places = np.arange(1, count + 1) * _GOLDEN % 1.0
    of_class: Indices = np.searchsorted(np.cumsum(sizes) / np.sum(sizes), places, side="right")
    return of_class


def rows(sizes: Indices, count: int) -> Indices:
    """The class of each of ``count`` rows of a sheet: the largest classes, the largest first.

    Where there are fewer classes than rows, each has several.
    """
    largest = np.argsort(-sizes, kind="stable")[:count]
    of_class: Indices = largest[np.arange(count) * len(largest) // count]
    return of_class
