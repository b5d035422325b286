"""The tables on which a selection rests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from curation.selection.listing_state import HISTORY, newest_state
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS, IMAGES, LISTINGS, PAIRS, WATERMARK
from pipeline.core.tables import empty, read

_IMAGE_COLUMNS = ["image_id", "capture", "fault", "shard", "sharpness_cells", "mean_rgb"]
_IMAGE_COLUMNS += [each.name for each in IMAGES.arrow if pa.types.is_primitive(each.type)]
"""Every number among them, so that a new rule can compare one without an edit here."""
_LISTING_COLUMNS = [*HISTORY, "creator", "rights"]
_REPEATING = ["capture", "source", "page_fetch", "fetch", "layer"]
"""Of these the columns with few different texts, which `newest_state` needs only as numbers."""
_PAIR_COLUMNS = ["a", "b", "kind", "lab_distance"]
_MARK_COLUMNS = ["image_id", "template", "score"]
_OF_COPIES = ("sharpness_cells",)
"""Read for copies alone, and half of the time that reading takes."""


@dataclass(frozen=True)
class Inputs:
    """Each table sorted by its key, with the columns that count here."""

    images: pa.Table
    listings: pa.Table
    pairs: pa.Table
    watermark: pa.Table
    decisions: pa.Table
    state: pa.Table | None = None
    """What `newest_state` makes of ``listings``, where that is known already."""

    @cached_property
    def listed(self) -> pa.Table:
        """Each listed image as its listing says it today; see `newest_state`."""
        if self.state is not None:
            return self.state
        return newest_state(self.listings, self.images["image_id"])

    def with_decisions(self, decisions: pa.Table) -> Inputs:
        """The same tables with other ``decisions``."""
        return replace(self, decisions=decisions, state=self.listed)


def read_without_copies(paths: Paths, state: pa.Table) -> Inputs:
    """What the rules look at, without pairs, decisions and what is only compared between copies.

    Raises:
        TableError: a table is missing or torn.
    """
    numbers = [name for name in _IMAGE_COLUMNS if name not in _OF_COPIES]
    return Inputs(
        read(paths.table("images"), IMAGES, numbers),
        empty(LISTINGS),
        empty(PAIRS),
        read(paths.table("watermark"), WATERMARK, _MARK_COLUMNS),
        empty(DECISIONS),
        state,
    )


def read_inputs(paths: Paths, decisions: pa.Table | None = None) -> Inputs:
    """Read them all, but for ``decisions`` where they are given.

    Raises:
        TableError: a table is missing or torn.
    """
    return Inputs(
        read(paths.table("images"), IMAGES, _IMAGE_COLUMNS),
        read(paths.table("listings"), LISTINGS, _LISTING_COLUMNS, _REPEATING),
        read(paths.table("pairs"), PAIRS, _PAIR_COLUMNS),
        read(paths.table("watermark"), WATERMARK, _MARK_COLUMNS),
        read(paths.table("decisions"), DECISIONS) if decisions is None else decisions,
    )
