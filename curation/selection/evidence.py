"""What the rules look at: every image with its listings, its mark and what curators say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.inputs import Inputs
from pipeline.core.errors import TableError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


BY_RULE, NAMELESS = "rule", "curator"
"""Who decided, where it was no curator, or one who did not sign."""


@dataclass(frozen=True)
class Evidence:
    """The rows of IMAGES in their order, and what other tables say about each."""

    images: pa.Table
    listings: pa.Table
    """The listed images of which there are bytes, as `newest_state` tells them."""
    owner: Integers
    """Row in ``images`` of each row of ``listings``."""
    score: Floats
    """Of the watermark; NaN where nothing was measured."""
    kept: Mask
    """A curator wants the image in."""
    removed: Mask
    """A curator wants the image out."""
    _numbers: dict[str, Floats] = field(default_factory=dict, repr=False, compare=False)
    """Those that were asked for: several rules and comparisons ask for the same."""

    def __len__(self) -> int:
        return int(self.images.num_rows)

    def number(self, column: str) -> Floats:
        """A column of IMAGES, NaN where it is empty; not to be written into."""
        if column not in self._numbers:
            self._numbers[column] = numbers(self.images[column])
        return self._numbers[column]

    def equals(self, column: str, value: str) -> Mask:
        """Which images have ``value`` in a column of IMAGES."""
        return as_mask(pc.equal(self.images[column], value))

    @cached_property
    def shorter_side(self) -> Floats:
        """In pixels."""
        return np.minimum(self.number("width"), self.number("height"))

    @cached_property
    def longer_side(self) -> Floats:
        """In pixels."""
        return np.maximum(self.number("width"), self.number("height"))

    @cached_property
    def mean_rgb(self) -> Floats:
        """(n, 3) The means of red, green and blue, 0..255; NaN where they are not known."""
        column = self.images["mean_rgb"].combine_chunks()
        levels = np.full((len(self), 3), np.nan)
        known = pc.is_valid(column).to_numpy(zero_copy_only=False)
        levels[known] = column.drop_null().flatten().to_numpy().reshape(-1, 3)
        return levels

    def any_listing(self, rows: pa.ChunkedArray) -> Mask:
        """Which images have a listing for which ``rows`` (a mask over ``listings``) is true."""
        images = np.zeros(len(self), bool)
        images[self.owner[as_mask(rows)]] = True
        return images


@dataclass(frozen=True)
class CopyPairs:
    """Pairs of duplicates, as rows of the images."""

    a: Integers
    b: Integers
    exact: Mask
    distance: Floats
    """Colour distance of the two images, as `dedupe` measured it."""

    def __len__(self) -> int:
        return len(self.a)

    def where(self, mask: Mask) -> CopyPairs:
        """Some of the edges."""
        return CopyPairs(self.a[mask], self.b[mask], self.exact[mask], self.distance[mask])

    def among(self, images: Mask) -> CopyPairs:
        """The edges that join two of ``images``."""
        return self.where(images[self.a] & images[self.b])


def numbers(column: pa.ChunkedArray) -> Floats:
    """A numeric column as float64, NaN where it is empty."""
    values: Floats = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy()
    return values


def as_mask(column: pa.ChunkedArray) -> Mask:
    """A boolean column, empty cells as False."""
    mask: Mask = pc.fill_null(column, False).to_numpy()
    return mask


def rows_of(images: pa.Table, image_ids: pa.ChunkedArray, table: str) -> Integers:
    """The row in ``images`` of each id.

    Raises:
        TableError: an id is not there; ``table`` names where it was found.
    """
    known = images["image_id"]
    if pa.types.is_dictionary(image_ids.type):
        encoded = image_ids.combine_chunks()
        row_of_text = rows_of(images, pa.chunked_array([encoded.dictionary]), table)
        rows_of_all: Integers = row_of_text[encoded.indices.to_numpy()]
        return rows_of_all
    if image_ids.equals(known):  # a table about all images has them in the same order
        return np.arange(len(known))
    rows: Integers = np.arange(len(known))
    if not len(image_ids):
        return rows[:0]
    if len(image_ids) < len(known) // 4:  # hash these few rather than all that there are
        rows = np.flatnonzero(pc.is_in(known, value_set=image_ids))
        known = known.take(pa.array(rows))
    places = pc.index_in(image_ids, value_set=known)
    if places.null_count:
        stranger = image_ids.filter(pc.is_null(places))[0].as_py()
        raise TableError(
            f"{table} names the image {stranger}, which images does not have; "
            f"run `dvc repro` to bring the tables into step"
        )
    named_rows: Integers = rows[places.to_numpy()]
    return named_rows


def gather(inputs: Inputs, refused_overlays: Sequence[str] = ()) -> Evidence:
    """Bring the tables together, but for the decisions: nothing is kept or removed yet.

    A score for one of ``refused_overlays`` counts as none.

    Raises:
        TableError: a table names an image that ``images`` does not have.
    """
    images = inputs.images
    listings = inputs.listed
    if listings["image_id"].null_count:
        listings = listings.filter(pc.is_valid(listings["image_id"]))
    score = np.full(images.num_rows, np.nan)
    refused = pc.is_in(inputs.watermark["template"], pa.array(refused_overlays, pa.string()))
    marks = inputs.watermark.filter(pc.invert(refused)) if refused_overlays else inputs.watermark
    score[rows_of(images, marks["image_id"], "watermark")] = numbers(marks["score"])
    owner = rows_of(images, listings["image_id"], "listings")
    nothing = np.zeros(images.num_rows, bool)
    return Evidence(images, listings, owner, score, kept=nothing, removed=nothing)
