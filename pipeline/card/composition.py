"""What the collection is made of: shapes, creators, rights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from pipeline.card.dataset import Dataset
from pipeline.card.figures import Measure, Numbers, Threshold, distributions
from pipeline.core.schema import Reason, Status

BARS_SHOWN = 40
"""Creators on the page; a site may have thousands."""


@dataclass(frozen=True)
class Share:
    """One bar: how many images of a kind stay and how many do not."""

    name: str
    kept: int
    rejected: int

    @property
    def total(self) -> int:
        """Kept and left out together."""
        return self.kept + self.rejected


@dataclass(frozen=True)
class Breakdown:
    """Bars, the longest first, and what they leave out."""

    bars: list[Share]
    others: int
    """Kinds that are not shown."""

    @property
    def longest(self) -> int:
        """Images of the largest kind, at least 1."""
        return max([bar.total for bar in self.bars], default=1)


def shapes(dataset: Dataset) -> Markup:
    """Histograms of the shorter side, the ratio of the sides and the luminance's spread."""
    kept, rejected = _decoded(dataset.kept()), _decoded(dataset.rejected())
    return distributions(
        "shapes",
        [
            Measure(
                "Shorter side",
                "pixels",
                _shorter(kept),
                _shorter(rejected),
                threshold(dataset, Reason.TOO_SMALL),
                logarithmic=True,
            ),
            Measure(
                "Aspect ratio",
                "longer side over shorter side",
                _ratio(kept),
                _ratio(rejected),
                threshold(dataset, Reason.ASPECT_RATIO),
                logarithmic=True,
            ),
            Measure(
                "Contrast",
                "standard deviation of the luminance, 0 to 255",
                _numbers(kept["luminance_std"]),
                _numbers(rejected["luminance_std"]),
                threshold(dataset, Reason.BLANK),
            ),
        ],
    )


def threshold(dataset: Dataset, reason: Reason) -> Threshold | None:
    """What the rule of ``reason`` compared with, or None where it rejected nothing."""
    of_rule = dataset.images.filter(pc.equal(dataset.images["reason"], reason.value))
    compared = pc.drop_null(of_rule["threshold"])
    return Threshold(float(compared[0].as_py())) if len(compared) else None


def creators(dataset: Dataset) -> Breakdown:
    """Images of each artist or brand, by the name the site shows."""
    names = {
        row["creator"]: row["creator_name"] or row["creator"]
        for row in dataset.listings.group_by(["creator", "creator_name"]).aggregate([]).to_pylist()
    }
    table = dataset.images.select(["creator", "status"])
    return _breakdown(table, "creator", lambda slug: names.get(slug) or slug, "unnamed")


def rights(dataset: Dataset) -> Breakdown:
    """Listings under each rights label, by what became of their image."""
    status = dataset.images.select(["image_id", "status"])
    labelled = dataset.listings.select(["image_id", "rights"]).join(
        status, "image_id", join_type="inner"
    )
    return _breakdown(labelled, "rights", str, "no label")


def _breakdown(table: pa.Table, column: str, name_of: Callable[[str], str], none: str) -> Breakdown:
    counted = table.group_by([column, "status"]).aggregate([([], "count_all")])
    kept: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for row in counted.to_pylist():
        name = none if row[column] is None else name_of(row[column])
        (kept if row["status"] == Status.KEEP else rejected)[name] += row["count_all"]
    bars = [Share(name, kept[name], rejected[name]) for name in kept | rejected]
    bars.sort(key=lambda bar: (-bar.total, bar.name))
    return Breakdown(bars[:BARS_SHOWN], max(0, len(bars) - BARS_SHOWN))


def _decoded(table: pa.Table) -> pa.Table:
    return table.filter(pc.is_valid(table["width"]))


def _numbers(column: pa.ChunkedArray) -> Numbers:
    return np.asarray(column.to_numpy(), np.float64)


def _shorter(table: pa.Table) -> Numbers:
    return np.minimum(_numbers(table["width"]), _numbers(table["height"]))


def _ratio(table: pa.Table) -> Numbers:
    return np.maximum(_numbers(table["width"]), _numbers(table["height"])) / _shorter(table)
