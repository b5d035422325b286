"""Two pictures, one laid over the other, in regions of 12 pixels: how far edges and colours agree.

A region is three by three cells of 4 pixels. The worst region counts, never a mean.

`python -m tests.benches.duplicate_bounds FOLDER --vary regions.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from curation.duplicates import tone
from curation.duplicates.alignment import EDGE_NOISE, SIDE
from curation.duplicates.cielab import lab_of
from curation.images.gradients import central_differences

CELL: Final = 4
"""Pixels a side of a cell."""
CELLS: Final = SIDE // CELL
DARK: Final = 160.0
"""Mean level of its brightest channel up to which a region is dark (`untoned_changes`)."""
DARK_PIXEL: Final = 110.0
DARK_PIXELS: Final = 12
"""Level of its brightest channel below which a pixel is dark, and how many of them tell."""
LINE_LEVELS: Final = 3.0
"""L* by which two pixels must be apart to differ: saved at quality 85 without letters .9 are."""
LINE_ROWS: Final = 13
"""Pixels that a line of text is high at most: letters of 7 % of the width of a wide picture."""
STRIP: Final = 5
"""Rows of regions that may be set aside: a line of text, as shops lay over pictures."""
BORDER: Final = np.pad(np.zeros((CELLS - 2, CELLS - 2), bool), 1, constant_values=True)
"""The regions along the border of a picture."""
RIM: Final = 3
"""Pixels along each side that tell of the ground."""
ONE_COLOUR: Final = 12
"""Levels that a pixel of the ground may be off the usual colour, in any channel: a soft shadow."""
MOST: Final = 0.9
"""Share of the regions that `Summary.usual_edges` and `usual_region` speak of."""

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Tones = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Edges:
    """How well the gradients of n pairs agree."""

    correlation: Floats
    """Of all of them (n,)."""
    distance: Floats
    """1 - the correlation in each region (n, 16, 16)."""
    energy: Floats
    """How strong they are there, in units of what saving makes (n, 16, 16)."""


@dataclass(frozen=True)
class Colours:
    """How far the mean colours of n pairs are apart once their tones agree."""

    distance: Floats
    """CIE76 distance in each region (n, 16, 16)."""
    chroma: Floats
    """The same in a* and b* alone."""
    tones: Tones
    """The change of tone (n, 5): contrast, lift and the factor of each channel."""
    is_back: Flags
    """Pairs of which the second's tone was changed, and not the first's (n,)."""


_IN_RIM: Final = np.pad(np.zeros((SIDE - 2 * RIM, SIDE - 2 * RIM), bool), RIM, constant_values=True)
_CELL_SUMS: Final = np.kron(np.eye(CELLS, dtype=np.float32), np.ones(CELL, np.float32))
_REGION_SUMS: Final = (np.abs(np.subtract.outer(np.arange(CELLS), np.arange(CELLS))) < 2).astype(
    np.float32
)


def edges(light: Floats, target: Floats, is_seen: Flags) -> Edges:
    """Hold the gradients of two lightnesses (n, 64, 64) against each other."""
    gradients, target_gradients = central_differences(light), central_differences(target)
    clear = (
        is_seen[:, 1:-1, 2:] & is_seen[:, 1:-1, :-2] & is_seen[:, 2:, 1:-1] & is_seen[:, :-2, 1:-1]
    )
    products, ours, theirs = (
        np.pad(a.real * b.real * clear + a.imag * b.imag * clear, ((0, 0), (1, 1), (1, 1)))
        for a, b in (
            (gradients, target_gradients),
            (gradients, gradients),
            (target_gradients, target_gradients),
        )
    )
    total, all_ours, all_theirs = (field.sum(axis=(1, 2)) for field in (products, ours, theirs))
    products, ours, theirs = (_of_regions(_of_cells(field)) for field in (products, ours, theirs))
    both, noise = np.sqrt(ours * theirs), EDGE_NOISE * 9 * CELL * CELL
    return Edges(
        total / np.sqrt(all_ours * all_theirs + 1e-6),
        1 - (products + noise) / (both + noise),
        both / noise,
    )


def cells(pictures: Floats, is_seen: Flags) -> tuple[Floats, Floats]:
    """Mean levels of what is seen of each cell (n, 16, 16, 3), and the share of it that is."""
    seen = _of_cells(is_seen.astype(np.float32))
    levels = pictures.transpose(0, 3, 1, 2) * is_seen[:, None]
    means = _of_cells(levels) / np.maximum(seen, 1)[:, None]
    return np.ascontiguousarray(means.transpose(0, 2, 3, 1)), seen / np.float32(CELL**2)


def colours(have: Floats, want: Floats, share: Floats) -> Colours:
    """Hold cells (n, 16, 16, 3) against each other at the better of the two changes of tone."""
    there, tones = tone.fitted(have, want, share)
    back, back_tones = tone.fitted(want, have, share)
    distance, chroma = _distances(there, want, share)
    back_distance, back_chroma = _distances(back, have, share)
    is_back = distance.max(axis=(1, 2)) > back_distance.max(axis=(1, 2))
    region, pair = is_back[:, None, None], is_back[:, None]
    return Colours(
        np.where(region, back_distance, distance),
        np.where(region, back_chroma, chroma),
        np.where(pair, back_tones, tones),
        is_back,
    )


def ground(pictures: npt.NDArray[np.uint8]) -> Floats:
    """Share of the pixels along the border of ``pictures`` (n, 64, 64, 3) that are of one colour.

    Product shots have .77 and more, also where the ground is grey and a shadow lies on it; works
    have up to .5 but where they are nearly empty.
    """
    rim = pictures[:, _IN_RIM].astype(np.int16)
    usual = np.median(rim, axis=1, keepdims=True)
    share: Floats = (np.abs(rim - usual).max(axis=2) <= ONE_COLOUR).mean(axis=1, dtype=np.float32)
    return share


def in_grey(levels: Floats) -> Floats:
    """The same cells without their colours."""
    light = levels @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.repeat(light[..., None], 3, axis=-1)


def without_worst_rows(colour: Floats, edge: Floats) -> tuple[Floats, Floats]:
    """Worst colours and edges (n,) outside the `STRIP` rows that are worst."""
    rows, edge_rows = colour.max(axis=2), edge.max(axis=2)
    chosen = rows.max(axis=1), edge_rows.max(axis=1)
    for top in range(CELLS - STRIP + 1):
        rest = np.r_[:top, top + STRIP : CELLS]
        outside = rows[:, rest].max(axis=1), edge_rows[:, rest].max(axis=1)
        is_better = badness(*outside) < badness(*chosen)
        chosen = (
            np.where(is_better, outside[0], chosen[0]),
            np.where(is_better, outside[1], chosen[1]),
        )
    return chosen


def line(light: Floats, target: Floats, is_seen: Flags) -> Floats:
    """How many times as wide as high (n,) the box is in which two lightnesses (n, 64, 64) differ.

    0 where it is higher than a line of text, or where nothing differs. A dial is as high as wide.
    """
    differs = (np.abs(light - target) > LINE_LEVELS) & is_seen
    rows, columns = (_extent(differs.any(axis=axis)) for axis in (2, 1))
    made: Floats = np.where((rows > 0) & (rows <= LINE_ROWS), columns / np.maximum(rows, 1), 0)
    return made.astype(np.float32)


def _extent(which: Flags) -> Floats:
    """From the first to the last of each of ``which`` (n, places); 0 where there is none."""
    first, last = which.argmax(axis=1), which.shape[1] - which[:, ::-1].argmax(axis=1)
    made: Floats = np.where(which.any(axis=1), last - first, 0).astype(np.float32)
    return made


def badness(colour: Floats, edge: Floats) -> Floats:
    """A colour distance of 1.2 and edges .03 apart are as bad."""
    worse: Floats = np.maximum(colour / np.float32(1.2), edge / np.float32(0.03))
    return worse


def untoned_changes(have: Floats, want: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Median distances of the mean colours, at no change of tone: of dark regions, of the border.

    Both (n,), and the first is 0 where there are no dark regions. On white, nothing tells whether
    it is brighter: a toned copy of a black watch on light grey changes its ground, not its strap.
    """
    distance, _ = _distances(have, want, share)
    ground: Floats = np.median(distance[:, BORDER], axis=1).astype(np.float32)
    total = np.maximum(_of_regions(share), 1)
    levels = np.minimum(have, want).max(axis=-1) * share
    distance[_of_regions(levels) / total > DARK] = np.nan
    distance[:, 0, 0] = np.nan_to_num(distance[:, 0, 0])
    common: Floats = np.nanmedian(distance, axis=(1, 2)).astype(np.float32)
    return common, ground


