"""Rule `unlisted`: the site replaced it or took it down, or no page that was read speaks of it."""

from __future__ import annotations

from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, Verdict

RULE = Rule(
    Reason(
        "unlisted",
        "No longer listed",
        "No listing shows it any more: the picture was replaced, or its listings left the site.",
    ),
    lambda evidence, _: Verdict(~evidence.any_listing(evidence.listings["shown"])),
)
