"""Rule `colour_outlier`: its mean colour is not one of this collection. Off by default."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.duplicates.cielab import to_lab
from curation.selection.evidence import Evidence, Floats
from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, above

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
    column = evidence.images["mean_rgb"].combine_chunks()
    known = pc.is_valid(column).to_numpy(zero_copy_only=False)
    deviations = np.full(len(evidence), np.nan)
    if known.any():
        rgb = pc.list_flatten(column.filter(pa.array(known))).to_numpy().reshape(-1, 3)
        lab = to_lab(np.round(rgb).astype(np.uint8)).astype(np.float64)
        distance = np.abs(lab - np.median(lab, axis=0))
        spread = np.maximum(NORMAL_MAD * np.median(distance, axis=0), _LEAST_SPREAD)
        deviations[known] = (distance / spread).max(axis=1)
    return deviations
