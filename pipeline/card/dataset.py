"""The tables of a collection as the card needs them: one joined row an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

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
)

_FACTS = ["image_id", "capture", "fault_detail", "width", "height", "luminance_std"]
_LABELS = ["image_id", "page_url", "title", "creator_name", "year_text", "rights"]


@dataclass(frozen=True)
class Dataset:
    """What the stages up to `augment` wrote about one collection."""

    images: pa.Table
    """`selection` with size, luminance and watermark score of each image, sorted by image_id."""
    listings: pa.Table
    pairs: pa.Table
    decisions: pa.Table
    variants: pa.Table

    def kept(self) -> pa.Table:
        """The images that stay."""
        return self.images.filter(pc.equal(self.images["status"], Status.KEEP.value))

    def rejected(self) -> pa.Table:
        """The images that do not."""
        return self.images.filter(pc.equal(self.images["status"], Status.REJECT.value))


def load(paths: Paths) -> Dataset:
    """Read the tables of one collection.

    Raises:
        TableError: one is missing or torn.
    """
    facts = tables.read(paths.table("images"), IMAGES, _FACTS)
    scores = tables.read(paths.table("watermark"), WATERMARK, ["image_id", "score"])
    selection = tables.read(paths.table("selection"), SELECTION)
    joined = selection.join(facts, "image_id").join(scores, "image_id")
    return Dataset(
        images=joined.sort_by("image_id").combine_chunks(),
        listings=tables.read(paths.table("listings"), LISTINGS),
        pairs=tables.read(paths.table("pairs"), PAIRS),
        decisions=tables.read(paths.table("decisions"), DECISIONS),
        variants=tables.read(paths.table("variants"), VARIANTS),
    )


def rows_of(table: pa.Table, column: str, values: Sequence[str]) -> pa.Table:
    """The rows of ``table`` whose ``column`` is one of ``values``, in the table's order."""
    return table.filter(pc.is_in(table[column], value_set=pa.array(values, pa.string())))
