"""Params of `augment`: which symmetries multiply the data, and what is kept back."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from pipeline.core.params.base import Section
from pipeline.core.transforms import Symmetry


def _without_identity(transforms: tuple[Symmetry, ...]) -> tuple[Symmetry, ...]:
    if Symmetry.IDENTITY in transforms:
        raise ValueError("identity is always there; do not name it")
    if len(set(transforms)) != len(transforms):
        raise ValueError("a transform is named twice")
    return transforms


class Augment(Section):
    """Variants of each kept image."""

    transforms: Annotated[
        tuple[Annotated[Symmetry, Field(strict=False)], ...], AfterValidator(_without_identity)
    ] = (
        Symmetry.ROT90,
        Symmetry.ROT180,
        Symmetry.ROT270,
        Symmetry.FLIP_TOP_BOTTOM,
        Symmetry.FLIP_LEFT_RIGHT,
    )
    """Symmetries besides the image itself: of rot90, rot180, rot270, flip_left_right,
    flip_top_bottom, transpose and transverse."""
    min_difference: Annotated[float, Field(ge=0)] = 1.0
    """Mean absolute difference (0..255) below which two variants are one and the same."""
    max_images_per_creator: Annotated[int, Field(ge=1)] | None = None
    """Most images of one artist or brand, drawn by lot; null leaves the classes as they are."""
    held_out_share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the duplicate groups kept back from training."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Picks the groups that are kept back, and the images of a class that has too many."""
