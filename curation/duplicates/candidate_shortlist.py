"""Which of the pairs that are near by hash, or in layout, are worth a comparison of their pixels.

A hash takes all watches of one pose for one another, whatever their dial: the more a shop shows,
the more pairs there are an image. What no change of tone brings near in the layout of its colours
is not compared, unless one of two pictures may be a copy in grey; and of the others each image
keeps its nearest few. Pictures that have but a few such pairs keep them all.

`python -m tests.benches.duplicate_bounds FOLDER --vary candidate_shortlist.NAME VALUE ...` finds
its constants again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from curation.duplicates.candidate_hashes import Indices
from curation.duplicates.candidates import Candidates, merged
from curation.duplicates.descriptors import COLOUR_FREQUENCIES, FREQUENCIES, Layouts
from curation.duplicates.tone import LEAST_CONTRAST, MOST_CONTRAST
from pipeline.core.transforms import SYMMETRIES, steps

MAX_DISTANCE: Final = 5.5
"""Distance of two layouts at one contrast. The farthest of planted copies that are decided are
toned: 4.4 among real pictures, 5.4 in the gallery's shop."""
MAX_GREY_CHROMA: Final = 0.5
"""Length of the colours in the layout of a picture in grey: saving leaves it some."""
PAIRS_OF_AN_IMAGE: Final = 3
"""Pairs by hash that each image keeps."""
SURE_DISTANCE: Final = 1.0
"""Distance up to which any number of pairs is kept: a picture may have been saved many times."""

