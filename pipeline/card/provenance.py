"""From what the version was made: captures, thresholds, and the params of the training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from curation.selection.rules.declarations import REASONS
from pipeline.card.composition import threshold
from pipeline.card.dataset import Dataset, occurrences
from pipeline.card.training_section import model_description
from pipeline.core.paths import Paths


@dataclass(frozen=True)
class CaptureCounts:
    """What one capture brought."""

    as_of: str
    images: int
    """Images that were in no earlier capture."""
    listed: int
    """Listed images that it was the last to see."""


@dataclass(frozen=True)
class Moved:
    """How the site moved on between the last two captures, in listed images."""

    came: int
    went: int
    """No longer listed; what was captured of them stays in the dataset."""
    changed: int
    """The listing shows another picture in the same place."""
    same: int


@dataclass(frozen=True)
class Provenance:
    """The inputs of this version, as far as the results record them."""

    captures: list[CaptureCounts]
    moved: Moved | None
    """What the newest capture found otherwise than the one before; None where it is the first."""
    thresholds: dict[str, float]
    """By the words for the reason; only rules that rejected something."""
    training: dict[str, Any]
    data_sha256: str
    compute: dict[str, Any]
    """Device, precision and version of the library that trained."""


def provenance(paths: Paths, dataset: Dataset) -> Provenance:
    """Read what the tables and the model say about their origin.

    Raises:
        TableError: model.json is missing or torn.
    """
    model = model_description(paths.model / "model.json")
    return Provenance(
        captures=_captures(dataset),
        moved=moved(dataset.listings),
        thresholds=_thresholds(dataset),
        training=dict(sorted(model["params"].items())),
        data_sha256=model["data"]["sha256"],
        compute=dict(sorted(model["compute"].items())),
    )


def _captures(dataset: Dataset) -> list[CaptureCounts]:
    images = occurrences(dataset.images["capture"])
    listed = occurrences(dataset.listings["last_capture"])
    return [
        CaptureCounts(as_of, images.get(as_of, 0), listed.get(as_of, 0))
        for as_of in sorted({*images, *listed})
    ]


def moved(listings: pd.DataFrame) -> Moved | None:
    """What came, went and changed with the newest capture; every place of a listing counts once."""
    columns = (listings["first_capture"], listings["last_capture"])
    dates = sorted({date for column in columns for date in column.unique()})
    if len(dates) < 2:
        return None
    before, newest = dates[-2:]
    places = listings.groupby(["source", "listing_id", "position"], sort=False)
    first, last = places["first_capture"].min(), places["last_capture"].max()
    there, new = last == newest, first == newest
    changed = there & ~new & (places["first_capture"].max() == newest)
    return Moved(
        came=int(new.sum()),
        went=int((last == before).sum()),
        changed=int(changed.sum()),
        same=int((there & ~new & ~changed).sum()),
    )


def _thresholds(dataset: Dataset) -> dict[str, float]:
    compared = dataset.images.dropna(subset="threshold")
    occurring = occurrences(compared["reason"])
    thresholds = {reason: threshold(dataset, reason) for reason in REASONS if reason in occurring}
    return {REASONS[r].label: mark.value for r, mark in thresholds.items() if mark is not None}
