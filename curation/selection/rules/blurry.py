"""Rule `blurry`: out of focus. Off by default: a colour field has no edges, and is not blurred."""

from __future__ import annotations

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict, below


def judge(evidence: Evidence, min_sharpness: float | None) -> Verdict:
    """Compare the variance of the luminance's Laplacian."""
    return below(evidence.number("sharpness"), min_sharpness)
