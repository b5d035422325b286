"""What a rule is: a reason with its words and its param, and a verdict on all images at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.selection.evidence import Evidence, Floats, Mask

if TYPE_CHECKING:  # else whatever knows a reason would depend on the params of `select`
    from pipeline.core.params.select import Select


@dataclass(frozen=True)
class Reason:
    """One reason; tables, funnel, card, review page and docs know it by this declaration alone."""

    name: str
    """As tables and curators' lists write it."""
    label: str
    """Heading of its sheet in the card and of its filter in the review page."""
    means: str
    """A sentence, in the card, in `salon lists why` and in docs/reasons.md."""
    note: str = ""
    """What stands under a picture: a format over ``value``, ``threshold``, ``fault_detail`` and
    ``crop_loss``, the per cent of a picture with sides as ``value`` to 1 that are not in its
    largest square."""
    param: str = ""
    """Key of params.yaml that sets it, such as ``select.min_side_px``."""
    digit: int = 0
    """Key that gives this reason to a removal in the review page; 0: none does."""
    is_final: bool = False
    """A curator's `keep` cannot overrule it."""
    of_variants: bool = False
    """It leaves out a variant, and never an image."""


@dataclass(frozen=True)
class Verdict:
    """One rule's answer about all images; a value that is not known passes every rule."""

    rejected: Mask
    value: Floats | None = None
    """What was compared, NaN where there was nothing to compare; None for a rule without number."""
    threshold: float | None = None
    low_is_worse: bool = False


@dataclass(frozen=True)
class Rule:
    """A declaration from which everything else about the rule is read."""

    reason: Reason
    verdict: Callable[[Evidence, Any], Verdict]
    """Takes the value of the reason's param, None where it has no param."""

    @property
    def name(self) -> str:
        """Of its reason."""
        return self.reason.name

    def ask(self, evidence: Evidence, params: Select) -> Verdict | None:
        """Its verdict; None where null in params.yaml switches it off."""
        if not self.reason.param:
            return self.verdict(evidence, None)
        limit = getattr(params, self.reason.param.removeprefix("select."))
        return None if limit is None else self.verdict(evidence, limit)


def above(value: Floats, threshold: float) -> Verdict:
    """Reject what exceeds the threshold."""
    return Verdict(np.asarray(value > threshold), value, threshold)


def at_least(value: Floats, threshold: float) -> Verdict:
    """Reject what reaches the threshold."""
    return Verdict(np.asarray(value >= threshold), value, threshold)


def below(value: Floats, threshold: float) -> Verdict:
    """Reject what stays under the threshold."""
    return Verdict(np.asarray(value < threshold), value, threshold, low_is_worse=True)
