"""Params of `ingest`: the sizes and the way a picture becomes a square."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pipeline.core.params.base import Section

SMALL = 64
"""Always among the sizes: `dedupe` and `watermark` look at these pixels."""


def _with_small(sizes: tuple[int, ...]) -> tuple[int, ...]:
    if SMALL not in sizes:
        raise ValueError(f"{SMALL} must be among the sizes: the duplicate check needs it")
    if len(set(sizes)) != len(sizes):
        raise ValueError("a size is named twice")
    return tuple(sorted(sizes))


class Ingest(Section):
    """How images become pixels."""

    sizes: Annotated[tuple[Literal[64, 256], ...], AfterValidator(_with_small)] = (64,)
    """Sides of the squares that are stored, in pixels."""
    square: Literal["crop", "crop_salient", "pad", "stretch"] = "crop"
    """crop the middle, crop where most is to be seen, pad with white, or stretch to a square."""
    max_megapixels: Annotated[float, Field(gt=0, le=2000)] = 200.0
    """Larger pictures, and those with a side of more than 65,535 pixels, are refused before they
    are decoded. A worker may need 1 to 17 MB of memory a megapixel: least for JPEG, most for
    palettes with transparency."""
