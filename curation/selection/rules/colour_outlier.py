"""Rule `colour_outlier`: its mean colour is not one of this collection. Off by default."""

from __future__ import annotations

from typing import Final

import numpy as np

from curation.selection.evidence import Evidence, Floats
from curation.selection.rules.rule import Reason, Rule, above

NORMAL_MAD: Final = 1.4826
"""Standard deviations of a normal distribution in one of its median absolute deviations."""


_LEAST_SPREAD: Final = 1.0
"""Of L*, a* or b*: the least that can be told apart."""

RULE = Rule(
    Reason(
        "colour_outlier",
        "Colour outlier",
        "Its mean colour is far from those of the collection.",
        "{value:.1f} deviations from the usual colour; at most {threshold:g}",
        param="select.max_colour_deviation",
    ),
    lambda evidence, most: above(_deviations(evidence), most),
)


def _deviations(evidence: Evidence) -> Floats:
    """The largest over L*, a* and b* of (mean colour - median) / (1.4826 MAD); NaN if unknown.

    The median and its absolute deviation, so that what is odd does not widen what is usual
    (Leys, Ley, Klein, Bernard and Licata, "Detecting outliers", J. Exp. Soc. Psychol. 49, 2013).
    """
    # Imported here: compiled loops take half a second that a rule which is off need not pay.
    from curation.duplicates.cielab import to_lab

    known = ~np.isnan(evidence.mean_rgb).any(axis=1)
    deviations = np.full(len(evidence), np.nan)
    if known.any():
        rgb = np.round(evidence.mean_rgb[known]).astype(np.uint8)
        lab = to_lab(rgb).astype(np.float64)
        distance = np.abs(lab - np.median(lab, axis=0))
        spread = np.maximum(NORMAL_MAD * np.median(distance, axis=0), _LEAST_SPREAD)
        deviations[known] = (distance / spread).max(axis=1)
    return deviations