def dark_changes(first: Floats, second: Floats, is_seen: Flags) -> Floats:
    """Mean levels (n,) by which dark pixels of pictures (n, 64, 64, 3) differ, 0 if there are few.

    Hands, letters and shadows: where a white dial takes the place of a silver one they stay as they
    were, and no change of tone leaves them alone.
    """
    is_dark = (np.minimum(first.max(axis=-1), second.max(axis=-1)) < DARK_PIXEL) & is_seen
    count = is_dark.sum(axis=(1, 2))
    total = (np.abs(first - second).mean(axis=-1) * is_dark).sum(axis=(1, 2))
    made: Floats = np.where(count >= DARK_PIXELS, total / np.maximum(count, 1), 0)
    return made.astype(np.float32)


def usual(regions: Floats) -> Floats:
    """What `MOST` of the regions (n, 16, 16) stay below."""
    ordered: Floats = np.sort(regions.reshape(len(regions), CELLS**2), axis=1)
    return ordered[:, int(MOST * CELLS**2)]


def _of_cells(fields: Floats) -> Floats:
    """The sums of each cell (..., 16, 16) of ``fields`` (..., 64, 64)."""
    return (_CELL_SUMS @ fields @ _CELL_SUMS.T).astype(np.float32, copy=False)


def _of_regions(fields: Floats) -> Floats:
    """The sums of the three by three cells about each cell."""
    return (_REGION_SUMS @ fields @ _REGION_SUMS).astype(np.float32, copy=False)


def _distances(first: Floats, second: Floats, share: Floats) -> tuple[Floats, Floats]:
    """The distance of the mean colours of each region, and that of a* and b* alone."""
    difference = (lab_of(first) - lab_of(second)) * share[..., None]
    total = _of_regions(share)
    sums = _of_regions(difference.transpose(0, 3, 1, 2))
    # A region of which hardly a fifth is seen says nothing.
    weight = np.where(total < 2, 0, 1 / np.maximum(total, 2)).astype(np.float32)
    chroma = np.sqrt(sums[:, 1] ** 2 + sums[:, 2] ** 2)
    return np.sqrt(sums[:, 0] ** 2 + chroma**2) * weight, chroma * weight
