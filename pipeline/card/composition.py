"""What the collection is made of: shapes, creators, rights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from curation.selection.rules.declarations import ASPECT_RATIO, BLANK, TOO_SMALL
from pipeline.card.charts import Measure, Numbers, Threshold, distributions
from pipeline.card.dataset import Dataset
from pipeline.core.schema import Status

BARS_SHOWN = 40
"""Creators on the page; a site may have thousands."""


@dataclass(frozen=True)
class CompositionRow:
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

    bars: list[CompositionRow]
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
                threshold(dataset, TOO_SMALL.name),
                logarithmic=True,
            ),
            Measure(
                "Aspect ratio",
                "longer side over shorter side",
                _ratio(kept),
                _ratio(rejected),
                threshold(dataset, ASPECT_RATIO.name),
                logarithmic=True,
            ),
            Measure(
                "Contrast",
                "standard deviation of the luminance, 0 to 255",
                _numbers(kept["luminance_std"]),
                _numbers(rejected["luminance_std"]),
                threshold(dataset, BLANK.name),
            ),
        ],
    )


def threshold(dataset: Dataset, reason: str) -> Threshold | None:
    """What the rule of ``reason`` compared with, or None where it rejected nothing."""
    compared = dataset.images.loc[dataset.images["reason"] == reason, "threshold"].dropna()
    return Threshold(float(compared.iloc[0])) if len(compared) else None


def creators_breakdown(dataset: Dataset) -> Breakdown:
    """Images of each artist or brand, by the name the site shows."""
    named = dataset.listings.drop_duplicates("creator", keep="last").set_index("creator")
    slugs = dataset.images["creator"]
    names = slugs.map(named["creator_name"]).fillna(slugs)
    return _breakdown(names.fillna("unnamed"), dataset.images["status"])


def rights_breakdown(dataset: Dataset) -> Breakdown:
    """Listings under each rights label, by what became of their image."""
    fetched = dataset.listings.dropna(subset="image_id")
    labelled = fetched.merge(dataset.images[["image_id", "status"]], on="image_id")
    return _breakdown(labelled["rights"].fillna("no label"), labelled["status"])


def _breakdown(names: pd.Series, status: pd.Series) -> Breakdown:
    """Bars of ``names``, each row of which stays or goes as ``status`` says."""
    counted = pd.crosstab(names, status).reindex(columns=list(Status), fill_value=0)
    bars = [
        CompositionRow(str(name), int(kept), int(rejected))
        for name, kept, rejected in counted[[Status.KEEP, Status.REJECT]].itertuples()
    ]
    bars.sort(key=lambda bar: (-bar.total, bar.name))
    return Breakdown(bars[:BARS_SHOWN], max(0, len(bars) - BARS_SHOWN))


def _decoded(table: pd.DataFrame) -> pd.DataFrame:
    return table.dropna(subset="width")


def _numbers(column: pd.Series) -> Numbers:
    return column.to_numpy(np.float64)


def _shorter(table: pd.DataFrame) -> Numbers:
    return _numbers(table[["width", "height"]].min(axis=1))


def _ratio(table: pd.DataFrame) -> Numbers:
    return _numbers(table[["width", "height"]].max(axis=1)) / _shorter(table)
