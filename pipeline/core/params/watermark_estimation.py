"""Params of `watermark`: how the overlay of a site is estimated.

The score that leaves an image out is a rule's threshold, `max_watermark_score` in `select.py`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.core.params.base import Section


class Watermark(Section):
    """Consensus of gradients over a sample of the collection."""

    sample: Annotated[int, Field(ge=20, le=20_000)] = 3000
    """Most images from which the overlay is estimated."""
    min_images: Annotated[int, Field(ge=2)] = 40
    """Fewer images than this say nothing about an overlay."""
    min_consensus: Annotated[float, Field(gt=0)] = 7.0
    """Standard errors by which a pixel's mean gradient must exceed chance."""
    max_marks: Annotated[int, Field(ge=1, le=100)] = 8
    """Most marks of one group of images, such as those of as many shops; each costs a search."""
