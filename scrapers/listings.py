"""The table of listings: facts of the pages joined with what became of the images.

Everything here is a query over columns; no step goes through the rows one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.ids import ID_LENGTH
from pipeline.core.schema import LISTINGS, Fetch

_PREFERRED = pa.array(
    [Fetch.FETCHED, Fetch.UNCHANGED, Fetch.OPTED_OUT, Fetch.PLACEHOLDER, Fetch.GONE, Fetch.FAILED],
    pa.string(),
)
"""Of several requests for sizes of one image, the outcome that counts stands first."""
_LOST = pa.array([Fetch.GONE, Fetch.FAILED], pa.string())
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
    order = pa.array(range(facts.num_rows), pa.int64())
    facts = facts.append_column("order", order)
    facts = facts.sort_by([(name, "ascending") for name in ("key", "position", "rank", "order")])
    return _first_of_each(facts.drop_columns(["rank", "order"]), ["key", "position"])


def _images(manifest: pa.Table, image_key: Callable[[str], str]) -> pa.Table:
    """One row an image: the request that brought it, or the outcome when none did."""
    asked = manifest.filter(pc.equal(manifest["kind"], "image"))
    keys = pa.array([image_key(url) for url in asked["url"].to_pylist()], pa.string())
    table = pa.table(
        {
            "image_key": keys,
            "preference": pc.index_in(asked["fetch"], _PREFERRED),
            "seq": asked["seq"],
            "image_url": asked["url"],
            "image_id": pc.utf8_slice_codeunits(asked["sha256"], 0, ID_LENGTH),
            "fetch": asked["fetch"],
        }
    )
    order = [(name, "ascending") for name in ("image_key", "preference", "seq")]
    return _first_of_each(table.sort_by(order).drop_columns(["preference", "seq"]), ["image_key"])


def newest(tables: Sequence[pa.Table]) -> pa.Table:
    """The listings of all captures as one table; ``tables`` in the order of their dates.

    The newest capture speaks for a (source, listing, position), unless it merely failed to bring
    an image that an earlier one holds.
    """
    if not tables:
        return LISTINGS.arrow.empty_table()
    table = pa.concat_tables(tables)
    key = list(LISTINGS.key)
    table = table.append_column("lost", pc.is_in(table["fetch"], _LOST))
    order = [(name, "ascending") for name in (*key, "lost")] + [("last_capture", "descending")]
    table = table.sort_by(order).drop_columns(["lost"])
    spans = table.group_by(key).aggregate([("first_capture", "min"), ("last_capture", "max")])
    spans = spans.rename_columns([*key, "first_capture", "last_capture"])
    rows = _first_of_each(table, key, skip_nulls=False)
    rows = rows.drop_columns(["first_capture", "last_capture"]).join(spans, keys=key)
    return rows.select(LISTINGS.arrow.names).cast(LISTINGS.arrow)


def _first_of_each(table: pa.Table, keys: list[str], *, skip_nulls: bool = True) -> pa.Table:
    """The first value of every column in each group of ``keys``, in the order of ``table``."""
    values = [name for name in table.column_names if name not in keys]
    options = pc.ScalarAggregateOptions(skip_nulls=skip_nulls)
    # One thread: with more, which row of a group comes first is a matter of luck.
    grouped = table.group_by(keys, use_threads=False)
    firsts = grouped.aggregate([(name, "first", options) for name in values])
    return firsts.select([*keys, *(f"{name}_first" for name in values)]).rename_columns(
        [*keys, *values]
    )
