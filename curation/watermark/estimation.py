"""The mark of one group of images, estimated from a sample of them and scored on all.

First the mean gradient is asked, which finds a mark that keeps its place. Where it says nothing, a
wandering mark is looked for, or, among images of many sizes, one that is tied to a corner. What is
found is sharpened by the images that surely carry it, each moved so that the mark is in place,
until no more of them are found. At last it is judged: a mark is there or is not, on pictures that
differ beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from curation.watermark import grounds, overlay, wandering
from curation.watermark.anchors import ANCHORS, Anchor, Tie
from curation.watermark.layout import Geometry, Layout
from curation.watermark.overlay import Mark, Scores
from pipeline.core import engine, shards
from pipeline.core.params.watermark import Watermark
from pipeline.core.shards import Pixels

Place = tuple[str, int]
"""Shard and row of an image's pixels."""

IMAGES_OF_ONE_TASK: Final = 512
_IMAGES_AT_ONCE: Final = 32
"""In memory, at about 4 MB each while a 256-pixel image is scored."""
_IMAGES_FOR_PIECES: Final = 96
_IMAGES_FOR_ANCHORS: Final = 300
"""That show an anchor, among which a mark is looked for there."""
_ROUGH_CONSENSUS: Final = 4.0
"""Standard errors that do for the start of a template, which many more images then judge."""
_IMAGES_FOR_GROUNDS: Final = 300
_MAX_AMBIGUOUS: Final = 0.3
"""Of ambiguous images per marked one, for a mark in its place: .19 for a faint one on brush
strokes, 4 and more for the outline that product shots share."""
_MOST_ROUNDS: Final = 8
"""Each finds more of the images that carry the mark; three or four find all."""


@dataclass(frozen=True)
class Lot:
    """Some images of one group: the unit of work."""

    pixels: Path
    places: Sequence[Place]
    size: int
    layout: Layout

    def batches(self) -> Iterator[tuple[Pixels, Layout]]:
        """Their pixels, a few at a time, and how these are laid upon one another."""
        for start in range(0, len(self.places), _IMAGES_AT_ONCE):
            some = slice(start, start + _IMAGES_AT_ONCE)
            yield (
                shards.gather(self.pixels, self.size, self.places[some]),
                self.layout.only(some),
            )


@dataclass(frozen=True)
class Images:
    """Where the pixels of some images are, and how the pictures lie on them."""

    pixels: Path
    places: Sequence[Place]
    geometry: Geometry

    def __len__(self) -> int:
        return len(self.places)

    def take(self, rows: npt.NDArray[np.int64]) -> Images:
        """Some of them."""
        places = [self.places[row] for row in rows.tolist()]
        return Images(self.pixels, places, self.geometry.take(rows))

    def lots(self, tie: Tie | None = None) -> list[Lot]:
        """All of them in lots of one task each, laid upon one another as they are or as tied."""
        layout = self.geometry.in_place() if tie is None else tie.layout(self.geometry)
        parts = [
            slice(start, start + IMAGES_OF_ONE_TASK)
            for start in range(0, len(self), IMAGES_OF_ONE_TASK)
        ]
        size = self.geometry.side
        return [Lot(self.pixels, self.places[one], size, layout.only(one)) for one in parts]


@dataclass(frozen=True)
class Overlay:
    """A mark, how far it may lie off its place, and to what it is tied where sizes differ."""

    mark: Mark
    reach: int
    tie: Tie | None = None


def estimate(sample: Images, params: Watermark, name: str) -> Overlay | None:
    """The overlay of the images of ``sample``, or None where there is none."""
    return _in_place(sample, params, name) or _wandering(sample, params, name)


def estimate_tied(sample: Images, params: Watermark, name: str) -> Overlay | None:
    """The overlay that images of many sizes have at the same distance from a corner, if any."""
    overlays = [one for anchor in ANCHORS if (one := _at(anchor, sample, params, name)) is not None]
    if not overlays:
        return None
    # Laid upon one another wrongly, a mark is smeared, and less of it stands out.
    first = max(overlays, key=lambda one: float(np.sum(np.abs(one.mark) ** 2)))
    best = sharpened(first, sample.lots(first.tie), params, name)
    scores = score(sample, best, name)
    is_clear = scores.ambiguous <= wandering.MAX_AMBIGUOUS
    return best if is_clear and _lies_on_many(best, scores, sample, params) else None


def score(everything: Images, found: Overlay, name: str) -> Scores:
    """The scores of all images, in their order."""
    one = partial(_score, found=found)
    lots = everything.lots(found.tie)
    return Scores.concatenated(engine.run(one, lots, title=f"marks on {name}")).tempered()


