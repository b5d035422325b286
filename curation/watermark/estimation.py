"""One mark of some images, estimated from a sample of them.

Images that have the same thing in the same place are asked first, cluster by cluster, which tells
one shop's mark from another's. Without such a cluster the mean gradient of all is, which shows the
faintest marks that most images carry. A mark that jitters is then looked for by patches; images of
many sizes may have one that is tied to a corner. Each start is sharpened by the images that surely
carry it, moved so that the mark is in place, until no more of them turn up, and is then classified
by the evidence of all images.

`python -m tests.benches.watermark --vary estimation.NAME VALUE ...` finds its constants again.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from curation.watermark import evidence, patches
from curation.watermark import overlay as marks
from curation.watermark.anchors import ANCHORS, Anchor
from curation.watermark.clusters import clusters
from curation.watermark.evidence import Bounds
from curation.watermark.overlay import Scores
from curation.watermark.passes import Overlay, consensus, score, sharpened
from curation.watermark.samples import Images
from pipeline.core.params.watermark_estimation import Watermark

_IMAGES_OF_A_CLUSTER: Final = 300
"""From which its template begins."""
_IMAGES_FOR_PATCHES: Final = 96
_IMAGES_FOR_ANCHORS: Final = 300
"""That show an anchor, among which a mark is looked for there."""
_STARTS_AT_ANCHORS: Final = 3
"""Places whose template is classified, the clearest first: what pictures share at another place (a
dark lower edge) may stand out more than a mark that only every fifth square shows."""
_ROUGH_CONSENSUS: Final = 4.0
"""Standard errors that do for the start of a template, which many more images then classify."""


def estimate(sample: Images, params: Watermark, name: str) -> Overlay | None:
    """An overlay of the images of ``sample``, or None where there is none."""
    return (
        _from_cluster(sample, params, name)
        or _from_mean(sample, params, name)
        or _from_patches(sample, params, name)
    )


def estimate_tied(sample: Images, params: Watermark, name: str) -> Overlay | None:
    """An overlay that images of many sizes have at the same distance from a corner, if any."""
    starts = [
        start for anchor in ANCHORS if (start := _at(anchor, sample, params, name)) is not None
    ]
    # Laid upon one another wrongly, a mark is smeared, and less of it stands out.
    starts.sort(key=lambda start: -float(np.sum(np.abs(start.mark) ** 2)))
    for start in starts[:_STARTS_AT_ANCHORS]:
        overlay, _ = _classified(start, evidence.FROM_ANCHOR, sample, params, name)
        if overlay is not None:
            return overlay
    return None


def _from_cluster(sample: Images, params: Watermark, name: str) -> Overlay | None:
    for rows in clusters(sample, evidence.enough_carriers(params.min_images), name):
        images = sample.take(rows[:_IMAGES_OF_A_CLUSTER])
        pixels = images.load()
        mark = marks.template(marks.consensus(pixels, images.layout()), _ROUGH_CONSENSUS)
        if mark is None:
            continue
        start = Overlay(mark, marks.MAX_SHIFT)
        if evidence.is_translucent(pixels, start, images):
            overlay, _ = _classified(start, evidence.FROM_CLUSTER, sample, params, name)
            if overlay is not None:
                return overlay
    return None


def _from_mean(sample: Images, params: Watermark, name: str) -> Overlay | None:
    mark = marks.template(consensus(sample.tasks(), name), params.min_consensus)
    if mark is None:
        return None
    start = Overlay(mark, marks.MAX_SHIFT)
    return _classified(start, evidence.FROM_MEAN, sample, params, name)[0]


def _from_patches(sample: Images, params: Watermark, name: str) -> Overlay | None:
    few = sample.first(_IMAGES_FOR_PATCHES)
    sums = patches.consensus_of_patches(few.load(), few.layout())
    rough = None if sums is None else marks.template(sums, _ROUGH_CONSENSUS)
    if rough is None:
        return None
    # The place of the donor's mark may be at one end of where marks lie.
    start = Overlay(rough, 2 * patches.REACH)
    overlay, scores = _classified(start, evidence.FROM_PATCHES, sample, params, name)
    return None if overlay is None else _centred(overlay, scores)


def _at(anchor: Anchor, sample: Images, params: Watermark, name: str) -> Overlay | None:
    helping = np.flatnonzero(anchor.helps(sample.geometry))[:_IMAGES_FOR_ANCHORS]
    if len(helping) < params.min_images:
        return None
    images = sample.take(helping)
    tie = anchor.tied(images.geometry)
    mark = marks.template(consensus(images.tasks(tie), name), _ROUGH_CONSENSUS)
    return None if mark is None else Overlay(mark, marks.MAX_SHIFT, tie)


def _classified(
    start: Overlay, bounds: Bounds, sample: Images, params: Watermark, name: str
) -> tuple[Overlay | None, Scores]:
    """``start`` sharpened, or None where that is no mark; and the scores of the sample."""
    overlay = sharpened(start, sample.tasks(start.tie), params.min_consensus, name)
    scores = score(sample, overlay, name)
    told = evidence.gather(overlay, scores, sample, params.min_images)
    return (overlay if evidence.is_mark(told, bounds, params.min_images) else None), scores


def _centred(overlay: Overlay, scores: Scores) -> Overlay:
    """The overlay in the middle of where it lies, and no farther from there than it goes."""
    shifts = scores.shifts[scores.is_marked]
    middle = np.round((shifts.min(axis=0) + shifts.max(axis=0)) / 2).astype(int)
    reach = int(np.abs(shifts - middle).max()) + 1
    return Overlay(np.roll(overlay.mark, tuple(middle.tolist()), (0, 1)), reach)
