"""Images that share a window, donor by donor: how the mark of each shop begins.

Where a tenth of the images carry a mark, and another tenth another one, the mean gradient shows
neither. But a window of one marked image correlates, at the very same place, with all others that
carry the mark, and with no other image: by .34 or more with a spread of .07. Outlines of watches
are alike by anything from 0 to 1, without a gap, and are no cluster.

`python -m tests.benches.clusters --vary NAME VALUE ...` finds its constants again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from curation.watermark.layout import Field, Layout
from curation.watermark.overlay import high_pass, normalised_gradients
from curation.watermark.samples import Images, Task
from pipeline.core import engine
from pipeline.core.shards import Pixels

IMAGES: Final = 1024
"""That are compared with the donors: a mark on a twentieth of them is on 51."""
DONORS: Final = 64
"""Images whose windows are sought in all others: of a mark on a twentieth of the images, three of
them carry it, and none does in one case of 27."""
MAX_BETWEEN: Final = 0.1
"""Images that are half as like the donor as its cluster is, per image of the cluster and beyond
those of chance: .05 for marks, .15 and more where 20 watches or more have one outline."""
MIN_LIKENESS: Final = 0.12
"""Above the median likeness to a donor, 0..1, that its cluster must have; plain ground has no
spread, and less likeness."""
_SPREADS: Final = 5.0
"""And the robust standard deviations: with 6 a faint small mark on brush strokes has half as many
images in its cluster."""
_SPREADS_OF_DONORS: Final = 3.0
"""The same for two donors to be pooled: on 143 van Gogh with a word 8 pixels high on 52, single
donors give clusters of 20 at most, 4 one cluster of 39 and 3 eight of 43 to 46."""
_HALF: Final = (0.35, 0.65)
"""Of the cluster's likeness: what lies between is half as like."""
_LEAST_ENERGY: Final = 5.0
"""Of two windows' gradients together; plain ground has less, and is like nothing."""
_MOST_TRIED: Final = 4
"""Clusters that are given, the largest first; all marks but one are found in later rounds."""

Likeness = npt.NDArray[np.float32]
"""(n, windows, donors): the correlation of the gradients of n images with those of the donors."""
Floats = npt.NDArray[np.floating[Any]]
Windows = npt.NDArray[np.float32]
"""(windows, n, pixels): gradients of n images, in parts."""


@dataclass(frozen=True)
class _Cluster:
    rows: npt.NDArray[np.int64]
    window: int
    donor: int


def clusters(sample: Images, least: int, name: str) -> list[npt.NDArray[np.int64]]:
    """Clusters of at least ``least`` images of ``sample``: the rows that share a window."""
    return in_clusters(likeness_to_donors(sample, name), least)


def likeness_to_donors(sample: Images, name: str) -> Likeness:
    """That of up to `IMAGES` of ``sample`` to the first of them, window by window."""
    among = sample.first(IMAGES)
    of_task = partial(_likeness_of_task, donors=among.first(DONORS))
    parts = engine.run(of_task, among.tasks(), title=f"clusters of {name}")
    return np.concatenate(list(parts))


def in_clusters(likeness: Likeness, least: int) -> list[npt.NDArray[np.int64]]:
    """The rows of each cluster, the largest first; none is more than half in an earlier one."""
    candidates = [
        cluster
        for window in range(likeness.shape[1])
        for cluster in _clusters_of_window(pooled(likeness[:, window]), window, least)
    ]
    candidates.sort(key=lambda cluster: (-len(cluster.rows), cluster.window, cluster.donor))
    chosen: list[npt.NDArray[np.int64]] = []
    for cluster in candidates:
        shares = [np.isin(cluster.rows, earlier).mean() for earlier in chosen]
        if max(shares, default=0.0) <= 0.5:
            chosen.append(cluster.rows)
        if len(chosen) == _MOST_TRIED:
            break
    return chosen


def pooled(likeness: Floats) -> Floats:
    """The mean likeness of n images to each donor and the donors that are like it: (n, donors).

    A word 8 pixels high on brush strokes is like itself by .3, with a spread of .07: 20 of 52
    images stand out from a single donor, 46 from a score of them. The first images are the donors.
    """
    donors = likeness.shape[1]
    usual, spread = _centre_and_spread(likeness)
    alike = likeness[:donors] > usual + np.maximum(_SPREADS_OF_DONORS * spread, MIN_LIKENESS)
    members = (alike | np.eye(donors, dtype=bool)).astype(np.float32)
    sums = likeness @ members
    counts = np.tile(members.sum(axis=0), (len(likeness), 1))
    # What a donor has in common with itself says nothing of the others.
    sums[:donors] -= np.diag(likeness)[:, None] * members
    counts[:donors] -= members
    means: Floats = sums / np.maximum(counts, 1)
    alone = np.flatnonzero(members.sum(axis=0) == 1)
    means[alone, alone] = likeness[alone, alone]
    return means


def _centre_and_spread(likeness: Floats) -> tuple[Floats, Floats]:
    """The median and the robust standard deviation of the likeness to each donor."""
    usual = np.median(likeness, axis=0)
    return usual, 1.4826 * np.median(np.abs(likeness - usual), axis=0)


def _clusters_of_window(likeness: Likeness, window: int, least: int) -> Iterator[_Cluster]:
    """Those of the donors of one window (n, donors) whose likeness has a gap."""
    usual, spread = _centre_and_spread(likeness)
    is_like = likeness > usual + np.maximum(_SPREADS * spread, MIN_LIKENESS)
    for donor in np.flatnonzero(is_like.sum(axis=0) >= least).tolist():
        rows = np.flatnonzero(is_like[:, donor])
        above = likeness[:, donor] - usual[donor]
        relative = above / np.median(above[rows])
        between = ((relative > _HALF[0]) & (relative < _HALF[1])).sum()
        # What is usually a little more or less like the donor reaches half of a faint likeness.
        level = np.median(above[rows]) / max(float(spread[donor]), 1e-6)
        by_chance = len(likeness) * np.diff(ndtr(level * np.array(_HALF)))[0]
        if between - by_chance <= MAX_BETWEEN * len(rows):
            yield _Cluster(rows, window, donor)


def _likeness_of_task(task: Task, donors: Images) -> Likeness:
    templates = _windows(_gradients(donors.load(), donors.layout()))
    lengths = np.linalg.norm(templates, axis=2)
    parts = [_likeness(_gradients(*batch), templates, lengths) for batch in task.batches()]
    return np.concatenate(parts)


def _likeness(field: Field, templates: Windows, lengths: npt.NDArray[Any]) -> Likeness:
    windows = _windows(field)
    products = np.matmul(windows, templates.transpose(0, 2, 1))
    energy = np.linalg.norm(windows, axis=2)[:, :, None] * lengths[:, None, :]
    correlation: Likeness = (products / np.maximum(energy, _LEAST_ENERGY)).transpose(1, 0, 2)
    return correlation


def _gradients(pixels: Pixels, layout: Layout) -> Field:
    return high_pass(layout.picture_only(normalised_gradients(pixels)))


def _windows(field: Field) -> Windows:
    """``field`` (n, side, side) in windows as high as letters: a 16th by a quarter of the side.

    Each begins half a window beside the one before it.
    """
    side = field.shape[1]
    height, width = side // 16, side // 4
    corners = [
        (top, left)
        for top in range(0, side - height + 1, height // 2)
        for left in range(0, side - width + 1, width // 2)
    ]
    parts = [
        field[:, top : top + height, left : left + width].reshape(len(field), -1)
        for top, left in corners
    ]
    return np.stack(parts).view(np.float32)
