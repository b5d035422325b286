"""The rules in the order in which they are asked: the first that rejects gives the reason.

A new rule is its declaration here, among the others in `RULES`, and its param in
`pipeline/core/params/select.py`; everything else reads the declaration. One that measures
something of its own is a module beside this one, such as `colour_outlier`.
"""

from __future__ import annotations

import numpy as np

from curation.selection.rules import colour_outlier, placeholder, rights
from curation.selection.rules.other_causes import CURATOR_REMOVED, OF_COPIES, OF_VARIANTS
from curation.selection.rules.rule import Reason, Rule, Verdict, above, below
from pipeline.core.schema import FaultKind

UNREADABLE = Rule(
    Reason(
        FaultKind.UNREADABLE.value,
        "Unreadable",
        "The bytes are torn, or in a format that cannot be decoded.",
        "{fault_detail}",
        is_final=True,
    ),
    lambda evidence, _: Verdict(evidence.equals("fault", FaultKind.UNREADABLE.value)),
)
NOT_AN_IMAGE = Rule(
    Reason(
        FaultKind.NOT_AN_IMAGE.value,
        "Not an image",
        "The address of an image answered with something else, such as a page.",
        "{fault_detail}",
        is_final=True,
    ),
    lambda evidence, _: Verdict(evidence.equals("fault", FaultKind.NOT_AN_IMAGE.value)),
)
OPTED_OUT = Rule(
    Reason(
        "opted_out",
        "Opted out",
        "The site or the author asked that the image not be used.",
        is_final=True,
    ),
    lambda evidence, _: Verdict(evidence.any_listing(evidence.listings["opted_out"])),
)
"""One of the listings that ever showed the image is enough."""
_CURATOR_REMOVED = Rule(CURATOR_REMOVED, lambda evidence, _: Verdict(evidence.removed))
UNLISTED = Rule(
    Reason(
        "unlisted",
        "No longer listed",
        "No listing shows it any more: the picture was replaced, or its listings left the site.",
    ),
    lambda evidence, _: Verdict(~evidence.any_listing(evidence.listings["shown"])),
)
TOO_SMALL = Rule(
    Reason(
        "too_small",
        "Too small",
        "The shorter side has too few pixels.",
        "shorter side {value:g} px; at least {threshold:g}",
        param="select.min_side_px",
        digit=8,
    ),
    lambda evidence, least: below(evidence.shorter_side, least),
)
ASPECT_RATIO = Rule(
    Reason(
        "aspect_ratio",
        "Too tall or too wide",
        "Squaring it would cut away, or squeeze, too much of the picture.",
        "sides as {value:.2f} to 1, of which a square crop loses {crop_loss:.0f}\u00a0%; "
        "at most {threshold:g}",
        param="select.max_aspect_ratio",
        digit=7,
    ),
    lambda evidence, most: above(evidence.longer_side / evidence.shorter_side, most),
)
BLANK = Rule(
    Reason(
        "blank",
        "Blank",
        "Neither luminance nor hue varies: there is nothing on it.",
        "luminance and hue vary by {value:.2f}; at least {threshold:g}",
        param="select.min_colour_std",
        digit=6,
    ),
    # The larger of two deviations, so that neither red and blue of one luminance nor pencil lines
    # on white are blank.
    lambda evidence, least: below(
        np.fmax(evidence.number("luminance_std"), evidence.number("chroma_std")), least
    ),
)
BLURRY = Rule(
    Reason(
        "blurry",
        "Blurry",
        "Out of focus: the luminance has hardly any edges.",
        "sharpness {value:.1f}; at least {threshold:g}",
        param="select.min_sharpness",
        digit=5,
    ),
    lambda evidence, least: below(evidence.number("sharpness"), least),
)
"""Off by default: a colour field has no edges, and is not blurred."""
WATERMARK = Rule(
    Reason(
        "watermark",
        "Watermarked",
        "It carries the mark that the site lays over its images.",
        "score {value:.1f}; at most {threshold:g}",
        param="select.max_watermark_score",
        digit=3,
    ),
    lambda evidence, most: above(evidence.score, most),
)
RULES: tuple[Rule, ...] = (
    UNREADABLE,
    NOT_AN_IMAGE,
    OPTED_OUT,
    _CURATOR_REMOVED,
    UNLISTED,
    placeholder.RULE,
    TOO_SMALL,
    ASPECT_RATIO,
    BLANK,
    BLURRY,
    colour_outlier.RULE,
    WATERMARK,
    rights.RULE,
)
"""Rules about one image; duplicates are told apart afterwards, among those that pass."""

REASONS: dict[str, Reason] = {
    reason.name: reason for reason in (*(rule.reason for rule in RULES), *OF_COPIES, *OF_VARIANTS)
}
"""Every reason that a table may hold, by its name, in the order in which they are asked."""
