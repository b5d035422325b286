"""The rules in the order in which they are asked: the first that rejects gives the reason."""

from __future__ import annotations

from collections.abc import Callable

from curation.selection.evidence import Evidence
from curation.selection.rules import (
    aspect_ratio,
    blank,
    blurry,
    colour_outlier,
    curator_removed,
    not_an_image,
    opted_out,
    placeholder,
    rights,
    too_small,
    unlisted,
    unreadable,
    watermark,
)
from curation.selection.rules.verdict import Verdict
from pipeline.core.params.select import Select
from pipeline.core.schema import Reason

RULES: dict[Reason, Callable[[Evidence, Select], Verdict]] = {
    Reason.UNREADABLE: lambda e, _: unreadable.judge(e),
    Reason.NOT_AN_IMAGE: lambda e, _: not_an_image.judge(e),
    Reason.OPTED_OUT: lambda e, _: opted_out.judge(e),
    Reason.CURATOR_REMOVED: lambda e, _: curator_removed.judge(e),
    Reason.UNLISTED: lambda e, _: unlisted.judge(e),
    Reason.PLACEHOLDER: lambda e, params: placeholder.judge(e, params.placeholder_listings),
    Reason.TOO_SMALL: lambda e, params: too_small.judge(e, params.min_side_px),
    Reason.ASPECT_RATIO: lambda e, params: aspect_ratio.judge(e, params.max_aspect_ratio),
    Reason.BLANK: lambda e, params: blank.judge(e, params.min_colour_std),
    Reason.BLURRY: lambda e, params: blurry.judge(e, params.min_sharpness),
    Reason.COLOUR_OUTLIER: lambda e, params: colour_outlier.judge(e, params.max_colour_deviation),
    Reason.WATERMARK: lambda e, params: watermark.judge(e, params.max_watermark_score),
    Reason.RIGHTS: lambda e, params: rights.judge(e, params.rights),
}
"""Rules about one image; duplicates are told apart afterwards, among those that pass."""
