"""Which pairs of images are worth a look at their pixels.

Most pictures are found by their pHash. Where the bits of a pHash are noise (flat colour fields,
slow gradients), a coarse grid of colours stands in for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from curation.duplicates.buckets import Buckets
from curation.duplicates.lab import Lab, distance, to_lab
from curation.duplicates.neighbours import Hashes, Indices, near_hashes
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.shards import Pixels
from pipeline.core.symmetries import SYMMETRIES, apply

GRID: Final = 4
"""Cells a side of the grid of mean colours."""
BLOCK: Final = 4
"""Pixels a side that are averaged as sRGB levels."""
GRID_SLACK: Final = 1.0
"""By how much the distance of two grids may exceed that of their pixels, for that averaging: on
painted and on real pictures it is below .5."""
MAX_GRID_DISTANCE: Final = 4.0
"""Mean CIE76 distance of the grids up to which a featureless picture is compared with another."""
MAX_ASPECT_RATIO: Final = 1.1
"""Of the shapes (width over height) of two featureless pictures that are compared."""
LINKS: Final = 64
"""Where more images than this share one hash, each is compared with the first ones only."""
CROWD: Final = 1024
"""The same for featureless pictures of nearly one mean colour."""

_GRIDS_AT_ONCE: Final = 1 << 16
_CELLS: Final = np.array([40, 90, 90])
_CELL_ORIGIN: Final = np.array([-6, -130, -130])


@dataclass(frozen=True)
class Candidates:
    """Pairs to look at: ``first`` < ``second``, the former to be seen under ``symmetry``."""

    first: Indices
    second: Indices
    symmetry: npt.NDArray[np.uint8]
    """Index into `SYMMETRIES`."""

    def __len__(self) -> int:
        return len(self.first)

    def only(self, chosen: npt.NDArray[Any]) -> Candidates:
        """Those that a mask or an index array chooses."""
        return Candidates(self.first[chosen], self.second[chosen], self.symmetry[chosen])


def merged(parts: Iterable[Candidates]) -> Candidates:
    """All candidates once, sorted by first, second and symmetry."""
    lists = list(parts)
    first, second, symmetry = (
        np.concatenate([_NONE, *(getattr(part, name).astype(np.int64) for part in lists)])
        for name in ("first", "second", "symmetry")
    )
    # One number a candidate: a hundred times faster to sort than three columns.
    span = int(second.max(initial=0)) + 1
    keys = np.unique((first * span + second) * len(SYMMETRIES) + symmetry)
    pairs, symmetry = np.divmod(keys, len(SYMMETRIES))
    return Candidates(*np.divmod(pairs, span), symmetry.astype(np.uint8))


def by_hash(variants: Hashes, upright: Hashes, radius: int, symmetry: int) -> Iterator[Candidates]:
    """Pairs whose hashes are near: the earlier image's under ``symmetry``, the later's upright.

    They come in lots of bounded size.

    Args:
        variants: pHash of each image under the symmetry (n,).
        upright: pHash of each image as it is (n,).
        radius: bits by which they may differ.
        symmetry: index into `SYMMETRIES`.
    """
    later, later_group = np.unique(upright, return_inverse=True)
    earlier, earlier_group = np.unique(variants, return_inverse=True)
    later_members = Buckets(later_group, len(later))
    earlier_members = Buckets(earlier_group, len(earlier), limit=LINKS)
    for pairs in near_hashes(later, earlier, radius):
        for place, member in later_members.candidates(pairs.left):
            second = later_members.order[member]
            for again, other in earlier_members.candidates(pairs.right[place]):
                first = earlier_members.order[other]
                ordered = first < second[again]
                count = int(ordered.sum())
                yield Candidates(
                    first[ordered], second[again][ordered], np.full(count, symmetry, np.uint8)
                )


_NONE: Final = np.empty(0, np.int64)


def crowded(hashes: Hashes) -> int:
    """How many images share their hash with so many that not all pairs are compared."""
    counts = np.unique(hashes, return_counts=True)[1]
    return int(counts[counts > LINKS].sum())


def colour_grids(pixels: Pixels) -> Lab:
    """The mean L*a*b* of each cell of a `GRID` x `GRID` grid: (n, GRID, GRID, 3).

    Pixels are averaged by `BLOCK` x `BLOCK` before they are converted, which costs a twentieth.

    Args:
        pixels: square images (n, side, side, 3).
    """
    n, side = pixels.shape[:2]
    rows = sum(pixels[:, start::BLOCK].astype(np.uint16) for start in range(BLOCK))
    blocks = sum(np.asarray(rows)[:, :, start::BLOCK] for start in range(BLOCK))
    colours = to_lab(((np.asarray(blocks) + BLOCK * BLOCK // 2) // BLOCK**2).astype(np.uint8))
    cell = side // BLOCK // GRID
    cells = colours.reshape(n, GRID, cell, GRID, cell, 3)
    grids: Lab = cells.mean(axis=(2, 4))
    return grids


def by_colour(
    grids: Lab,
    aspects: npt.NDArray[np.float64],
    featureless: npt.NDArray[np.bool_],
    symmetries: Iterable[int],
) -> Iterator[Candidates]:
    """Pairs with a featureless image whose colour grids are near under one of ``symmetries``.

    Args:
        grids: of `colour_grids` (n, GRID, GRID, 3).
        aspects: width over height (n,).
        featureless: whose hash is noise (n,).
        symmetries: indices into `SYMMETRIES`.
    """
    turned = {index: _turned(grids, index) for index in symmetries}
    for first, second in _near_means(grids.mean(axis=(1, 2)), featureless):
        for index, under in turned.items():
            near = grid_distance(under[first], grids[second]) <= MAX_GRID_DISTANCE
            shape = aspects[first] ** (-1.0 if _transposes(index) else 1.0)
            near &= np.abs(np.log(shape / aspects[second])) <= np.log(MAX_ASPECT_RATIO)
            count = int(near.sum())
            yield Candidates(first[near], second[near], np.full(count, index, np.uint8))


def grid_distance(first: Lab, second: Lab) -> npt.NDArray[np.float32]:
    """Mean over the cells of the distance of two lots of grids (n, GRID, GRID, channels): (n,).

    It hardly exceeds the same mean over pixels (`GRID_SLACK`), so it may rule a pair out without a
    look at them.
    """
    mean: npt.NDArray[np.float32] = distance(first, second).mean(axis=(1, 2))
    return mean


def may_be_alike(found: Candidates, grids: Lab, params: Dedupe) -> npt.NDArray[np.bool_]:
    """Which of ``found`` the mean colours do not rule out already (`grid_distance`).

    Args:
        found: pairs of indices into ``grids``.
        grids: of `colour_grids`, of all images (n, GRID, GRID, 3).
        params: the distances in colour that a duplicate, or a doubtful pair, may have.
    """
    keeps = np.empty(len(found), bool)
    for start in range(0, len(found), _GRIDS_AT_ONCE):
        part = slice(start, start + _GRIDS_AT_ONCE)
        first = under_symmetries(grids[found.first[part]], found.symmetry[part])
        second = grids[found.second[part]]
        colour, chroma = (
            grid_distance(first, second),
            grid_distance(first[..., 1:], second[..., 1:]),
        )
        keeps[part] = (colour <= params.max_lab_distance + GRID_SLACK) | (
            chroma <= params.doubtful_chroma_distance + GRID_SLACK
        )
    return keeps


def under_symmetries(grids: Lab, which: npt.NDArray[np.uint8]) -> Lab:
    """Each of ``grids`` (or images: (n, side, side, channels)) under its own symmetry."""
    turned = np.empty_like(grids)
    for index in np.unique(which):
        chosen = which == index
        turned[chosen] = _turned(grids[chosen], int(index))
    return turned


def _turned(images: Lab, index: int) -> Lab:
    return apply(SYMMETRIES[index], images.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)


def _transposes(index: int) -> bool:
    wide = apply(SYMMETRIES[index], np.empty((1, 2)))
    return wide.shape != (1, 2)


def _near_means(
    means: npt.NDArray[np.float32], featureless: npt.NDArray[np.bool_]
) -> Iterator[tuple[Indices, Indices]]:
    """Pairs (earlier, later) of near colours with a featureless image, some of them twice."""
    cells = np.floor((means - _CELL_ORIGIN) / MAX_GRID_DISTANCE).astype(np.int64)
    keys = np.ravel_multi_index(tuple(cells.T), tuple(_CELLS))
    buckets = Buckets(keys, int(np.prod(_CELLS)), limit=CROWD)
    asking = np.flatnonzero(featureless)
    for offset in np.ndindex(3, 3, 3):
        beside = np.ravel_multi_index(tuple((cells[asking] + offset - 1).T), tuple(_CELLS))
        for place, found in buckets.candidates(beside, _GRIDS_AT_ONCE):
            one, other = asking[place], buckets.order[found]
            near = distance(means[one], means[other]) <= MAX_GRID_DISTANCE
            near &= one != other
            one, other = one[near], other[near]
            yield np.minimum(one, other), np.maximum(one, other)
