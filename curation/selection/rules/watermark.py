"""Rule `watermark`: it carries the mark that the site lays over its images."""

from __future__ import annotations

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict, above


def judge(evidence: Evidence, max_watermark_score: float | None) -> Verdict:
    """Compare the score of `watermark`, in standard deviations."""
    return above(evidence.score, max_watermark_score)
