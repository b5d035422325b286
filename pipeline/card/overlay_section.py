"""The marks that lie over the images: which were found, and how the images score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from curation.selection.rules.declarations import WATERMARK
from pipeline.card.charts import Measure, Numbers, distributions
from pipeline.card.composition import threshold
from pipeline.card.dataset import Dataset
from pipeline.card.thumbnails import Thumbnail, from_file
from pipeline.core.errors import TableError
from pipeline.core.files import read_object
from pipeline.core.paths import Paths

_PICTURE_PX = 512


@dataclass(frozen=True)
class Mark:
    """One overlay, as it lies on some images of one group."""

    name: str
    picture: Thumbnail
    group: str
    images: int
    """Of the group."""
    marked: int


@dataclass(frozen=True)
class OverlaySection:
    """What `watermark` found in a collection."""

    examined: int
    """Images in groups large enough to be looked at."""
    marks: list[Mark]
    scores: Markup | None
    """Histogram of the scores; None where nothing was found to score by."""
    caution: str | None
    """Why marks may have gone unseen; None where there is no reason."""


def overlay(paths: Paths, dataset: Dataset) -> OverlaySection:
    """Read the overlays of one collection, and draw the scores.

    Raises:
        TableError: a file is missing, torn or of another shape.
    """
    path = paths.overlay / "overlay.json"
    described = read_object(path)
    groups = described.get("groups")
    if not isinstance(groups, list):
        raise TableError(f"{path}: names no groups; run `dvc repro watermark`")
    try:
        examined = sum(group["images"] for group in groups)
        marks = [_mark(paths, group, mark) for group in groups for mark in group["marks"]]
    except (KeyError, TypeError) as error:
        raise TableError(f"{path}: not overlays; run `dvc repro watermark`") from error
    scores = _scores(dataset) if marks else None
    return OverlaySection(examined, marks, scores, described.get("caution"))


def _mark(paths: Paths, group: dict[str, Any], mark: dict[str, Any]) -> Mark:
    picture = from_file(paths.overlay / mark["picture"], longest_px=_PICTURE_PX)
    return Mark(mark["name"], picture, group["name"], group["images"], mark["marked"])


def _scores(dataset: Dataset) -> Markup:
    return distributions(
        "scores",
        [
            Measure(
                "Watermark score",
                "standard deviations above the other shifts of the same image",
                _known(dataset.kept()),
                _known(dataset.rejected()),
                threshold(dataset, WATERMARK.name),
            )
        ],
    )


def _known(table: pd.DataFrame) -> Numbers:
    return table["score"].dropna().to_numpy(np.float64)
