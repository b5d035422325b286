"""Rule `placeholder`: one and the same picture is served for many listings."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from curation.selection.evidence import Evidence, Floats, Integers
from curation.selection.rules.verdict import Verdict, at_least


def judge(evidence: Evidence, placeholder_listings: int | None) -> Verdict:
    """Count the listings that show the very same bytes."""
    return at_least(_listings_an_image(evidence), placeholder_listings)


def _listings_an_image(evidence: Evidence) -> Floats:
    """How many listings each image has; two places in one listing count once."""
    listing = _listing_numbers(evidence)
    pairs = np.unique(evidence.owner * (len(listing) + 1) + listing)
    return np.bincount(pairs // (len(listing) + 1), minlength=len(evidence)).astype(np.float64)


def _listing_numbers(evidence: Evidence) -> Integers:
    """A number for each row, the same in all rows of a listing, which stand side by side."""
    listings = evidence.listings
    starts = np.zeros(listings.num_rows, np.int64)
    for column in ("source", "listing_id"):
        values = listings[column].combine_chunks()
        starts[1:] |= pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)
    return np.cumsum(starts)
