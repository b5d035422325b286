"""What tells a mark from a thing that many pictures show, before it may accuse anybody.

Product shots share more than a mark: a watch is photographed in forty colours of its dial, and the
outlines of all watches lie alike. A mark is on an image or is not, keeps its place, lies over
pictures that differ, and lets them show through; an outline fails in one of these.

So do layouts. Of mosaics on one grid, half have an edge that is light above and dark below, as a
mark has, and the other half have the inverse of it, which no image has of a mark. Edges of things
that stand on one line are level without end, while letters have corners at least. A border or a
board that all pictures have on plain ground is told by its form alone.

`python -m tests.benches.watermark` prints the evidence of each template, of marks and of outlines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from curation.watermark import grounds, strokes
from curation.watermark.overlay import Scores
from curation.watermark.passes import Overlay
from curation.watermark.samples import Images
from pipeline.core.shards import Pixels

_CARRIERS: Final = 300
"""Most images with the template that are compared with one another."""
_DISPLACED_FROM: Final = 2
"""Pixels from where a mark mostly lies: one pixel is what resizing does."""
_MAX_INVERTED: Final = 0.25
"""Images with the inverse of a template, per image with it: grids of flat squares have .55 to 1.6
(.06 to .21 where the template is displaced on half of its images, which refuses it as well). Marks
have none, also where they are white on some pictures and black on others, since thin strokes meet
their inverse a stroke's width beside them (`python -m tests.benches.layouts`)."""


@dataclass(frozen=True)
class Evidence:
    """What the images of a sample say of one template."""

    carriers: int
    """Images that score as marked."""
    share: float
    """Of all images of the sample."""
    ambiguous: float
    """Images that are neither clearly marked nor clearly not, per marked one."""
    displaced: float
    """Of the carriers, whose mark lies two pixels or more from where it mostly does."""
    backgrounds: int
    """Carriers that differ from one another beside the template, counted up to those asked for."""
    unexplained: float | None
    """See `strokes.unexplained`; None where the template lies on plain ground alone."""
    inverted: float
    """Images that have the template's edges with light and dark exchanged, per marked one."""
    aslant: float
    """See `strokes.aslant`, and likewise ``straight`` and ``span``."""
    straight: float
    span: float


@dataclass(frozen=True)
class Bounds:
    """What a template may have at most to be a mark, which depends on how it was started."""

    ambiguous: float
    displaced: float = 1.0
    min_share: float = 0.0


FROM_CLUSTER: Final = Bounds(ambiguous=1.0, displaced=0.2)
"""Words of three shops in one place have .07 and 0 (`--several`), of which none
are displaced; what jitters by 2 pixels (on two fifths, as calculated) is left to the patches."""
FROM_MEAN: Final = Bounds(ambiguous=0.3)
"""The outline that 3,200 watch listings share has 3.7, a faint mark on brush strokes .19."""
FROM_PATCHES: Final = Bounds(ambiguous=0.1, min_share=0.4)
"""What watches have in common has .56; what fewer images show in many places may be one model."""
FROM_ANCHOR: Final = Bounds(ambiguous=0.1)


def gather(overlay: Overlay, scores: Scores, sample: Images, min_images: int) -> Evidence:
    """The evidence of ``sample``, of which each image has its score in ``scores``."""
    marked = np.flatnonzero(scores.is_marked)
    enough = enough_carriers(min_images)
    backgrounds, unexplained = 0, None
    if len(marked) >= enough:
        compared = marked[:_CARRIERS]
        images = sample.take(compared)
        laid = grounds.laid(images.load(), scores.shifts[compared], images.layout(overlay.tie))
        beside = grounds.beside(laid, overlay.mark, overlay.reach)
        backgrounds = grounds.distinct(beside, enough)
        unexplained = strokes.unexplained(laid.real, overlay.mark)
    return Evidence(
        carriers=len(marked),
        share=float(scores.is_marked.mean()),
        ambiguous=scores.ambiguous,
        displaced=_displaced(scores),
        backgrounds=backgrounds,
        unexplained=unexplained,
        inverted=float(scores.is_inverted.sum() / max(len(marked), 1)),
        aslant=strokes.aslant(overlay.mark),
        straight=strokes.straight(overlay.mark),
        span=strokes.span(overlay.mark),
    )


def is_mark(evidence: Evidence, bounds: Bounds, min_images: int) -> bool:
    """Whether a template is a mark, where ``min_images`` are enough to look for one."""
    enough = enough_carriers(min_images)
    return (
        evidence.carriers >= enough
        and evidence.backgrounds >= enough
        and evidence.share >= bounds.min_share
        and evidence.ambiguous <= bounds.ambiguous
        and evidence.displaced <= bounds.displaced
        and evidence.inverted <= _MAX_INVERTED
        and evidence.aslant >= strokes.MIN_ASLANT
        and _is_translucent(evidence.unexplained, evidence.straight, evidence.span)
    )


def is_translucent(pixels: Pixels, overlay: Overlay, images: Images) -> bool:
    """Whether ``pixels`` of images from which a template was learnt show through it."""
    still = np.zeros((len(pixels), 2), np.int64)
    laid = grounds.laid(pixels, still, images.layout())
    return _is_translucent(
        strokes.unexplained(laid.real, overlay.mark),
        strokes.straight(overlay.mark),
        strokes.span(overlay.mark),
    )


def enough_carriers(min_images: int) -> int:
    """Images that must carry a mark: the half of those that are enough to look for one."""
    return max(min_images // 2, 1)


def _is_translucent(unexplained: float | None, straight: float, span: float) -> bool:
    """Whether the ground shows through; where it is the same on all images, only form can tell."""
    if unexplained is None:
        return straight <= strokes.MAX_LINE and span <= strokes.MAX_SPAN
    return unexplained <= strokes.MAX_UNEXPLAINED


def _displaced(scores: Scores) -> float:
    shifts = scores.shifts[scores.is_marked]
    if len(shifts) == 0:
        return 0.0
    off = np.abs(shifts - np.round(np.median(shifts, axis=0))).max(axis=1)
    return float((off >= _DISPLACED_FROM).mean())
