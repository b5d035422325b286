"""What each rule compares, for every image and not only for those it rejects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from curation.selection.evidence import Floats, gather
from curation.selection.inputs import read_without_copies
from curation.selection.rules.declarations import RULES
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths

_NEEDED = ("images", "listings", "pairs", "watermark")


@dataclass(frozen=True)
class RuleScore:
    """The number of one rule for each image (NaN where there is none), and where it rejects."""

    value: Floats
    threshold: float
    low_is_worse: bool

    @property
    def badness(self) -> Floats:
        """How far beyond the threshold: the worse, the higher; negative for what passes."""
        beyond = self.value - self.threshold
        return -beyond if self.low_is_worse else beyond

    def rejects(self, place: int) -> bool:
        """Whether the rule rejects one image, without a look at the others."""
        value = float(self.value[place])
        return value < self.threshold if self.low_is_worse else value > self.threshold

    @property
    def doubt(self) -> Floats:
        """How far from the threshold, on either side, in units of it; infinite without a number."""
        distance = np.abs(self.value - self.threshold) / max(abs(self.threshold), 1e-9)
        return np.where(np.isnan(distance), np.inf, distance)


def scores(paths: Paths, params: Select, listed: pa.Table) -> dict[str, RuleScore]:
    """The rules that compare numbers and are switched on; none while tables are missing.

    Args:
        paths: of the collection.
        params: its thresholds.
        listed: what `newest_state` makes of its listings.

    Raises:
        TableError: a table is torn.
    """
    if not all(paths.table(name).exists() for name in _NEEDED):
        return {}
    evidence = gather(read_without_copies(paths, listed), params.refused_overlays)
    verdicts = {rule.name: rule.ask(evidence, params) for rule in RULES}
    return {
        name: RuleScore(verdict.value, verdict.threshold, verdict.low_is_worse)
        for name, verdict in verdicts.items()
        if verdict is not None and verdict.value is not None and verdict.threshold is not None
    }
