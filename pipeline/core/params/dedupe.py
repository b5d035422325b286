"""Params of `dedupe`: what counts as the same picture."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.core.params.base import Section


class Dedupe(Section):
    """Thresholds of the two-stage check: candidates by hash, confirmed on 64-pixel images."""

    max_hash_distance: Annotated[int, Field(ge=0, le=96)] = 45
    """Bits of 256 by which candidates may differ."""
    symmetries: bool = True
    """Also look for mirrored and rotated copies."""
    second_look: bool = True
    """Also look for copies with a border, crops, tilts and squashed copies that the hash of the
    square misses."""
    max_region_distance: Annotated[float, Field(ge=0)] = 3.4
    """CIE76 distance of the mean colours of any region, at one tone, up to which it is the same."""
    max_edge_distance: Annotated[float, Field(ge=0, le=2)] = 0.1
    """1 - the correlation of the gradients of any region, up to which it is the same; a third more
    where all colours agree closely."""
    max_hue_distance: Annotated[float, Field(ge=0)] = 2.6
    """Distance in a*, b* by which all pixels of one hue may be turned to another, together."""
    max_doubtful_per_thousand: Annotated[int, Field(ge=0)] = 50
    """Doubtful pairs in a thousand images that a person is asked about, the likeliest first."""
    min_doubtful_chance: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Chance of being one picture below which nobody is asked about a pair."""
