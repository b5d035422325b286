"""Rule `aspect_ratio`: too tall or too wide for a square."""

from __future__ import annotations

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict, above


def judge(evidence: Evidence, max_aspect_ratio: float | None) -> Verdict:
    """Compare the longer side over the shorter."""
    return above(evidence.longer_side / evidence.shorter_side, max_aspect_ratio)