_LIGHT: Final = np.arange(1, FREQUENCIES**2)
_COLOURS: Final = np.concatenate(
    [FREQUENCIES**2 + part * COLOUR_FREQUENCIES**2 + np.arange(1, COLOUR_FREQUENCIES**2)
     for part in range(2)]
)  # fmt: skip
"""Places of the frequencies in a layout but for the means, which a lift or a tint changes."""
_ALL: Final = np.concatenate([_LIGHT, _COLOURS])
_MEASURED_AT_ONCE: Final = 1 << 14
_AT_ONCE: Final = 1 << 22
"""Pairs in memory before any is dropped, at about 100 bytes each while they are sorted."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Shortlist:
    """Pairs by hash that are worth a comparison, by what was seen so far."""

    pairs: Candidates
    distance: Floats
    """Of their layouts."""
    degrees: Indices
    """How many pairs each image has had so far, these and those that were dropped (n,)."""


def shortlisted(parts: Iterable[Candidates], layouts: Layouts) -> Shortlist:
    """Which of the pairs in all ``parts`` to compare: the close ones, the nearest few of an image.

    A picture that its hash takes for a few others only keeps them all: no crowd is to be bounded,
    and a work's reproduction by another camera may have any colours.

    Args:
        parts: pairs of images, square on square, no pair under one symmetry twice.
        layouts: of each image as it is (n, 82).
    """
    count = len(layouts)
    return together(
        (Shortlist(part, layout_distances(part, layouts), _degrees(part, count)) for part in parts),
        count,
    )


def together(lists: Iterable[Shortlist], count: int) -> Shortlist:
    """The shortlist of all pairs of all ``lists``, of ``count`` images; no pair is in two of them.

    A shop of a million listings has fifty million pairs and keeps one of a hundred, so pairs are
    dropped as soon as they are twice as many as were kept.
    """
    degrees = np.zeros(count, np.int64)
    kept = [(merged([]), np.empty(0, np.float32))]
    enough = _AT_ONCE
    for part in lists:
        degrees += part.degrees
        kept.append((part.pairs, part.distance))
        if sum(len(distance) for _, distance in kept) > enough:
            kept = [_reduced(kept, degrees)]
            enough = max(_AT_ONCE, 2 * len(kept[0][1]))
    return Shortlist(*_reduced(kept, degrees), degrees)


def _reduced(
    parts: Sequence[tuple[Candidates, Floats]], degrees: Indices
) -> tuple[Candidates, Floats]:
    """Those of all ``parts`` to compare if there are no other pairs, in order.

    Other pairs can only take some away: degrees grow, and ranks among the nearest fall.
    """
    pairs = Candidates(
        *(
            np.concatenate([getattr(part, field.name) for part, _ in parts])
            for field in fields(Candidates)
        )
    )
    distance = np.concatenate([of_part for _, of_part in parts])
    order = np.lexsort((pairs.symmetry, pairs.second, pairs.first))
    pairs, distance = pairs.only(order), distance[order]
    near = nearest_few(pairs.first, pairs.second, distance, PAIRS_OF_AN_IMAGE)
    is_rare = np.minimum(degrees[pairs.first], degrees[pairs.second]) <= PAIRS_OF_AN_IMAGE
    chosen = np.union1d(
        np.flatnonzero(is_rare | (distance <= SURE_DISTANCE)), near[distance[near] <= MAX_DISTANCE]
    )
    return pairs.only(chosen), distance[chosen]


def _degrees(pairs: Candidates, count: int) -> Indices:
    return np.bincount(pairs.first, minlength=count) + np.bincount(pairs.second, minlength=count)


def layout_distances(pairs: Candidates, layouts: Layouts) -> Floats:
    """How far the layouts of each of ``pairs`` are apart at one contrast.

    Args:
        pairs: of images, square on square.
        layouts: of each image as it is (n, 82).
    """
    made = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), _MEASURED_AT_ONCE):
        part = slice(start, start + _MEASURED_AT_ONCE)
        first = _under(layouts[pairs.first[part]], pairs.symmetry[part])
        made[part] = _distances(first, layouts[pairs.second[part]].astype(np.float32))
    return made


def _under(layouts: Layouts, symmetries: npt.NDArray[np.uint8]) -> Floats:
    made = layouts.astype(np.float32)
    for symmetry in np.unique(symmetries[symmetries != 0]):
        chosen = symmetries == symmetry
        made[chosen] = layouts_under(made[chosen], int(symmetry))
    return made


def _distances(first: Floats, second: Floats) -> Floats:
    light = _at_one_contrast(first[:, _LIGHT], second[:, _LIGHT])
    everything = _at_one_contrast(first[:, _ALL], second[:, _ALL])
    chroma = np.minimum(*(np.linalg.norm(part[:, _COLOURS], axis=1) for part in (first, second)))
    made: Floats = np.where(chroma <= MAX_GREY_CHROMA, light, everything)
    return made


def _at_one_contrast(first: Floats, second: Floats) -> Floats:
    """The distance of two rows once the contrast of either is brought to the other's."""
    products = np.einsum("nd,nd->n", first, second)
    distances = []
    for have, want in ((first, second), (second, first)):
        contrast = products / np.maximum(np.einsum("nd,nd->n", have, have), np.float32(1e-6))
        contrast = np.clip(contrast, LEAST_CONTRAST, MOST_CONTRAST)
        distances.append(np.linalg.norm(contrast[:, None] * have - want, axis=1))
    made: Floats = np.minimum(*distances)
    return made


def nearest_few(first: Indices, second: Indices, distance: Floats, few: int) -> Indices:
    """The pairs that are among the ``few`` nearest of either of their images, in order."""
    chosen = []
    for side in (first, second):
        ranked = np.lexsort((distance, side))
        starts = np.flatnonzero(np.diff(side[ranked], prepend=-1) != 0)
        sizes = np.diff(starts, append=len(ranked))
        rank = np.arange(len(ranked)) - np.repeat(starts, sizes)
        chosen.append(ranked[rank < few])
    return np.unique(np.concatenate(chosen))


def layouts_under(layouts: npt.NDArray[np.floating], symmetry: int) -> npt.NDArray[np.floating]:
    """The layouts (m, 82) of the same pictures under one of `SYMMETRIES`."""
    transposes, rows, columns = steps(SYMMETRIES[symmetry])
    parts, start = [], 0
    for side in (FREQUENCIES, COLOUR_FREQUENCIES, COLOUR_FREQUENCIES):
        plane = layouts[:, start : start + side**2].reshape(-1, side, side)
        start += side**2
        signs = np.where(np.arange(side) % 2, -1, 1).astype(layouts.dtype)
        plane = plane.swapaxes(1, 2) if transposes else plane
        plane = plane * np.where(rows, signs, 1)[:, None] * np.where(columns, signs, 1)
        parts.append(plane.reshape(-1, side**2))
    return np.concatenate(parts, axis=1).astype(layouts.dtype)
