"""Rule `blank`: nothing is on it, neither in lightness nor in hue."""

from __future__ import annotations

import numpy as np

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict, below


def judge(evidence: Evidence, min_colour_std: float | None) -> Verdict:
    """Compare the larger of two standard deviations: of the luminance (0 to 255), of the hue.

    Red and blue of one luminance are a picture, and so are pencil lines on white.
    """
    deviations = np.fmax(evidence.number("luminance_std"), evidence.number("chroma_std"))
    return below(deviations, min_colour_std)
