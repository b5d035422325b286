"""The table of listings: facts of the pages joined with what became of the images.

Everything here is a query over columns; no step goes through the rows one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.ids import ID_LENGTH
from pipeline.core.schema import LISTINGS, Fetch
from scrapers.parsing.facts import DETAIL, LISTING

_PREFERRED: Final = (
    Fetch.FETCHED,
    Fetch.CHANGED,
    Fetch.UNCHANGED,
    Fetch.OPTED_OUT,
    Fetch.PLACEHOLDER,
    Fetch.GONE,
    Fetch.FAILED,
)
"""Of several requests for sizes of one image, the outcome that counts stands first."""
_LOST: Final = pa.array([Fetch.GONE, Fetch.FAILED], pa.string())
"""Outcomes that take nothing away from what an earlier capture holds."""


def listings_of(
    source: str,
    capture: str,
    facts: pa.Table,
    manifest: pa.Table,
    image_key: Callable[[str], str],
) -> pa.Table:
    """One row of `LISTINGS` for each image of a listing that the capture asked for.

    Args:
        source: Name of the site.
        capture: Date of the capture.
        facts: What the pages say (`FACTS`), in the order in which they were captured.
        manifest: The capture's requests (`MANIFEST`).
        image_key: What all sizes of one image of this site share.
    """
    images = _images(manifest, image_key)
    table = _coalesced(facts).join(images, keys="image_key", join_type="inner")
    listing_id = pc.coalesce(table["listing_id"], table["key"])
    table = table.set_column(table.column_names.index("listing_id"), "listing_id", listing_id)
    for name, value in (("source", source), ("first_capture", capture), ("last_capture", capture)):
        table = table.append_column(name, pa.repeat(value, table.num_rows))
    return table.select(LISTINGS.arrow.names).cast(LISTINGS.arrow)


def _coalesced(facts: pa.Table) -> pa.Table:
    """One row a (listing, position): for each column the first page that tells it."""
    by_rank = [facts.filter(pc.equal(facts["rank"], rank)) for rank in (DETAIL, LISTING)]
    key = ["key", "position"]
    values = [name for name in facts.column_names if name not in {*key, "rank", "image_url"}]
    # One thread: with more, which value of a group comes first is a matter of luck.
    grouped = pa.concat_tables(by_rank).group_by(key, use_threads=False)
    firsts = grouped.aggregate([(name, "first") for name in values])  # that are not null
    return firsts.select([*key, *(f"{name}_first" for name in values)]).rename_columns(
        [*key, *values]
    )


def _images(manifest: pa.Table, image_key: Callable[[str], str]) -> pa.Table:
    """One row an image: the request that brought it, or the outcome when none did."""
    asked = manifest.filter(pc.equal(manifest["kind"], "image"))
    asked = pa.concat_tables([asked.filter(pc.equal(asked["fetch"], f)) for f in _PREFERRED])
    table = pa.table(
        {
            "image_key": pa.array(map(image_key, asked["url"].to_pylist()), pa.string()),
            "image_url": asked["url"],
            "image_id": pc.utf8_slice_codeunits(asked["sha256"], 0, ID_LENGTH),
            "fetch": asked["fetch"],
        }
    )
    return _first_rows(table, ["image_key"])


def newest(tables: Sequence[pa.Table]) -> pa.Table:
    """The listings of all captures as one table; ``tables`` in the order of their dates.

    The newest capture speaks for a (source, listing, position), unless it merely failed to bring
    an image that an earlier one holds.
    """
    if not tables:
        return LISTINGS.arrow.empty_table()
    key = list(LISTINGS.key)
    table = pa.concat_tables(tables[::-1])
    lost = pc.is_in(table["fetch"], _LOST)
    table = pa.concat_tables([table.filter(pc.invert(lost)), table.filter(lost)])
    spans = table.group_by(key).aggregate([("first_capture", "min"), ("last_capture", "max")])
    spans = spans.rename_columns([*key, "first_capture", "last_capture"])
    rows = (
        _first_rows(table, key)
        .drop_columns(["first_capture", "last_capture"])
        .join(spans, keys=key)
    )
    return rows.select(LISTINGS.arrow.names).cast(LISTINGS.arrow)


def _first_rows(table: pa.Table, key: list[str]) -> pa.Table:
    """The first row of each group of ``key``, in the order of ``table``."""
    numbered = table.select(key).append_column("row", pa.array(range(table.num_rows), pa.int64()))
    return table.take(numbered.group_by(key).aggregate([("row", "min")])["row_min"])
