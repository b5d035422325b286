"""Params of `select`: the thresholds of the rules; null switches a rule off."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.core.params.base import Section


class Select(Section):
    """What a rule lets pass. Every rule can be switched off with null."""

    min_side_px: Annotated[int, Field(ge=1)] | None = 128
    """Shortest side that may pass, in pixels."""
    max_aspect_ratio: Annotated[float, Field(ge=1)] | None = 2.0
    """Longer side over shorter side."""
    min_colour_std: Annotated[float, Field(ge=0)] | None = 2.0
    """Below this (0..255), in luminance and in hue alike, a picture is blank: one colour and a
    sensor's noise. Real works that are nearly white lie between 2 and 3."""
    min_sharpness: Annotated[float, Field(ge=0)] | None = None
    """Variance of the luminance's Laplacian; below this a picture is blurry. Only for
    photographs: a painting may have no edge at all."""
    max_colour_deviation: Annotated[float, Field(gt=0)] | None = None
    """How far a mean colour may be from the collection's median in L*, a* or b*, in standard
    deviations (by the median absolute deviation); beyond this it is an outlier."""
    max_watermark_score: Annotated[float, Field(ge=0)] | None = 6.0
    """Standard deviations; above this an image counts as marked."""
    refused_overlays: tuple[str, ...] = ()
    """Overlays that a curator looked at and found to be no mark, by the names under their
    pictures in the data card; their scores do not count."""
    placeholder_listings: Annotated[int, Field(ge=2)] | None = 5
    """The same bytes served for this many listings are a placeholder."""
    exact_duplicates: bool = True
    """Keep one of the images that decode to the same pixels."""
    near_duplicates: bool = True
    """Keep one of the images that show the same picture."""
    rights: tuple[str, ...] | None = None
    """Labels that may pass; null lets all pass."""
