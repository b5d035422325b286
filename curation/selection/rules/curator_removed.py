"""Rule `curator_removed`: a curators' list takes the image out."""

from __future__ import annotations

from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, Verdict

RULE = Rule(
    Reason(
        "curator_removed",
        "Removed by a curator",
        "A line in the curators’ lists takes the image out.",
    ),
    lambda evidence, _: Verdict(evidence.removed),
)
