"""Everything that the tables say of one image, from its requests to its variants."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from pipeline.core.paths import Paths
from pipeline.core.schema import MANIFEST, TABLES
from pipeline.core.tables import read

Row = dict[str, Any]

_COLUMNS = {
    "listings": ("image_id",),
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

    The requests come from the manifests of the captures. An entry about a group stands in the
    decisions of the image it names, and shows in the selection of the others.

    Raises:
        TableError: a table is torn.
    """
    told = {name: _rows(paths, name, image_id) for name in _COLUMNS}
    return {"requests": _requests(paths, told["images"]), **told}


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


def _rows(paths: Paths, name: str, image_id: str) -> list[Row] | None:
    if not paths.table(name).exists():
        return None
    table = read(paths.table(name), TABLES[name])
    if name == "images":
        table = table.drop_columns(["phashes"])
    named = [pc.fill_null(pc.equal(table[column], image_id), False) for column in _COLUMNS[name]]
    about = named[0]
    for mask in named[1:]:
        about = pc.or_(about, mask)
    rows: list[Row] = table.filter(about).to_pylist()
    return rows