def _in_place(sample: Images, params: Watermark, name: str) -> Overlay | None:
    lots = sample.lots()
    mark = overlay.template(_sums(lots, name), params.min_consensus)
    if mark is None:
        return None
    estimate = sharpened(Overlay(mark, overlay.MAX_SHIFT), lots, params, name)
    scores = score(sample, estimate, name)
    is_clear = scores.ambiguous <= _MAX_AMBIGUOUS
    return estimate if is_clear and _lies_on_many(estimate, scores, sample, params) else None


def _lies_on_many(found: Overlay, scores: Scores, sample: Images, params: Watermark) -> bool:
    """Whether enough of the marked images differ beside the mark.

    Half of those that are enough to look for one: its template then rests on as many.
    """
    enough = max(params.min_images // 2, 1)
    marked = np.flatnonzero(scores.is_marked)[:_IMAGES_FOR_GROUNDS]
    if len(marked) < enough:
        return False
    shown = sample.take(marked)
    geometry = shown.geometry
    layout = geometry.in_place() if found.tie is None else found.tie.layout(geometry)
    pixels = shards.gather(shown.pixels, geometry.side, shown.places)
    told = grounds.grounds(pixels, scores.shifts[marked], found.mark, layout, found.reach)
    return grounds.distinct(told, enough) >= enough


def _at(anchor: Anchor, sample: Images, params: Watermark, name: str) -> Overlay | None:
    helping = np.flatnonzero(anchor.helps(sample.geometry))[:_IMAGES_FOR_ANCHORS]
    if len(helping) < params.min_images:
        return None
    shown = sample.take(helping)
    tie = anchor.tied(shown.geometry)
    mark = overlay.template(_sums(shown.lots(tie), name), _ROUGH_CONSENSUS)
    return None if mark is None else Overlay(mark, overlay.MAX_SHIFT, tie)


def sharpened(found: Overlay, sample: Sequence[Lot], params: Watermark, name: str) -> Overlay:
    """The overlay learnt anew from the images that surely carry it, until no more of them do."""
    best, carriers = found, 0
    for _ in range(_MOST_ROUNDS):
        one = partial(_sum_aligned, found=found)
        sums = reduce(add, engine.run(one, sample, title=f"overlay of {name}, aligned"))
        if sums.images < carriers:
            break
        best, before, carriers = found, carriers, sums.images
        mark = overlay.template(sums, params.min_consensus) if carriers > before else None
        if mark is None:
            break
        found = replace(found, mark=mark)
    return best


def _wandering(sample: Images, params: Watermark, name: str) -> Overlay | None:
    few = sample.take(np.arange(min(len(sample), _IMAGES_FOR_PIECES)))
    pixels = shards.gather(few.pixels, few.geometry.side, few.places)
    pieces = wandering.consensus_of_pieces(pixels, few.geometry.in_place())
    rough = None if pieces is None else overlay.template(pieces, _ROUGH_CONSENSUS)
    if rough is None:
        return None
    # The place of the donor's mark may be at one end of where marks lie.
    found = sharpened(Overlay(rough, 2 * wandering.REACH), sample.lots(), params, name)
    scores = score(sample, found, name)
    is_frequent = scores.is_marked.mean() >= wandering.MIN_SHARE
    if not is_frequent or scores.ambiguous > wandering.MAX_AMBIGUOUS:
        return None
    if not _lies_on_many(found, scores, sample, params):
        return None
    return _centred(found, scores)


def _centred(found: Overlay, scores: Scores) -> Overlay:
    """The overlay in the middle of where it lies, and no farther from there than it goes."""
    shifts = scores.shifts[scores.is_marked]
    middle = np.round((shifts.min(axis=0) + shifts.max(axis=0)) / 2).astype(int)
    reach = int(np.abs(shifts - middle).max()) + 1
    return Overlay(np.roll(found.mark, tuple(middle.tolist()), (0, 1)), reach)


def _sums(lots: Sequence[Lot], name: str) -> overlay.Consensus:
    return reduce(add, engine.run(_sum, lots, title=f"overlay of {name}"))


def _sum(lot: Lot) -> overlay.Consensus:
    return reduce(add, (overlay.consensus(*batch) for batch in lot.batches()))


def _sum_aligned(lot: Lot, found: Overlay) -> overlay.Consensus:
    return reduce(
        add,
        (
            overlay.aligned_consensus(pixels, found.mark, layout, found.reach)
            for pixels, layout in lot.batches()
        ),
    )


def _score(lot: Lot, found: Overlay) -> Scores:
    return Scores.concatenated(
        overlay.scores(pixels, found.mark, layout, found.reach) for pixels, layout in lot.batches()
    )
