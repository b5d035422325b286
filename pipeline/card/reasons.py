"""What was left out and why, and what stays: a sheet of examples for each."""

from __future__ import annotations

from dataclasses import dataclass

from curation.selection.notes import note_of
from curation.selection.reason import Reason
from curation.selection.rules.order import REASONS
from pipeline.card.dataset import Dataset, counts, records
from pipeline.card.example_images import (
    Example,
    examples,
    nearest_to_threshold,
    spread_over_creators,
)
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
    occurring = counts(rejected["reason"])
    sheets = []
    for reason in (name for name in REASONS if name in occurring):
        rows = records(nearest_to_threshold(rejected[rejected["reason"] == reason], count))
        shown = examples(paths, dataset, rows, [note_of(row) for row in rows])
        sheets.append(ReasonSheet(REASONS[reason], occurring[reason], shown))
    return sheets


def kept_examples(paths: Paths, dataset: Dataset, count: int) -> list[Example]:
    """At most ``count`` images that stay, in turns from every creator."""
    rows = records(spread_over_creators(dataset.kept(), count))
    return examples(paths, dataset, rows, [""] * len(rows))
