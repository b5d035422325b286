"""How likely it is that a doubtful pair is one picture: a logistic function of what was measured.

`tests.benches.chance` fits it to pairs of real pictures, planted and looked at.
What curators said of a collection's own pairs moves it (`curation.duplicates.learning`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from curation.duplicates.candidates import Candidates
from curation.duplicates.neighbours import Indices
from pipeline.core.schema import Suspicion

Floats = npt.NDArray[np.float64]

NAMES: Final = ("all edges", "colours", "lookalikes", "neighbours", "grey")
COEFFICIENTS: Final = np.array([1.837, -1.095, -1.898, -1.012, -2.233, -2.359])
"""Of 1 and of `NAMES`, as `tests.benches.chance` fits them to paintings, product shots and 3,200
listings of watches: without these, colourways speak too little against colours."""


def evidence(columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
    """What the chance follows from, for each of n pairs: (n, 1 + the number of `NAMES`).

    Args:
        columns: of the pairs, as PAIRS names them. A copy in grey has no colours to compare, only
            lightness. A picture with many neighbours is one of a kind that lies alike (watches on
            white), so that likeness says less of it than of a work that has none.
    """
    grey = columns["suspicion"] == Suspicion.GREY
    colours = np.where(grey, columns["light_distance"], columns["region_distance"])
    rows = [
        np.log(np.clip(1 - columns["gradient_correlation"], 0.01, 2)),
        np.log(np.clip(colours, 0.5, 200)),
        np.log1p(columns["lookalikes"]),
        np.log1p(columns["neighbours"]),
        grey,
    ]
    return np.stack([np.ones(len(rows[0])), *rows], axis=1).astype(float)


def chances(rows: Floats, coefficients: Floats = COEFFICIENTS) -> npt.NDArray[np.float32]:
    """The chance of each of ``rows`` of `evidence`."""
    return (1 / (1 + np.exp(-np.clip(rows @ coefficients, -50, 50)))).astype(np.float32)


def neighbours(candidates: Candidates, pairs: Candidates) -> Indices:
    """For each pair, the other ``candidates`` that either of its images is of, the more of two."""
    count = 1 + max(int(candidates.second.max(initial=0)), int(pairs.second.max(initial=0)))
    first, second = np.divmod(np.unique(candidates.first * count + candidates.second), count)
    degree = np.bincount(first, minlength=count) + np.bincount(second, minlength=count)
    most: Indices = np.maximum(degree[pairs.first], degree[pairs.second]) - 1
    return most


def lookalikes(pairs: Candidates, correlation: npt.NDArray[np.float32]) -> Indices:
    """For each pair, the other pairs of its two images whose edges agree at least as well.

    The more of the two that has more of them: one lookalike among many is rarely a copy.
    """
    count = np.zeros((2, len(pairs)), np.int64)
    ends = np.concatenate([pairs.first, pairs.second])
    twice = np.concatenate([correlation, correlation])
    order = np.lexsort((-twice, ends))
    starts = np.flatnonzero(np.diff(ends[order], prepend=-1) != 0)
    sizes = np.diff(starts, append=len(order))
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    count.ravel()[order] = rank
    most: Indices = count.max(axis=0)
    return most
