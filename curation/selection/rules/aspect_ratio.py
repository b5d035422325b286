"""Rule `aspect_ratio`: too tall or too wide for a square."""

from __future__ import annotations

from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, above

RULE = Rule(
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
