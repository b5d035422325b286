"""What curators decided, and which rules they set aside."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from curation.selection.rules.order import REASONS
from pipeline.card.dataset import Dataset, records
from pipeline.card.example_images import Example, examples
from pipeline.core.paths import Paths

ACTIONS = {
    "keep": "kept although a rule rejects",
    "remove": "removed",
    "distinct": "said to differ although alike",
}


@dataclass(frozen=True)
class Curator:
    """The decisions of one curator."""

    name: str
    actions: dict[str, int]
    """Count of each of `ACTIONS`."""


@dataclass(frozen=True)
class CuratorDecisions:
    """Everything the card says about the curators' lists."""

    total: int
    hands: list[Curator]
    overruled_count: int
    overruled: list[Example]
    """Images that stay against a rule."""


def decided(paths: Paths, dataset: Dataset, count: int) -> CuratorDecisions:
    """The decisions by curator, and at most ``count`` images kept against a rule."""
    decisions = dataset.decisions
    by_curator = pd.crosstab(decisions["by"], decisions["action"])
    by_curator = by_curator.reindex(columns=list(ACTIONS), fill_value=0)
    overruled = dataset.images.dropna(subset="overruled")
    rows = records(overruled.head(count))
    notes = [
        f"not {REASONS[row['overruled']].label.lower()}, says {row['decided_by']}" for row in rows
    ]
    return CuratorDecisions(
        total=len(decisions),
        hands=[
            Curator(str(name), {action: int(row[action]) for action in ACTIONS})
            for name, row in by_curator.sort_index().iterrows()
        ],
        overruled_count=len(overruled),
        overruled=examples(paths, dataset, rows, notes),
    )
