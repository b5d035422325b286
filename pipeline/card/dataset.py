"""The tables of a collection as the card needs them: one joined row an image.

Here they are pandas frames: the page joins, groups and counts, and nobody waits for its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from curation.selection.listing_state import HISTORY, newest_state
from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import (
    DECISIONS,
    IMAGES,
    LISTINGS,
    PAIRS,
    SELECTION,
    VARIANTS,
    WATERMARK,
    Status,
    TableSchema,
)

_TOLD = ["page_url", "title", "creator", "creator_name", "year_text", "rights"]
_COUNTED = ["status", "reason", "split"]
_FACTS = ["image_id", "capture", "fault_detail", "width", "height", "luminance_std"]


@dataclass(frozen=True)
class Dataset:
    """What the stages up to `augment` wrote about one collection."""

    images: pd.DataFrame
    """`selection` with size, luminance and watermark score of each image, sorted by image_id."""
    listings: pd.DataFrame
    """The listed images, as `curation.selection.listing_state` tells them."""
    pairs: pd.DataFrame
    decisions: pd.DataFrame
    variants: pa.Table
    """Eight times as many rows as images, and only ever counted: no frame."""

    def kept(self) -> pd.DataFrame:
        """The images that stay."""
        return self.images[self.images["status"] == Status.KEEP]

    def rejected(self) -> pd.DataFrame:
        """The images that do not."""
        return self.images[self.images["status"] == Status.REJECT]


def load_dataset(paths: Paths) -> Dataset:
    """Read the tables of one collection.

    Raises:
        TableError: one is missing or torn.
    """
    facts = _table_frame(paths, "images", IMAGES, _FACTS)
    scores = _table_frame(paths, "watermark", WATERMARK, ["image_id", "score"])
    images = _table_frame(paths, "selection", SELECTION)
    listings = tables.read(paths.table("listings"), LISTINGS, [*HISTORY, *_TOLD])
    images = images.merge(facts, "left", "image_id").merge(scores, "left", "image_id")
    return Dataset(
        images=images.sort_values("image_id", ignore_index=True),
        listings=_as_frame(newest_state(listings)),
        pairs=_table_frame(paths, "pairs", PAIRS),
        decisions=_table_frame(paths, "decisions", DECISIONS),
        variants=tables.read(paths.table("variants"), VARIANTS, _COUNTED),
    )


def _table_frame(
    paths: Paths, name: str, schema: TableSchema, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    return _as_frame(tables.read(paths.table(name), schema, columns))


def _as_frame(table: pa.Table) -> pd.DataFrame:
    """A table whose columns stay Arrow's: whole numbers stay whole where cells are empty."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def rows_with(table: pd.DataFrame, column: str, values: Sequence[str]) -> pd.DataFrame:
    """The rows of ``table`` whose ``column`` is one of ``values``, in the table's order."""
    return table[table[column].isin(values)]


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dictionaries, None where a cell is empty."""
    rows: list[dict[str, Any]] = pa.Table.from_pandas(table, preserve_index=False).to_pylist()
    return rows


def occurrences(column: pd.Series) -> dict[str, int]:
    """How often each value occurs, most frequent first, then by name."""
    frequencies = column.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return {str(name): int(count) for name, count in frequencies.items()}
