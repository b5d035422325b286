"""One mark of some images, estimated from a sample of them.

First the images that have one thing in one place are asked, group by group, which tells one shop's
mark from another's. Where there is none, the mean gradient of all is, which shows the faintest
marks that most images carry. Where it says nothing, a wandering mark is looked for; images of many
sizes may have one that is tied to a corner. What begins so is sharpened by the images that surely
carry it, each moved so that the mark is in place, until no more of them are found, and then judged.

`python -m tests.benches.watermark --vary estimation.NAME VALUE ...` finds its constants again.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from curation.watermark import overlay as marks
from curation.watermark import wandering
from curation.watermark.anchors import ANCHORS, Anchor
from curation.watermark.clusters import clusters
from curation.watermark.judgement import begins_a_mark, enough_carriers, lies_over_pictures
from curation.watermark.overlay import Scores
from curation.watermark.passes import Overlay, consensus, score, sharpened
from curation.watermark.samples import Images
from pipeline.core.params.watermark import Watermark

_IMAGES_OF_A_CLUSTER: Final = 300
"""From which its template begins."""
_IMAGES_FOR_PIECES: Final = 96
_IMAGES_FOR_ANCHORS: Final = 300
"""That show an anchor, among which a mark is looked for there."""
_ROUGH_CONSENSUS: Final = 4.0
"""Standard errors that do for the start of a template, which many more images then judge."""
_MAX_AMBIGUOUS: Final = 0.3
"""Of ambiguous images per marked one, for a mark in its place: .19 for a faint one on brush
strokes, 4 and more for the outline that product shots share
(`python -m tests.benches.watermark`)."""
_MAX_AMBIGUOUS_OF_SOME: Final = 1.0
"""The same for a mark that began with a cluster, where other marks are ambiguous, too: an
estimate for three words in one place is .6 (`python -m tests.benches.watermark --several`)."""
_OFF_ITS_PLACE: Final = 2
"""Pixels from where a mark mostly lies, beyond which it has moved."""
_MAX_MOVED: Final = 0.2
"""Of the images on which a mark in its place may have moved; one that wanders by 2 pixels should
have on two fifths (`python -m tests.benches.watermark`)."""


def estimate(sample: Images, params: Watermark, name: str) -> Overlay | None:
    """An overlay of the images of ``sample``, or None where there is none."""
    return (
        _on_some(sample, params, name)
        or _in_place(sample, params, name)
        or _wandering(sample, params, name)
    )


def estimate_tied(sample: Images, params: Watermark, name: str) -> Overlay | None:
    """An overlay that images of many sizes have at the same distance from a corner, if any."""
    starts = [
        start for anchor in ANCHORS if (start := _at(anchor, sample, params, name)) is not None
    ]
    if not starts:
        return None
    # Laid upon one another wrongly, a mark is smeared, and less of it stands out.
    clearest = max(starts, key=lambda start: float(np.sum(np.abs(start.mark) ** 2)))
    overlay = sharpened(clearest, sample.tasks(clearest.tie), params.min_consensus, name)
    scores = score(sample, overlay, name)
    is_clear = scores.ambiguous <= wandering.MAX_AMBIGUOUS
    return overlay if is_clear and _is_mark(overlay, scores, sample, params) else None


def _on_some(sample: Images, params: Watermark, name: str) -> Overlay | None:
    for rows in clusters(sample, enough_carriers(params.min_images), name):
        images = sample.take(rows[:_IMAGES_OF_A_CLUSTER])
        pixels = images.load()
        mark = marks.template(marks.consensus(pixels, images.layout()), _ROUGH_CONSENSUS)
        if mark is None:
            continue
        start = Overlay(mark, marks.MAX_SHIFT)
        if not begins_a_mark(pixels, start, images):
            continue
        overlay = sharpened(start, sample.tasks(), params.min_consensus, name)
        scores = score(sample, overlay, name)
        is_clear = scores.ambiguous <= _MAX_AMBIGUOUS_OF_SOME and _keeps_its_place(scores)
        if is_clear and _is_mark(overlay, scores, sample, params):
            return overlay
    return None


def _keeps_its_place(scores: Scores) -> bool:
    shifts = scores.shifts[scores.is_marked]
    if len(shifts) == 0:
        return False
    off = np.abs(shifts - np.round(np.median(shifts, axis=0))).max(axis=1)
    return bool((off >= _OFF_ITS_PLACE).mean() <= _MAX_MOVED)


def _in_place(sample: Images, params: Watermark, name: str) -> Overlay | None:
    tasks = sample.tasks()
    mark = marks.template(consensus(tasks, name), params.min_consensus)
    if mark is None:
        return None
    overlay = sharpened(Overlay(mark, marks.MAX_SHIFT), tasks, params.min_consensus, name)
    scores = score(sample, overlay, name)
    is_clear = scores.ambiguous <= _MAX_AMBIGUOUS
    return overlay if is_clear and _is_mark(overlay, scores, sample, params) else None


def _is_mark(overlay: Overlay, scores: Scores, sample: Images, params: Watermark) -> bool:
    return lies_over_pictures(overlay, scores, sample, params.min_images)


def _at(anchor: Anchor, sample: Images, params: Watermark, name: str) -> Overlay | None:
    helping = np.flatnonzero(anchor.helps(sample.geometry))[:_IMAGES_FOR_ANCHORS]
    if len(helping) < params.min_images:
        return None
    shown = sample.take(helping)
    tie = anchor.tied(shown.geometry)
    mark = marks.template(consensus(shown.tasks(tie), name), _ROUGH_CONSENSUS)
    return None if mark is None else Overlay(mark, marks.MAX_SHIFT, tie)


def _wandering(sample: Images, params: Watermark, name: str) -> Overlay | None:
    few = sample.first(_IMAGES_FOR_PIECES)
    pieces = wandering.consensus_of_pieces(few.load(), few.layout())
    rough = None if pieces is None else marks.template(pieces, _ROUGH_CONSENSUS)
    if rough is None:
        return None
    # The place of the donor's mark may be at one end of where marks lie.
    start = Overlay(rough, 2 * wandering.REACH)
    overlay = sharpened(start, sample.tasks(), params.min_consensus, name)
    scores = score(sample, overlay, name)
    is_frequent = scores.is_marked.mean() >= wandering.MIN_SHARE
    if not is_frequent or scores.ambiguous > wandering.MAX_AMBIGUOUS:
        return None
    return _centred(overlay, scores) if _is_mark(overlay, scores, sample, params) else None


def _centred(overlay: Overlay, scores: Scores) -> Overlay:
    """The overlay in the middle of where it lies, and no farther from there than it goes."""
    shifts = scores.shifts[scores.is_marked]
    middle = np.round((shifts.min(axis=0) + shifts.max(axis=0)) / 2).astype(int)
    reach = int(np.abs(shifts - middle).max()) + 1
    return Overlay(np.roll(overlay.mark, tuple(middle.tolist()), (0, 1)), reach)
