"""The funnel: what became of every listed image, in steps that add up.

``steps`` go from the listed images (as `newest_state` tells them: every image that a place of a
listing ever showed, and every place of which no bytes came) to the images kept; each takes
``before``, leaves out ``left_out`` and passes ``after`` on to the next::

    gone, placeholder, opted_out, failed    listed images of which no bytes came (by Fetch)
    same_bytes                              listed images whose bytes another one has as well
    unreadable ... near_duplicate           images, by reason, in the order of the rules

Beside the steps stand the totals that a reader asks for first.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.rules.declarations import REASONS
from pipeline.core.errors import TableError
from pipeline.core.schema import Fetch, Status
from pipeline.core.tables import counts

LISTED, IMAGES = "listed images", "images"
SAME_BYTES = "same_bytes"

NOT_FETCHED = (Fetch.GONE, Fetch.PLACEHOLDER, Fetch.OPTED_OUT, Fetch.FAILED)
OF_IMAGES = tuple(reason.name for reason in REASONS.values() if not reason.of_variants)


def funnel(listings: pa.Table, selection: pa.Table) -> dict[str, Any]:
    """The funnel of a collection, ready for JSON.

    Args:
        listings: The listed images, as `curation.selection.listing_state.newest_state` tells them.
        selection: The table of that name.

    Raises:
        TableError: it does not add up, so a table is wrong.
    """
    ids = listings["image_id"]
    fetched = len(ids) - ids.null_count
    without = counts(listings.select(["fetch"]).filter(pc.is_null(ids)), "fetch")
    distinct = _distinct(ids)
    in_no_listing = selection.num_rows - distinct
    rejected = counts(selection, "reason")
    steps = [(LISTED, outcome.value, without.get(outcome, 0)) for outcome in NOT_FETCHED]
    steps.append((LISTED, SAME_BYTES, fetched - distinct))
    steps += [(IMAGES, reason, rejected.get(reason, 0)) for reason in OF_IMAGES]
    result = {
        "listed": listings.num_rows,
        "fetched": fetched,
        "images": selection.num_rows,
        "in_no_listing": in_no_listing,
        "steps": _in_sequence(listings.num_rows, in_no_listing, steps),
        "rejected": rejected,
        "overruled": counts(selection, "overruled"),
        "groups": _distinct(selection["group"]),
        "kept": counts(selection, "status").get(Status.KEEP, 0),
    }
    _check(result)
    return result


def _distinct(column: pa.ChunkedArray) -> int:
    """How many different values there are; an empty cell is none."""
    return len(column.unique()) - bool(column.null_count)


def _in_sequence(
    listed: int, in_no_listing: int, steps: list[tuple[str, str, int]]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    before, unit = listed, LISTED
    for of, name, left_out in steps:
        if of != unit:
            before, unit = before + in_no_listing, of
        after = before - left_out
        rows.append(
            {"of": of, "step": name, "before": before, "left_out": left_out, "after": after}
        )
        before = after
    return rows


def _check(result: dict[str, Any]) -> None:
    steps = result["steps"]
    first = next(step for step in steps if step["of"] == IMAGES)
    if first["before"] != result["images"] or steps[-1]["after"] != result["kept"]:
        raise TableError(
            f"the funnel does not add up: {result['listed']} listed images lead to "
            f"{first['before']} images where there are {result['images']}, and to "
            f"{steps[-1]['after']} kept where {result['kept']} are; run `dvc repro` to make "
            f"the tables anew"
        )
    if result["in_no_listing"] < 0:
        raise TableError(
            f"listings names {-result['in_no_listing']} images that were not selected from; "
            f"run `dvc repro` to make the tables anew"
        )
