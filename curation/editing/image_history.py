"""Everything that the tables say of one image, from its requests to its variants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.listing_state import HISTORY, newest_state
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS, MANIFEST, PACKED, TABLES
from pipeline.core.tables import ROW_GROUP_ROWS, read, read_about, read_batches, unpacked

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
    listed = newest_state(_of_its_pictures(path, image_id))
    showing = listed.filter(_is(listed["image_id"], image_id)).select(["source", "listing_id"])
    rows: list[Row] = []
    for source, listing_id in dict.fromkeys(tuple(row.values()) for row in showing.to_pylist()):
        about = read_about(path, LISTINGS, ["listing_id"], listing_id)
        rows += about.filter(_is(about["source"], source)).to_pylist()
    return rows


def _of_its_pictures(path: Path, image_id: str) -> pa.Table:
    """The history of the pictures of which the image's bytes ever came.

    No other row can show the image: one without bytes shows those that its picture had last.
    """
    direct = read_about(path, LISTINGS, ["image_id"], image_id)
    keys = pa.array(sorted(set(direct["image_key"].to_pylist())), pa.string())
    parts = [direct.select(HISTORY).slice(0, 0)]
    for batch in read_batches(path, LISTINGS, HISTORY, ROW_GROUP_ROWS):
        part = pa.Table.from_batches([batch])
        parts.append(part.filter(pc.is_in(part["image_key"], value_set=keys)))
    return pa.concat_tables(parts)


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


def _with_numbers(image: Row) -> Row:
    """The row of an image with numbers where its table has their bytes."""
    for name in PACKED:
        if image[name] is not None:
            [numbers] = unpacked(name, pa.array([image[name]], pa.binary(len(image[name]))))
            image[name] = numbers.tolist()
    return image


def _rows(paths: Paths, name: str, image_id: str) -> list[Row] | None:
    if not paths.table(name).exists():
        return None
    about = read_about(paths.table(name), TABLES[name], _COLUMNS[name], image_id)
    rows: list[Row] = about.to_pylist()
    return [_with_hex(_with_numbers(row)) for row in rows] if name == "images" else rows
