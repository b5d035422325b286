"""Rule `too_small`: the shorter side has too few pixels."""

from __future__ import annotations

from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, below

RULE = Rule(
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
