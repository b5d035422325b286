"""Rule `blurry`: out of focus. Off by default: a colour field has no edges, and is not blurred."""

from __future__ import annotations

from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, below

RULE = Rule(
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
