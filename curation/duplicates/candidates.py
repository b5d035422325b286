"""Which pairs of images are worth a look at their pixels, and how one lies over the other.

Copies are found by a hash of 256 bits, under all symmetries: that of the stored square, and that
of the whole picture, which stays the same when somebody squashes it. Where two pictures differ in
shape, their wholes are laid over each other by what `ingest` says of the squares' places.

`python -m tests.benches.duplicate_bounds FOLDER --vary candidates.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from curation.duplicates.candidate_hashes import Buckets, Hashes, Indices, near_hashes
from curation.duplicates.descriptors import SIDE, Boxes
from pipeline.core.transforms import SYMMETRIES, steps

KEY_RADIUS: Final = 12
"""Bits of the 64 lowest frequencies by which candidates may differ: 99 of 100 marked copies of
real watches have up to 10, all up to 12."""
MAX_SHARING: Final = 64
"""Where more images than this share one hash, each is compared with the first ones only."""
SAME_SHAPE: Final = 1.02
"""Of the shapes (width over height) of two pictures whose squares show the same part of both."""

SQUARES: Final = 0
WHOLES: Final = 1
"""How two images lie: square on square, whole on whole; from `FIRST_VIEW` on see `placement_of`."""
FIRST_VIEW: Final = 2

Placements = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Candidates:
    """Pairs to look at: ``first`` < ``second``, the former to be seen under ``symmetry``."""

    first: Indices
    second: Indices
    symmetry: npt.NDArray[np.uint8]
    """Index into `SYMMETRIES`."""
    placement: Placements
    """How one is laid over the other."""

    def __len__(self) -> int:
        return len(self.first)

    def only(self, chosen: npt.NDArray[Any]) -> Candidates:
        """Those that a mask or an index array chooses."""
        return Candidates(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True)
class Shapes:
    """Of n images: what their squares show."""

    windows: Boxes
    """The part of the whole picture that the square shows (n, 4), each side from 0 to 1."""
    inside: Boxes
    """The part of the square that lies within its borders (n, 4), in its pixels."""
    aspects: npt.NDArray[np.float64]
    """Width over height of the whole (n,)."""


def merged(parts: Iterable[Candidates]) -> Candidates:
    """All candidates once, sorted by first, second, symmetry and placement."""
    lists = list(parts)
    first, second, symmetry, placement = (
        np.concatenate([_NONE, *(getattr(part, name).astype(np.int64) for part in lists)])
        for name in ("first", "second", "symmetry", "placement")
    )
    # One number a candidate: a hundred times faster to sort than four columns.
    span, ways = int(second.max(initial=0)) + 1, int(placement.max(initial=0)) + 1
    keys = np.unique(((first * span + second) * len(SYMMETRIES) + symmetry) * ways + placement)
    pairs, placement = np.divmod(keys, ways)
    pairs, symmetry = np.divmod(pairs, len(SYMMETRIES))
    return Candidates(
        *np.divmod(pairs, span), symmetry.astype(np.uint8), placement.astype(np.uint8)
    )


@dataclass(frozen=True)
class Side:
    """Images that may be one of two, and what is compared of each."""

    images: Indices
    """Their numbers, rising (n,)."""
    hashes: Hashes
    """(n, words)."""

    def only(self, chosen: npt.NDArray[np.bool_]) -> Side:
        """Those that a mask chooses."""
        return Side(self.images[chosen], self.hashes[chosen])


def by_hash(
    earlier: Side, later: Side, radius: int, symmetry: int, placement: int = SQUARES
) -> Iterator[Candidates]:
    """Pairs whose hashes are near, in lots of bounded size.

    Args:
        earlier: the first of two, with its hash under the symmetry.
        later: the second, with its hash as it is.
        radius: bits by which they may differ.
        symmetry: index into `SYMMETRIES`.
        placement: what the hashes are of.
    """
    # The join knows groups by numbers, and leaves out all earlier ones that begin after the later
    # one has ended: half of all pairs.
    of_later, later_group, last = _grouped(later, slice(None))
    of_earlier, earlier_group, first = _grouped(earlier, slice(None, None, -1))
    limits = np.searchsorted(first, last)
    later_members = Buckets(later_group, len(of_later))
    earlier_members = Buckets(earlier_group, len(of_earlier), limit=MAX_SHARING)
    for pairs in near_hashes(of_later, of_earlier, KEY_RADIUS, radius, limits=limits):
        for place, member in later_members.candidates(pairs.left):
            second = later.images[later_members.order[member]]
            for again, other in earlier_members.candidates(pairs.right[place]):
                image = earlier.images[earlier_members.order[other]]
                ordered = image < second[again]
                count = int(ordered.sum())
                yield Candidates(
                    image[ordered],
                    second[again][ordered],
                    np.full(count, symmetry, np.uint8),
                    np.full(count, placement, np.uint8),
                )


def _grouped(side: Side, rows: slice) -> tuple[Hashes, Indices, Indices]:
    """The different hashes of ``side``, the number of each image's own, and an image of each.

    That image is the last in the order of ``rows``, and the hashes are in the order of the images.
    """
    hashes, group = np.unique(side.hashes, axis=0, return_inverse=True)
    image = np.empty(len(hashes), np.int64)
    image[group[rows]] = side.images[rows]  # what is written last stays
    order = np.argsort(image)
    return hashes[order], np.argsort(order)[group], image[order]


def by_whole_hash(
    variants: Hashes, upright: Hashes, radius: int, symmetry: int, shapes: Shapes
) -> Iterator[Candidates]:
    """Pairs of wholes of two shapes whose hashes are near, in lots of bounded size.

    Most sets have one shape that is more frequent than all others. Those that have it are not
    sought among themselves: of a shop's squares a million take no longer than none.

    Args:
        variants: hash of each image under the symmetry (n, words).
        upright: hash of each image as it is (n, words).
        radius: bits by which they may differ.
        symmetry: index into `SYMMETRIES`.
        shapes: of the images.
    """
    images = np.arange(len(upright))
    frequent = _most_frequent(shapes.aspects)
    earlier, later = Side(images, variants), Side(images, upright)
    has_it = frequent.holds(_aspects_under(shapes, images, np.full(len(images), symmetry)))
    is_usual = frequent.holds(shapes.aspects)
    for first, second in (
        (earlier, later.only(~is_usual)),
        (earlier.only(~has_it), later.only(is_usual)),
    ):
        for pairs in by_hash(first, second, radius, symmetry, WHOLES):
            yield pairs.only(differ_in_shape(pairs, shapes))


@dataclass(frozen=True)
class _Range:
    """Of shapes that count as one."""

    low: float
    """Logarithm of width over height."""

    def holds(self, aspects: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        above = np.log(aspects) - self.low
        held: npt.NDArray[np.bool_] = (above >= 0) & (above <= _RANGE)
        return held


_RANGE: Final = float(np.log(SAME_SHAPE)) - 1e-9
"""Less what rounding may add."""


def _most_frequent(aspects: npt.NDArray[np.float64]) -> _Range:
    """The shapes, one to `differ_in_shape`, that most of the images have."""
    logs = np.sort(np.log(aspects))
    if not len(logs):
        return _Range(0.0)
    counts = np.searchsorted(logs, logs + _RANGE, side="right") - np.arange(len(logs))
    return _Range(float(logs[np.argmax(counts)]))


_NONE: Final = np.empty(0, np.int64)


def crowded(hashes: Hashes) -> int:
    """How many images share their hash with so many that not all pairs are compared."""
    counts = np.unique(hashes, axis=0, return_counts=True)[1]
    return int(counts[counts > MAX_SHARING].sum())


def differ_in_shape(pairs: Candidates, shapes: Shapes) -> npt.NDArray[np.bool_]:
    """Which of ``pairs`` have wholes of two shapes, the first's under its symmetry."""
    first = _aspects_under(shapes, pairs.first, pairs.symmetry)
    ratio = np.abs(np.log(first / shapes.aspects[pairs.second]))
    is_other: npt.NDArray[np.bool_] = ratio > np.log(SAME_SHAPE)
    return is_other


