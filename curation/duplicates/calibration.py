"""How likely it is that a doubtful pair is one picture, and how curators' answers move that.

A logistic function of what was measured. `python -m tests.benches.calibration` fits it to pairs of
real pictures, planted and looked at. On plain ground the colours of the worst region count most:
a watch on white whose edges all agree, and whose buckle is gold instead of steel (5.8 apart), is
another watch, while a copy that was cropped or turned differs in no region by more than 1.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from curation.duplicates.bounds import MOVED
from curation.duplicates.candidate_hashes import Indices
from curation.duplicates.candidates import Candidates
from curation.duplicates.verification import PLAIN
from pipeline.core.schema import Suspicion

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, npt.NDArray[Any]]
"""Of n pairs: what `Likeness` measures, how many are like it, and suspicions, by their names."""

FEATURES: Final = (
    "edges", "neighbours", "grey", "grey edges", "grey light", "in place", "in place colours",
    "plain", "plain colours", "plain hues", "plain turn",
)  # fmt: skip
COEFFICIENTS: Final = np.array(
    [1.93, -1.393, -1.623, -0.584, 1.836, -1.311, -1.276, -1.029, -3.196, -2.277, -1.899, -1.283]
)
"""Of 1 and of `FEATURES`, as `tests.benches.calibration` prints them."""

PLAIN_GROUND: Final = 0.6
SOME_GROUND: Final = 0.3
"""`ground` from which on only the object can differ; the latter where few edges lie along the
border (`PLAIN`), as of a watch whose strap reaches it. Soft fields of colour have neither."""
GREY_COPIES: Final = 0.02
LEAST_GREY: Final = 0.2
"""Copies in grey that there may be in a collection, as a share of its images, and the least that
their chance is bounded by. Where more images have no colours anyway (one steel watch in ten), a
steel watch beside a golden one is a colourway as likely; but it is still asked about."""
SPREAD: Final = 1.0
"""Standard deviation by which answers may move each coefficient: a dozen move what they speak of,
and hardly anything else (`tests.benches.calibration`)."""
STEPS: Final = 25
"""Of Newton's method, which needs six or seven."""


def features(columns: Columns) -> Floats:
    """What the chance of each of n pairs follows from: (n, 1 + the number of `FEATURES`).

    A copy in grey has no colours to compare, only lightness. A picture with many neighbours is one
    of a kind that lies alike (watches on white), so that likeness says less of it than of a work
    that has none. Colours say nothing of a work that had to be moved: another camera may have given
    it any. On plain ground only the object can differ, so that they say much, and so they do where
    nothing had to be moved and edges agree: two colours of one watch, photographed alike.
    """
    is_grey = columns["suspicion"] == Suspicion.GREY
    is_framed = columns["framing"] >= PLAIN
    is_plain = columns["ground"] >= np.where(is_framed, PLAIN_GROUND, SOME_GROUND)
    is_in_place = (columns["shift"] <= MOVED) & ~is_grey
    edges = _log(columns["edge_distance"], 0.02, 2)
    colours = np.where(is_grey, columns["light_distance"], columns["region_distance"])
    colours = _log(colours, 0.2, 50)
    hues = _log(np.where(is_grey, 0, columns["hue_distance"]), 0.5, 8)
    return np.stack(
        [
            np.ones(len(colours)),
            edges,
            np.log1p(columns["neighbours"]),
            is_grey,
            is_grey * edges,
            is_grey * colours,
            is_in_place,
            is_in_place * colours,
            is_plain,
            is_plain * colours,
            is_plain * hues,
            is_plain * np.log1p(np.clip(columns["turn"], 0, 5)),
        ],
        axis=1,
    ).astype(float)


def chances(columns: Columns, coefficients: Floats = COEFFICIENTS) -> npt.NDArray[np.float32]:
    """The chance of each of n pairs.

    Args:
        columns: as for `features`, and ``greys``, the share of the collection's images that have no
            colours.
        coefficients: of `features`.
    """
    is_grey = columns["suspicion"] == Suspicion.GREY
    believed = np.maximum(GREY_COPIES / (GREY_COPIES + columns["greys"]), LEAST_GREY)
    chance = expit(features(columns) @ coefficients)
    # From a half of the bound to all of it, so that the order stays.
    in_grey = np.minimum(chance, believed * (1 + chance) / 2)
    made: npt.NDArray[np.float32] = np.where(is_grey, in_grey, chance).astype(np.float32)
    return made


def with_answers(columns: Columns, answers: Floats) -> Floats:
    """The chances of n doubtful pairs, moved by what curators said of some of them.

    The chances that `dedupe` gave are what is believed before; each answer is evidence (logistic
    regression with a normal prior). Two flat pictures agree in all that is measured, whatever they
    show, so that their chance is not moved.

    Args:
        columns: of PAIRS.
        answers: 1 where a pair was called one picture, 0 where it was told apart, else NaN.
    """
    rows, chance = _table_features(columns), columns["chance"].astype(float)
    is_movable = columns["suspicion"] != Suspicion.FLAT
    known = ~np.isnan(answers) & is_movable
    if not known.any():
        return chance
    before = logit(np.clip(chance, 1e-6, 1 - 1e-6))
    change = _fitted(rows[known], answers[known], before[known])
    return np.where(is_movable, expit(before + rows @ change), chance)


def _table_features(columns: Columns) -> Floats:
    """What answers speak of, from the columns that PAIRS has."""
    is_grey = columns["suspicion"] == Suspicion.GREY
    colours = np.where(is_grey, columns["light_distance"], columns["region_distance"])
    return np.stack(
        [
            np.ones(len(colours)),
            _log(1 - columns["gradient_correlation"], 0.01, 2),
            _log(colours, 0.5, 200),
            np.log1p(columns["lookalikes"]),
            np.log1p(columns["neighbours"]),
            is_grey,
        ],
        axis=1,
    ).astype(float)


def _fitted(rows: Floats, is_same: Floats, before: Floats) -> Floats:
    """The likeliest change of the coefficients, by Newton's method."""
    change, precision = np.zeros(rows.shape[1]), np.eye(rows.shape[1]) / SPREAD**2
    for _ in range(STEPS):
        chance = expit(before + rows @ change)
        slope = rows.T @ (is_same - chance) - precision @ change
        curve = (rows * (chance * (1 - chance))[:, None]).T @ rows + precision
        step = np.linalg.solve(curve, slope)
        change = change + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return change


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


def _log(values: npt.NDArray[Any], least: float, most: float) -> Floats:
    made: Floats = np.log(np.clip(values, least, most))
    return made
