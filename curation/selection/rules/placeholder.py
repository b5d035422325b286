"""Rule `placeholder`: one and the same picture is served for many listings."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from curation.selection.evidence import Evidence, Floats, Integers
from curation.selection.rules.rule import Reason, Rule, at_least

RULE = Rule(
    Reason(
        "placeholder",
        "Placeholder",
        "One and the same picture stands in for many listings.",
        "served for {value:g} listings; {threshold:g} make a placeholder",
        param="select.placeholder_listings",
        digit=9,
    ),
    lambda evidence, many: at_least(_listings_an_image(evidence), many),
)


def _listings_an_image(evidence: Evidence) -> Floats:
    """How many listings each image has; two places in one listing count once."""
    listing = _listing_numbers(evidence)
    # Asked for counts as well, NumPy sorts instead of hashing: a fourth of the time at a million.
    pairs, _ = np.unique(evidence.owner * (len(listing) + 1) + listing, return_counts=True)
    return np.bincount(pairs // (len(listing) + 1), minlength=len(evidence)).astype(np.float64)


def _listing_numbers(evidence: Evidence) -> Integers:
    """A number for each row, the same in all rows of a listing, which stand side by side."""
    listings = evidence.listings
    starts = np.zeros(listings.num_rows, np.int64)
    for column in ("source", "listing_id"):
        values = listings[column].combine_chunks()
        starts[1:] |= pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)
    return np.cumsum(starts)
