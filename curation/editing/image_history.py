"""Everything that the tables say of one image, from its requests to its variants."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.listing_state import HISTORY, newest_state
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS, MANIFEST, TABLES
from pipeline.core.tables import ROW_GROUP_ROWS, read, read_batches

Row = dict[str, Any]

_COLUMNS = {
    "images": ("image_id",),
    "watermark": ("image_id",),
    "pairs": ("a", "b"),
    "decisions": ("target", "other"),
    "selection": ("image_id",),
    "variants": ("image_id",),
}
"""Tables that speak of an image, in the order of the stages, and the columns that name it."""

_LISTING = ("source", "listing_id")
_REQUEST_COLUMNS = ("url", "fetch", "http_status", "bytes", "sha256", "fetched_at")


def history(paths: Paths, image_id: str) -> dict[str, list[Row] | None]:
    """The rows of each table about one image; None for a table that is not there yet.

    The requests come from the manifests of the captures. The listings are all that ever showed the
    image, each as every capture saw it, whatever it showed then. An entry about a group stands in
    the decisions of the image it names, and shows in the selection of the others.

    Raises:
        TableError: a table is torn.
    """
    rows_of_tables = {name: _rows(paths, name, image_id) for name in _COLUMNS}
    listings = _listings(paths, image_id)
    return {
        "listings": listings,
        "requests": _requests(paths, rows_of_tables["images"]),
        **rows_of_tables,
    }


def _listings(paths: Paths, image_id: str) -> list[Row] | None:
    path = paths.table(LISTINGS.name)
    if not path.exists():
        return None
    listed = newest_state(read(path, LISTINGS, HISTORY))
    showing = listed.filter(_is(listed["image_id"], image_id)).select(["source", "listing_id"])
    rows: list[Row] = []
    for listing in dict.fromkeys(tuple(row.values()) for row in showing.to_pylist()):
        for batch in read_batches(path, LISTINGS, LISTINGS.arrow.names, ROW_GROUP_ROWS):
            its = (_is(batch[name], value) for name, value in zip(_LISTING, listing, strict=True))
            rows += batch.filter(pc.and_(*its)).to_pylist()
    return rows


def _is(column: pa.ChunkedArray | pa.Array, value: str) -> pa.ChunkedArray | pa.Array:
    return pc.fill_null(pc.equal(column, value), False)


def _requests(paths: Paths, images: list[Row] | None) -> list[Row] | None:
    """The requests that were answered with the image's bytes, in every capture that is there."""
    manifests = sorted(paths.captures.glob("*/manifest.parquet"))
    if not manifests or not images:
        return None
    sha256 = images[0]["sha256"]
    rows: list[Row] = []
    for manifest in manifests:
        table = read(manifest, MANIFEST, _REQUEST_COLUMNS)
        about = table.filter(pc.equal(table["sha256"], sha256))
        rows += [{"capture": manifest.parent.name, **row} for row in about.to_pylist()]
    return rows


def _with_hex(image: Row) -> Row:
    """The row of an image with its upright pHash alone, as `imagehash` writes one."""
    hashes = image.pop("phashes")
    return {**image, "phash": f"{hashes[0]:016x}" if hashes else None}


def _rows(paths: Paths, name: str, image_id: str) -> list[Row] | None:
    if not paths.table(name).exists():
        return None
    table = read(paths.table(name), TABLES[name])
    if name == "images":
        return [
            _with_hex(row) for row in table.filter(_is(table["image_id"], image_id)).to_pylist()
        ]
    named = [_is(table[column], image_id) for column in _COLUMNS[name]]
    about = named[0]
    for mask in named[1:]:
        about = pc.or_(about, mask)
    rows: list[Row] = table.filter(about).to_pylist()
    return rows
