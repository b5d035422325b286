"""Rule `blank`: nothing is on it, neither in lightness nor in hue."""

from __future__ import annotations

import numpy as np

from curation.selection.evidence import Evidence, Floats
from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, below

RULE = Rule(
    Reason(
        "blank",
        "Blank",
        "Neither luminance nor hue varies: there is nothing on it.",
        "luminance and hue vary by {value:.2f}; at least {threshold:g}",
        param="select.min_colour_std",
        digit=6,
    ),
    lambda evidence, least: below(_variation(evidence), least),
)


def _variation(evidence: Evidence) -> Floats:
    """The larger of two standard deviations: of the luminance (0 to 255), of the hue.

    Red and blue of one luminance are a picture, and so are pencil lines on white.
    """
    return np.fmax(evidence.number("luminance_std"), evidence.number("chroma_std"))
