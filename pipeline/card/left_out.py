"""What was left out and why, what stays, and what curators decided: sheets of examples."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from curation.selection.picture_notes import note_of
from curation.selection.rules.declarations import REASONS
from curation.selection.rules.rule import Reason
from pipeline.card.curators_words import CuratorsWords
from pipeline.card.dataset import Dataset, occurrences, records
from pipeline.card.example_images import (
    Example,
    examples,
    nearest_to_threshold,
    spread_over_creators,
)
from pipeline.core.files import read_object
from pipeline.core.paths import Paths


@dataclass(frozen=True)
class ReasonSheet:
    """One reason with some of its images, those nearest to the threshold first."""

    reason: Reason
    count: int
    examples: list[Example]

    @property
    def has_pictures(self) -> bool:
        """Whether anything could be decoded to be shown."""
        return any(example.picture for example in self.examples)


def reason_sheets(paths: Paths, dataset: Dataset, count: int) -> list[ReasonSheet]:
    """A sheet of at most ``count`` examples for each reason that occurs, in the rules' order."""
    rejected = dataset.rejected()
    occurring = occurrences(rejected["reason"])
    words = CuratorsWords(records(dataset.decisions), read_object(paths.removal_notes))
    sheets = []
    for reason in (name for name in REASONS if name in occurring):
        rows = records(nearest_to_threshold(rejected[rejected["reason"] == reason], count))
        notes = [note_of(row, words.of(row["image_id"], row["decided_by"])) for row in rows]
        shown = examples(paths, dataset, rows, notes)
        sheets.append(ReasonSheet(REASONS[reason], occurring[reason], shown))
    return sheets


def kept_examples(paths: Paths, dataset: Dataset, count: int) -> list[Example]:
    """At most ``count`` images that stay, in turns from every creator."""
    rows = records(spread_over_creators(dataset.kept(), count))
    return examples(paths, dataset, rows, [""] * len(rows))


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
