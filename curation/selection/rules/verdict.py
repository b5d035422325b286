"""What a rule answers: which images it rejects, and the numbers it compared.

A threshold of None switches a rule off; a value that is not known passes every rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curation.selection.evidence import Floats, Mask


@dataclass(frozen=True)
class Verdict:
    """One rule's answer about all images."""

    rejected: Mask
    value: Floats | None = None
    """What was compared, NaN where there was nothing to compare; None for a rule without number."""
    threshold: float | None = None


def above(value: Floats, threshold: float | None) -> Verdict:
    """Reject what exceeds the threshold."""
    return Verdict(value > (np.inf if threshold is None else threshold), value, threshold)


def at_least(value: Floats, threshold: float | None) -> Verdict:
    """Reject what reaches the threshold."""
    return Verdict(value >= (np.inf if threshold is None else threshold), value, threshold)


def below(value: Floats, threshold: float | None) -> Verdict:
    """Reject what stays under the threshold."""
    return Verdict(value < (-np.inf if threshold is None else threshold), value, threshold)
