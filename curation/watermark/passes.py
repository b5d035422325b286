"""Passes over many images on all workers: what they agree on, and which of them carry a mark.

`python -m tests.benches.watermark --vary passes.NAME VALUE ...` finds its constant again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add
from typing import Final

from curation.watermark import overlay as marks
from curation.watermark.anchors import Tie
from curation.watermark.overlay import Consensus, Mark, Scores
from curation.watermark.samples import Images, Task
from pipeline.core import engine

_MOST_ROUNDS: Final = 8
"""Each finds more of the images that carry the mark; three or four find all."""


@dataclass(frozen=True)
class Overlay:
    """A mark, how far it may lie off its place, and to what it is tied where sizes differ."""

    mark: Mark
    reach: int
    tie: Tie | None = None


def score(images: Images, overlay: Overlay, name: str) -> Scores:
    """The scores of all images, in their order."""
    tasks = images.tasks(overlay.tie)
    of_task = partial(_scores, overlay=overlay)
    return Scores.concatenated(engine.run(of_task, tasks, title=f"marks on {name}")).tempered()


def consensus(tasks: Sequence[Task], name: str) -> Consensus:
    """What the gradients of all images agree on."""
    return reduce(add, engine.run(_sums, tasks, title=f"overlay of {name}"))


def sharpened(start: Overlay, tasks: Sequence[Task], min_consensus: float, name: str) -> Overlay:
    """The overlay learnt anew from the images that surely carry it, until no more of them do."""
    best, overlay, carriers = start, start, 0
    for _ in range(_MOST_ROUNDS):
        of_task = partial(_aligned_sums, overlay=overlay)
        sums = reduce(add, engine.run(of_task, tasks, title=f"overlay of {name}, aligned"))
        if sums.images < carriers:
            break
        best, before, carriers = overlay, carriers, sums.images
        mark = marks.template(sums, min_consensus) if carriers > before else None
        if mark is None:
            break
        overlay = replace(overlay, mark=mark)
    return best


def _sums(task: Task) -> Consensus:
    return reduce(add, (marks.consensus(*batch) for batch in task.batches()))


def _aligned_sums(task: Task, overlay: Overlay) -> Consensus:
    return reduce(
        add,
        (
            marks.aligned_consensus(pixels, overlay.mark, layout, overlay.reach)
            for pixels, layout in task.batches()
        ),
    )


def _scores(task: Task, overlay: Overlay) -> Scores:
    return Scores.concatenated(
        marks.scores(pixels, overlay.mark, layout, overlay.reach)
        for pixels, layout in task.batches()
    )
