"""What curators decided, and which rules they set aside."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc

from curation.selection.wording import REASONS
from pipeline.card.dataset import Dataset
from pipeline.card.examples import Example, examples
from pipeline.core.paths import Paths
from pipeline.core.schema import Reason

ACTIONS = {
    "keep": "kept although a rule rejects",
    "remove": "removed",
    "distinct": "said to differ although alike",
}


@dataclass(frozen=True)
class Hand:
    """The decisions of one curator."""

    name: str
    actions: dict[str, int]
    """Count of each of `ACTIONS`."""


@dataclass(frozen=True)
class Decided:
    """Everything the card says about the curators' lists."""

    total: int
    hands: list[Hand]
    overruled_count: int
    overruled: list[Example]
    """Images that stay against a rule."""


def decided(paths: Paths, dataset: Dataset, count: int) -> Decided:
    """The decisions by curator, and at most ``count`` images kept against a rule."""
    by_curator = dataset.decisions.group_by(["by", "action"]).aggregate([([], "count_all")])
    actions: dict[str, dict[str, int]] = {}
    for row in by_curator.to_pylist():
        actions.setdefault(row["by"], dict.fromkeys(ACTIONS, 0))[row["action"]] = row["count_all"]
    overruled = dataset.images.filter(pc.is_valid(dataset.images["overruled"]))
    rows = overruled.slice(0, count).to_pylist()
    notes = [
        f"not {REASONS[Reason(row['overruled'])].label.lower()}, says {row['decided_by']}"
        for row in rows
    ]
    return Decided(
        total=dataset.decisions.num_rows,
        hands=[Hand(name, actions[name]) for name in sorted(actions)],
        overruled_count=overruled.num_rows,
        overruled=examples(paths, dataset, rows, notes),
    )
