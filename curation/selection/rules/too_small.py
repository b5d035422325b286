"""Rule `too_small`: the shorter side has too few pixels."""

from __future__ import annotations

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict, below


def judge(evidence: Evidence, min_side_px: int | None) -> Verdict:
    """Compare the shorter side, in pixels."""
    return below(evidence.shorter_side, min_side_px)
