"""Rule `blank`: nothing is on it."""

from __future__ import annotations

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict, below


def judge(evidence: Evidence, min_luminance_std: float | None) -> Verdict:
    """Compare the standard deviation of the luminance, 0 to 255."""
    return below(evidence.number("luminance_std"), min_luminance_std)
