"""Params of `dedupe`: what counts as the same picture."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from pipeline.core.params.base import Section


class Dedupe(Section):
    """Thresholds of the two-stage check: candidates by hash, confirmed on 64-pixel images."""

    max_phash_distance: Annotated[int, Field(ge=0, le=15)] = 10
    """Bits of 64 by which candidates may differ."""
    symmetries: bool = True
    """Also look for mirrored and rotated copies."""
    second_look: bool = True
    """Also look for copies with a border, crops and tilts that the hashes miss. They are left to a
    person, and never decided."""
    max_lab_distance: Annotated[float, Field(ge=0)] = 2.5
    """Mean CIE76 distance below which two images are the same without further question."""
    min_gradient_correlation: Annotated[float, Field(ge=-1, le=1)] = 0.85
    """Gradients must agree at least this well; 1 is equal."""
    max_tone_distance: Annotated[float, Field(ge=0)] = 4.0
    """Colours may differ by this much (RMS CIE76 distance) once the tone of both is the same."""
    max_chroma_distance: Annotated[float, Field(ge=0)] = 12.0
    """And by this much as they are (mean distance in a*, b*)."""
    doubtful_gradient_correlation: Annotated[float, Field(ge=-1, le=1)] = 0.70
    """From here up to min_gradient_correlation a person should look."""
    doubtful_tone_distance: Annotated[float, Field(ge=0)] = 10.0
    """From max_tone_distance up to here a person should look."""
    doubtful_chroma_distance: Annotated[float, Field(ge=0)] = 20.0
    """From max_chroma_distance up to here a person should look."""

    @model_validator(mode="after")
    def _doubt_lies_outside(self) -> Dedupe:
        if self.doubtful_gradient_correlation > self.min_gradient_correlation:
            raise ValueError("doubtful_gradient_correlation exceeds min_gradient_correlation")
        if self.doubtful_tone_distance < self.max_tone_distance:
            raise ValueError("doubtful_tone_distance is below max_tone_distance")
        if self.doubtful_chroma_distance < self.max_chroma_distance:
            raise ValueError("doubtful_chroma_distance is below max_chroma_distance")
        return self
