"""Rule `curator_removed`: a curators' list takes the image out."""

from __future__ import annotations

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict


def judge(evidence: Evidence) -> Verdict:
    """Reject what the lists remove."""
    return Verdict(evidence.removed)
