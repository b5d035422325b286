"""What an image has, or has lost, beside a copy of itself: detail, tone, somebody's mark.

None of it can be told from one image alone: a soft painting is not blurred, and white ground is not
clipped. Beside a copy it can, from facts in the table and without a look at the pixels.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.evidence import Evidence, Floats, Integers, Mask
from pipeline.core.schema import SHARPNESS_CELLS as CELLS
from pipeline.core.tables import unpacked
from pipeline.core.transforms import SYMMETRIES, Symmetry, apply

# `python -m tests.benches.preferred` finds the bounds below again: it makes copies of each kind and
# tells on what the choice between them rests.
SHARPER_BY: Final = 2.0
"""Times by which `sharpness` must exceed a copy's before that counts as blurred: another tone, a
mark or another encoding changes it by less than 1.8 on a picture with edges."""
MIN_SHARPER_BY: Final = 300.0
"""And the least difference: on a flat picture a mark alone doubles it, but adds less than 150."""
MEASURED_SIDE: Final = 256
"""Pixels of the shorter side from which on sharpness was measured at one size; smaller pictures
seem sharper than they are."""
CLIPPED_BY: Final = 0.01
"""Of the picture that must be clipped beyond what a copy shows plain or clipped: white ground is
no loss, nor is it a gain to make it grey (`python -m tests.benches.preferred`)."""
BRIGHTER_BY: Final = 1.01
"""Times by which its mean must exceed the copy's: what is clipped is brighter, while a dark mark on
white ground only looks less clipped (`python -m tests.benches.preferred`)."""
PALER_BY: Final = 1.15
"""Times by which a copy must have more contrast, where it is not clipped, in levels and by the mean
level: brightness moves only the former, another gamma the latter
(`python -m tests.benches.preferred`)."""
BLOCKIER_BY: Final = 1.1
"""Times by which `blockiness` must exceed that of a copy of its size that is not turned: saving at
45 makes 1.16 to 1.66 in the median, of small pictures 1.05; saving at 95, tone or a mark under 1.06
(`python -m tests.benches.preferred`)."""
AS_SHARP: Final = 1.08
"""Times by which the blockier one may have more `sharpness`, from the edges of its blocks; beside a
blurred copy it has more (`python -m tests.benches.preferred`)."""
DULLER_BY: Final = 1.12
"""Times by which a copy must have more `sharpness`: saving again at a higher quality takes up to
.05, at 45 a tenth to a half (`python -m tests.benches.preferred`)."""
SAME_TONE: Final = 1.05
"""Times by which `luminance_std` may differ for sharpness to be compared: contrast changes both."""
ONE_COLOUR: Final = 1.04
"""Times by which the mean red, green or blue may differ for parts to be compared: letters move them
by up to .03, another tone by more (`python -m tests.benches.preferred`)."""
MARK_ADDS: Final = 500.0
"""Mean square of the Laplacian that letters add where they stand (600 and more at the opacity of
.35), and saving again adds nowhere (`python -m tests.benches.preferred`)."""
_MARK_SHARE: Final = 1.2
"""Times by which it must also exceed the copy's there, at one tone: saving again dulls fine detail
by less."""
_MARK_ONLY_ADDS: Final = 2.0
"""Times by which what was added must exceed what was lost elsewhere: blur and tone do both."""
_UNTOUCHED: Final = 1.1
"""Times by which most parts may differ where one picture has a mark and the other none: but for
tone, and for blur, which change all of them."""
_LEAST_TEXTURE: Final = 20.0
"""Mean square below which a part is too smooth to compare tones by."""
_EDGES_AT_ONCE: Final = 4096

_TURNS: Final = np.stack(
    [apply(symmetry, np.arange(CELLS**2).reshape(CELLS, CELLS)).ravel() for symmetry in SYMMETRIES]
)
"""(8, CELLS²): where each part of a picture comes from under each symmetry."""
_UNTURNED: Final = SYMMETRIES.index(Symmetry.IDENTITY)


def blurred(evidence: Evidence, a: Integers, b: Integers) -> Mask:
    """Which images have much less detail than a copy, though they may have more pixels.

    ``a`` and ``b`` are the rows of the copies of each other, here and below.
    """
    sharpness = evidence.number("sharpness")
    lost = np.zeros(len(evidence), bool)
    for this, other in ((a, b), (b, a)):
        here, there = sharpness[this], sharpness[other]
        is_sharper = (there >= SHARPER_BY * here) & (there - here >= MIN_SHARPER_BY)
        lost[this[is_sharper & (evidence.shorter_side[other] >= MEASURED_SIDE)]] = True
    return lost


def toned(evidence: Evidence, a: Integers, b: Integers) -> Mask:
    """Which images have lost tones that a copy has: clipped beside it, or else paler."""
    first, second = _are_clipped(evidence, a, b), _are_clipped(evidence, b, a)
    neither = ~first & ~second
    lost = np.zeros(len(evidence), bool)
    lost[a[first | (neither & _are_paler(evidence, a, b))]] = True
    lost[b[second | (neither & _are_paler(evidence, b, a))]] = True
    return lost


def _are_paler(evidence: Evidence, these: Integers, others: Integers) -> Mask:
    here, there = (evidence.number("luminance_std")[rows] for rows in (these, others))
    here_of_mean, there_of_mean = (
        levels / np.maximum(_mean_level(evidence, rows), 1.0)
        for levels, rows in ((here, these), (there, others))
    )
    are: Mask = (there > PALER_BY * here) & (there_of_mean > PALER_BY * here_of_mean)
    return are


def _are_clipped(evidence: Evidence, these: Integers, others: Integers) -> Mask:
    clipped, plain = evidence.number("clipped"), evidence.number("most_common")
    is_brighter = _mean_level(evidence, these) > BRIGHTER_BY * _mean_level(evidence, others)
    more = clipped[these] - np.maximum(clipped[others], plain[others])
    are: Mask = (more > CLIPPED_BY) & is_brighter
    return are


def _mean_level(evidence: Evidence, rows: Integers) -> Floats:
    level: Floats = evidence.mean_rgb[rows].mean(axis=1)
    return level


def _of_one_colour(evidence: Evidence, a: Integers, b: Integers) -> Mask:
    """Which pairs have about the same mean colour; also those of which it is not known."""
    first, second = (np.log(np.maximum(evidence.mean_rgb[rows], 1.0)) for rows in (a, b))
    apart = np.abs(first - second).max(axis=1)
    return ~np.asarray(apart > np.log(ONE_COLOUR))


def blockier(evidence: Evidence, a: Integers, b: Integers) -> Mask:
    """Which images show the blocks of a JPEG more than a copy with the same grid of blocks.

    Blur takes blocks away as well, so the copy must have about as much detail.
    """
    width, height = evidence.number("width"), evidence.number("height")
    one_grid = (width[a] == width[b]) & (height[a] == height[b])
    one_grid &= _of_one_colour(evidence, a, b)
    a, b = a[one_grid], b[one_grid]
    upright = ~_are_turned(evidence, a, b)
    a, b = a[upright], b[upright]
    blocks = np.log(np.maximum(evidence.number("blockiness"), 1.0))
    detail = np.log(np.maximum(evidence.number("sharpness"), 1.0))
    more = np.zeros(len(evidence), bool)
    for these, others in ((a, b), (b, a)):
        is_blockier = blocks[these] - blocks[others] > np.log(BLOCKIER_BY)
        as_sharp = detail[these] - detail[others] < np.log(AS_SHARP)
        more[these[is_blockier & as_sharp]] = True
    return more


def duller(evidence: Evidence, a: Integers, b: Integers) -> Mask:
    """Which images have less detail than a copy of their tone: compressed more, or softer."""
    contrast = np.log(np.maximum(evidence.number("luminance_std"), 1.0))
    alike = np.abs(contrast[a] - contrast[b]) < np.log(SAME_TONE)
    alike &= _of_one_colour(evidence, a, b)
    detail = np.log(np.maximum(evidence.number("sharpness"), 1.0))
    return _less(detail, a[alike], b[alike], float(np.log(DULLER_BY)))


def _less(values: Floats, a: Integers, b: Integers, by: float) -> Mask:
    less = np.zeros(len(values), bool)
    for this, other in ((a, b), (b, a)):
        less[this[values[other] - values[this] > by]] = True
    return less


def marked(evidence: Evidence, a: Integers, b: Integers) -> Mask:
    """Which images have edges that a copy lacks, in some places and nowhere fewer: letters."""
    added = np.zeros(len(evidence), bool)
    alike = _of_one_colour(evidence, a, b)
    a, b = a[alike], b[alike]
    for start in range(0, len(a), _EDGES_AT_ONCE):
        some = slice(start, start + _EDGES_AT_ONCE)
        first, second = _cells(evidence, a[some]), _cells(evidence, b[some])
        first_has, second_has = _differences(first, _turned_to(first, second))
        for rows, here, there in (
            (a[some], first_has, second_has),
            (b[some], second_has, first_has),
        ):
            added[rows[(here > MARK_ADDS) & (here > _MARK_ONLY_ADDS * there)]] = True
    return added


def _cells(evidence: Evidence, rows: Integers) -> Floats:
    """(n, CELLS²): mean square of the Laplacian in each part; 0 where it is not known."""
    column = evidence.images["sharpness_cells"].take(pa.array(rows)).combine_chunks()
    known = pc.is_valid(column).to_numpy(zero_copy_only=False)
    cells = np.zeros((len(rows), CELLS**2))
    cells[known] = unpacked("sharpness_cells", column.drop_null())
    return (cells / 16) ** 2


def _are_turned(evidence: Evidence, a: Integers, b: Integers) -> Mask:
    turned = np.zeros(len(a), bool)
    for start in range(0, len(a), _EDGES_AT_ONCE):
        some = slice(start, start + _EDGES_AT_ONCE)
        turned[some] = _symmetry(_cells(evidence, a[some]), _cells(evidence, b[some])) != _UNTURNED
    return turned


def _turned_to(first: Floats, second: Floats) -> Floats:
    """``second`` under the symmetry in which it is most like ``first``."""
    turned: Floats = second[:, _TURNS][np.arange(len(second)), _symmetry(first, second)]
    return turned


def _symmetry(first: Floats, second: Floats) -> Integers:
    """The symmetry (as a place among all) under which ``second`` is most like ``first``."""
    turned = second[:, _TURNS]
    likeness = np.einsum("nc,nsc->ns", _standard(np.log1p(first)), _standard(np.log1p(turned)))
    best: Integers = likeness.argmax(axis=1)
    return best


def _standard(values: Floats) -> Floats:
    centred = values - values.mean(axis=-1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=-1, keepdims=True))
    return np.asarray(centred / np.maximum(length, 1e-9))


def _differences(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """The most that either has more than the other in a part: (n,); 0 where most parts differ."""
    textured = (first > _LEAST_TEXTURE) & (second > _LEAST_TEXTURE)
    ratio = np.where(textured, np.log(np.maximum(first, 1) / np.maximum(second, 1)), np.nan)
    usual = np.zeros(len(first))
    comparable = textured.any(axis=1)
    usual[comparable] = np.nanmedian(ratio[comparable], axis=1)
    untouched = np.abs(usual) < np.log(_UNTOUCHED)
    return _excess(first, second) * untouched, _excess(second, first) * untouched


def _excess(here: Floats, there: Floats) -> Floats:
    most: Floats = np.where(here > _MARK_SHARE * there, here - there, 0.0).max(axis=1)
    return most
