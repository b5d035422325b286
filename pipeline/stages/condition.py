"""Stage `condition`: what the pictures of a training are drawn of, a vector for each image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.listing_state import HISTORY, newest_state
from pipeline.core import log, tables
from pipeline.core.files import write_json
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import CONDITIONS, LISTINGS, VARIANTS, Status
from train.conditions.condition_kinds import KINDS

OF_VARIANTS = ("image_id", "status", "split")
TOLD = tuple(
    name
    for name in LISTINGS.arrow.names
    if name not in {*HISTORY, "page_url", "image_url", "sources", "description"}
)
"""Columns of listings that tell of what is shown; `HISTORY` says where and when it was."""


def run(paths: Paths, params: Train) -> None:
    """Write CONDITIONS and what they stand for; a training without vectors gets empty ones.

    Raises:
        TableError: a table is missing or torn.
        TrainingError, ParamsError: the listings have nothing of what the params ask for.
    """
    if params.vectors_of is None:
        _write(paths, pa.array([], pa.string()), np.empty((0, 0), np.float32), {})
        log.say(f"condition {paths.collection}: none that needs numbers")
        return
    facts = _facts(paths)
    make = KINDS[params.vectors_of]
    vectors, description = make(facts, params, paths.work("condition"))
    _write(paths, facts["image_id"], vectors, {"kind": params.vectors_of, **description})
    log.say(
        f"condition {paths.collection}: {vectors.shape[1]} numbers for each of {len(vectors):,} "
        f"images, by {params.vectors_of}"
    )


def _facts(paths: Paths) -> pa.Table:
    """What is told of each image that is kept, by image_id, with its split.

    Of several listings that show an image the first speaks that shows it today.
    """
    variants = tables.read(paths.table("variants"), VARIANTS, OF_VARIANTS)
    kept = variants.filter(pc.equal(variants["status"], Status.KEEP)).select(["image_id", "split"])
    kept = kept.group_by("image_id", use_threads=False).aggregate([("split", "min")])
    kept = kept.rename_columns(["image_id", "split"]).sort_by("image_id")
    listings = tables.read(paths.table("listings"), LISTINGS, [*HISTORY, *TOLD])
    state = newest_state(listings)
    state = state.append_column("rank", pc.invert(state["shown"]).cast(pa.int8()))
    order = [("rank", "ascending"), ("source", "ascending"), ("listing_id", "ascending")]
    state = state.sort_by([*order, ("position", "ascending")])
    first = pc.index_in(kept["image_id"], value_set=state["image_id"].combine_chunks())
    columns = {name: state[name].take(first) for name in TOLD}
    return pa.table({"image_id": kept["image_id"], "split": kept["split"], **columns})


def _write(
    paths: Paths, ids: pa.ChunkedArray | pa.Array, vectors: Any, description: dict[str, Any]
) -> None:
    width = vectors.shape[1]
    ends = pa.array(np.arange(len(vectors) + 1, dtype=np.int32) * width)
    values = pa.array(np.ascontiguousarray(vectors, np.float32).ravel())
    column = pa.ListArray.from_arrays(ends, values)
    table = pa.table([ids, column], names=CONDITIONS.arrow.names)
    tables.write(paths.table("conditions"), CONDITIONS, table)
    write_json(paths.condition, description)