def _aspects_under(
    shapes: Shapes, images: Indices, symmetries: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """Width over height of ``images``, each under its symmetry."""
    transposes = np.array([steps(symmetry)[0] for symmetry in SYMMETRIES])[symmetries]
    aspects: npt.NDArray[np.float64] = shapes.aspects[images] ** np.where(transposes, -1.0, 1.0)
    return aspects


def placement_of(view: npt.NDArray[np.integer], is_second: npt.NDArray[np.bool_]) -> Placements:
    """How a pair lies of which one image is seen in a ``view``, the other as it is."""
    return (FIRST_VIEW + 2 * view + is_second).astype(np.uint8)


def view_of(placement: Placements) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The view of each pair from `placement_of`, and whether it is the second image's."""
    view, is_second = np.divmod(placement.astype(np.int64) - FIRST_VIEW, 2)
    return view, is_second == 1


def boxes_under(boxes: Boxes, symmetries: npt.NDArray[np.uint8], side: float) -> Boxes:
    """Each of ``boxes`` (n, 4) of squares of ``side``, where it lies under its symmetry."""
    made = np.empty_like(boxes)
    for index in np.unique(symmetries):
        chosen = symmetries == index
        transposes, rows, columns = steps(SYMMETRIES[index])
        left, top, right, bottom = boxes[chosen].T
        if transposes:
            left, top, right, bottom = top, left, bottom, right
        if rows:
            top, bottom = side - bottom, side - top
        if columns:
            left, right = side - right, side - left
        made[chosen] = np.stack([left, top, right, bottom], axis=1)
    return made


def warps(pairs: Candidates, shapes: Shapes, inner: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """Where in the first image, under its symmetry, each pixel of the second is looked for: (n, 6).

    Args:
        pairs: of images.
        shapes: of all images.
        inner: sides of the views, as shares; the view after the last is that within the borders.
    """
    whole = np.array([0, 0, SIDE, SIDE], np.float32)
    first = np.tile(whole, (len(pairs), 1))
    second = first.copy()
    if (pairs.placement == WHOLES).any():
        chosen = np.flatnonzero(pairs.placement == WHOLES)
        ours = boxes_under(shapes.windows[pairs.first[chosen]], pairs.symmetry[chosen], 1.0)
        first[chosen], second[chosen] = _same_part(ours, shapes.windows[pairs.second[chosen]])
    view, is_second = view_of(pairs.placement)
    for kind in range(len(inner) + 1):
        for side, rows, boxes in ((0, pairs.first, first), (1, pairs.second, second)):
            chosen = np.flatnonzero((view == kind) & (is_second == bool(side)))
            if kind < len(inner):
                edge = SIDE * (1 - inner[kind]) / 2
                boxes[chosen] = [edge, edge, SIDE - edge, SIDE - edge]
            else:
                boxes[chosen] = shapes.inside[rows[chosen]]
    return _warps(first, second)


def _same_part(ours: Boxes, theirs: Boxes) -> tuple[Boxes, Boxes]:
    """In pixels of either square, the part of the whole that both show."""
    low, high = np.maximum(ours[:, :2], theirs[:, :2]), np.minimum(ours[:, 2:], theirs[:, 2:])
    parts = []
    for window in (ours, theirs):
        size = window[:, 2:] - window[:, :2]
        parts.append(
            np.concatenate(
                [(low - window[:, :2]) / size, (high - window[:, :2]) / size], axis=1
            ).astype(np.float32)
            * SIDE
        )
    return parts[0], parts[1]


def _warps(first: Boxes, second: Boxes) -> npt.NDArray[np.float64]:
    """The warps that lay the ``first`` boxes over the ``second`` ones, from the middle."""
    scale = (first[:, 2:] - first[:, :2]) / (second[:, 2:] - second[:, :2])
    middle = SIDE / 2
    shift = first[:, :2] - middle + scale * (middle - second[:, :2])
    made = np.zeros((len(first), 6))
    made[:, 0], made[:, 1], made[:, 3], made[:, 5] = (
        shift[:, 0], scale[:, 0], shift[:, 1], scale[:, 1],
    )  # fmt: skip
    return made
