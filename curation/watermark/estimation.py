"""The mark of one group of images, estimated from a sample of them and scored on all.

First the mean gradient is asked, which finds a mark that keeps its place. Where it says nothing, a
wandering mark is looked for. What is found is sharpened by the images that surely carry it, each
moved so that the mark is in place, until no more of them are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Final

import numpy as np

from curation.watermark import overlay, wandering
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
_ROUGH_CONSENSUS: Final = 4.0
"""Standard errors that do for the start of a template, which many more images then judge."""
_MOST_ROUNDS: Final = 8
"""Each finds more of the images that carry the mark; three or four find all."""


@dataclass(frozen=True)
class Lot:
    """Some images of one group: the unit of work."""

    pixels: Path
    size: int
    places: Sequence[Place]

    def batches(self) -> Iterator[Pixels]:
        """Their pixels, a few at a time."""
        for start in range(0, len(self.places), _IMAGES_AT_ONCE):
            yield shards.gather(
                self.pixels, self.size, self.places[start : start + _IMAGES_AT_ONCE]
            )


@dataclass(frozen=True)
class Overlay:
    """A mark, and how far it may lie off its place."""

    mark: Mark
    reach: int


def lots(pixels: Path, size: int, places: Sequence[Place]) -> list[Lot]:
    """The images at ``places`` in lots of one task each."""
    return [
        Lot(pixels, size, places[start : start + IMAGES_OF_ONE_TASK])
        for start in range(0, len(places), IMAGES_OF_ONE_TASK)
    ]


def estimate(sample: Sequence[Lot], params: Watermark, name: str) -> Overlay | None:
    """The overlay of the images of ``sample``, or None where there is none."""
    found = reduce(add, engine.run(_sum, sample, title=f"overlay of {name}"))
    mark = overlay.template(found, params.min_consensus)
    if mark is not None:
        return sharpened(Overlay(mark, overlay.MAX_SHIFT), sample, params, name)
    return _wandering(sample, params, name)


def score(everything: Sequence[Lot], found: Overlay, name: str) -> Scores:
    """The scores of all images, in their order."""
    one = partial(_score, found=found)
    return Scores.concatenated(engine.run(one, everything, title=f"marks on {name}")).tempered()


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
        found = Overlay(mark, found.reach)
    return best


def _wandering(sample: Sequence[Lot], params: Watermark, name: str) -> Overlay | None:
    first = sample[0]
    few = shards.gather(first.pixels, first.size, first.places[:_IMAGES_FOR_PIECES])
    pieces = wandering.consensus_of_pieces(few)
    rough = None if pieces is None else overlay.template(pieces, _ROUGH_CONSENSUS)
    if rough is None:
        return None
    # The place of the donor's mark may be at one end of where marks lie.
    found = sharpened(Overlay(rough, 2 * wandering.REACH), sample, params, name)
    scores = score(sample, found, name)
    is_frequent = scores.is_marked.mean() >= wandering.MIN_SHARE
    if not is_frequent or scores.ambiguous > wandering.MAX_AMBIGUOUS:
        return None
    return _centred(found, scores)


def _centred(found: Overlay, scores: Scores) -> Overlay:
    """The overlay in the middle of where it lies, and no farther from there than it goes."""
    shifts = scores.shifts[scores.is_marked]
    middle = np.round((shifts.min(axis=0) + shifts.max(axis=0)) / 2).astype(int)
    reach = int(np.abs(shifts - middle).max()) + 1
    return Overlay(np.roll(found.mark, tuple(middle.tolist()), (0, 1)), reach)


def _sum(lot: Lot) -> overlay.Consensus:
    return reduce(add, map(overlay.consensus, lot.batches()))


def _sum_aligned(lot: Lot, found: Overlay) -> overlay.Consensus:
    return reduce(
        add,
        (overlay.aligned_consensus(batch, found.mark, found.reach) for batch in lot.batches()),
    )


def _score(lot: Lot, found: Overlay) -> Scores:
    return Scores.concatenated(
        overlay.scores(batch, found.mark, found.reach) for batch in lot.batches()
    )
