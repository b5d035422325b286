"""Whether a template that stands out is a mark, before it may accuse anybody.

Product shots share more than a mark: their outlines lie alike, by degrees, and one watch is
photographed in forty colours of its dial. A mark is there or is not, lies over pictures that
differ, and lets them show through.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from curation.watermark import grounds, strokes
from curation.watermark.overlay import Scores
from curation.watermark.passes import Overlay
from curation.watermark.samples import Images
from pipeline.core.shards import Pixels

_IMAGES: Final = 300
"""With the mark that are looked at."""


def lies_over_pictures(overlay: Overlay, scores: Scores, sample: Images, min_images: int) -> bool:
    """Whether enough of the marked images differ beside the mark, and show through it.

    Half of those that are enough to look for one: its template then rests on as many.
    """
    marked = np.flatnonzero(scores.is_marked)[:_IMAGES]
    enough = enough_carriers(min_images)
    if len(marked) < enough:
        return False
    shown = sample.take(marked)
    laid = grounds.laid(shown.load(), scores.shifts[marked], shown.layout(overlay.tie))
    beside = grounds.beside(laid, overlay.mark, overlay.reach)
    return grounds.distinct(beside, enough) >= enough and _shows_through(laid, overlay)


def begins_a_mark(pixels: Pixels, overlay: Overlay, images: Images) -> bool:
    """Whether ``pixels`` of images from which a template was learnt show through it."""
    still = np.zeros((len(pixels), 2), np.int64)
    return _shows_through(grounds.laid(pixels, still, images.layout()), overlay)


def enough_carriers(min_images: int) -> int:
    """Images that must carry a mark, where ``min_images`` are enough to look for one."""
    return max(min_images // 2, 1)


def _shows_through(laid: grounds.Laid, overlay: Overlay) -> bool:
    open_part = strokes.unexplained(laid.real, overlay.mark)
    return open_part is None or open_part <= strokes.MAX_UNEXPLAINED
