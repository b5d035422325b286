"""Duplicate groups with their preferred member, and the pairs at which a person should look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from curation.selection.picture_notes import SUSPICIONS, SYMMETRIES
from curation.selection.rules.declarations import REASONS
from curation.selection.rules.other_causes import EXACT_DUPLICATE, NEAR_DUPLICATE
from pipeline.card.dataset import Dataset, counts, records, rows_of
from pipeline.card.example_images import Example, examples
from pipeline.card.templating import as_percent
from pipeline.core.paths import Paths
from pipeline.core.schema import PairKind, Status, Suspicion, Symmetry

MEMBERS_SHOWN = 8
"""Members of one group on the page; the largest groups are placeholders of hundreds."""


@dataclass(frozen=True)
class DuplicateGroup:
    """One duplicate group, its preferred member first."""

    group_id: str
    size: int
    why_preferred: str
    members: list[Example]

    @property
    def not_shown(self) -> int:
        """Members for which there was no room."""
        return self.size - len(self.members)


@dataclass(frozen=True)
class DoubtfulPair:
    """Two images that may or may not show the same picture."""

    first: Example
    second: Example
    note: str
    ruling: str
    """What a curator said, or nothing."""


@dataclass(frozen=True)
class Duplicates:
    """Everything the card says about copies."""

    group_count: int
    copy_count: int
    groups: list[DuplicateGroup]
    doubtful_count: int
    doubtful: list[DoubtfulPair]


def duplicates(paths: Paths, dataset: Dataset, count: int) -> Duplicates:
    """At most ``count`` groups, the largest first, and as many doubtful pairs."""
    grouped = dataset.images.dropna(subset="group")
    sizes = counts(grouped["group"])
    largest = list(sizes)[:count]
    doubtful = dataset.pairs[dataset.pairs["kind"] == PairKind.DOUBTFUL]
    order = doubtful.sort_values(["chance", "a", "b"], ascending=[False, True, True])
    return Duplicates(
        group_count=len(sizes),
        copy_count=len(grouped) - len(sizes),
        groups=_groups(paths, dataset, rows_of(grouped, "group", largest), largest),
        doubtful_count=len(doubtful),
        doubtful=_pairs(paths, dataset, order.head(count)),
    )


def _groups(
    paths: Paths, dataset: Dataset, grouped: pd.DataFrame, largest: list[str]
) -> list[DuplicateGroup]:
    rows: dict[str, list[dict[str, Any]]] = {group: [] for group in largest}
    for row in records(grouped):
        rows[row["group"]].append(row)
    measured = _measured(dataset, list(grouped["image_id"]))
    return [_group(paths, dataset, group, rows[group], measured) for group in largest]


def _group(
    paths: Paths,
    dataset: Dataset,
    group: str,
    rows: list[dict[str, Any]],
    measured: dict[tuple[str, str], dict[str, Any]],
) -> DuplicateGroup:
    rows = sorted(rows, key=lambda row: (row["image_id"] != group, row["image_id"]))
    shown = rows[:MEMBERS_SHOWN]
    notes = [_member_note(row, measured) for row in shown]
    return DuplicateGroup(
        group_id=group,
        size=len(rows),
        why_preferred=rows[0]["group_note"] or "",
        members=examples(paths, dataset, shown, notes),
    )


def _measured(dataset: Dataset, image_ids: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """The pairs among ``image_ids`` by their two ids."""
    pairs = rows_of(rows_of(dataset.pairs, "a", image_ids), "b", image_ids)
    return {(row["a"], row["b"]): row for row in records(pairs)}


def _member_note(row: dict[str, Any], measured: dict[tuple[str, str], dict[str, Any]]) -> str:
    size = f"{row['width']} × {row['height']} px"
    if row["image_id"] == row["group"]:
        return size
    pair = measured.get((min(row["image_id"], row["group"]), max(row["image_id"], row["group"])))
    parts = [size, _distances(pair) if pair else "alike through another member"]
    by_duplication = row["reason"] in (EXACT_DUPLICATE.name, NEAR_DUPLICATE.name)
    if row["status"] == Status.REJECT and not by_duplication:
        parts.append(f"left out as {REASONS[row['reason']].label.lower()}")
    return "; ".join(parts)


def _distances(pair: dict[str, Any]) -> str:
    if pair["kind"] == PairKind.EXACT:
        return "equal pixels"
    parts = [
        SYMMETRIES[Symmetry(pair["symmetry"])],
        SUSPICIONS[Suspicion(pair["suspicion"])] if pair["suspicion"] else "",
        f"hash {pair['phash_distance']}",
        f"Lab {pair['lab_distance']:.1f}",
        f"colours at worst {pair['region_distance']:.1f}",
        f"edges at worst {1 - pair['edge_distance']:.2f}",
    ]
    return ", ".join(filter(None, parts))


def _pairs(paths: Paths, dataset: Dataset, pairs: pd.DataFrame) -> list[DoubtfulPair]:
    rows = records(pairs)
    ids = sorted({row[side] for row in rows for side in ("a", "b")})
    facts = records(rows_of(dataset.images, "image_id", ids))
    notes = [f"{row['width']} × {row['height']} px" for row in facts]
    shown = {e.image_id: e for e in examples(paths, dataset, facts, notes)}
    ruled = _rulings(dataset)
    return [
        DoubtfulPair(
            shown[row["a"]],
            shown[row["b"]],
            f"{_distances(row)}, chance {as_percent(row['chance'])}",
            ruled.get((row["a"], row["b"]), ""),
        )
        for row in rows
    ]


def _rulings(dataset: Dataset) -> dict[tuple[str, str], str]:
    decided = dataset.decisions[dataset.decisions["scope"] == "pair"]
    return {
        (min(row["target"], row["other"]), max(row["target"], row["other"])): (
            f"{row['by']}: {row['action']}"
        )
        for row in records(decided)
    }
