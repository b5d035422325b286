"""Rule `unlisted`: no listing shows the image any more."""

from __future__ import annotations

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict


def judge(evidence: Evidence) -> Verdict:
    """Reject what the site has replaced or taken down, and what no page that was read speaks of."""
    return Verdict(~evidence.any_listing(evidence.listings["shown"]))
