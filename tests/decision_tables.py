"""Rows for tests of what is decided: name what matters, the rest is an unremarkable image."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.selection.inputs import Inputs
from pipeline.core import tables
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS, IMAGES, LISTINGS, PAIRS, WATERMARK, TableSchema

CAPTURE = "2026-05-04"
SHARD = f"{CAPTURE}-00000"

Row = dict[str, Any]


def id_of(name: object) -> str:
    """The image id of a thing with a short name."""
    return str(image_id_of(sha256_hex(str(name).encode())))


def image(name: object, **facts: Any) -> Row:
    """A row of IMAGES: a readable picture of 400 by 300 pixels without symmetry."""
    row: Row = dict.fromkeys(IMAGES.arrow.names)
    row |= {"image_id": id_of(name), "sha256": sha256_hex(str(name).encode()), "capture": CAPTURE}
    row |= {"shard": SHARD, "row": 0, "bytes": 40_000, "format": "JPEG", "mode": "RGB"}
    row |= {"width": 400, "height": 300, "crop_loss": 0.25, "pixel_digest": sha256_hex(b"pixels")}
    row |= {"phashes": [7] * 8, "featureless": False, "whole_hash": [7] * 4}
    row |= {"luminance_std": 30.0, "chroma_std": 0.5, "entropy": 6.0, "sharpness": 90.0}
    row |= {"most_common": 0.1, "blockiness": 1.1, "clipped": 0.0}
    row |= {"sharpness_cells": [160] * 64, "symmetry_distances": [0.0] + [20.0] * 7}
    return row | facts


def listing(name: object, image_name: object | None, **facts: Any) -> Row:
    """A row of LISTINGS that shows the image of that name, or none."""
    row: Row = dict.fromkeys(LISTINGS.arrow.names)
    row |= {"source": "wikiart", "listing_id": str(name), "position": 0, "capture": CAPTURE}
    row |= {"page_url": f"https://www.wikiart.org/en/{name}", "layer": "json"}
    row |= {"image_url": f"https://uploads.wikiart.org/{name}.jpg", "fetch": "fetched"}
    row |= {"image_key": f"{name}.jpg", "creator": "ada-vorn"}
    row["image_id"] = None if image_name is None else id_of(image_name)
    return row | facts


def pair(first: object, second: object, kind: str = "near", **facts: Any) -> Row:
    """A row of PAIRS."""
    a, b = sorted((id_of(first), id_of(second)))
    row: Row = {"a": a, "b": b, "kind": kind, "symmetry": "identity", "phash_distance": 2}
    row |= {"lab_distance": 1.5, "gradient_correlation": 0.95, "chroma_distance": 0.5}
    row |= {"region_distance": 1.5, "edge_distance": 0.05, "light_distance": 0.5}
    row |= {"lookalikes": 0, "neighbours": 0, "chance": 0.5 if kind == "doubtful" else 1.0}
    return row | facts


def score(name: object, value: float | None) -> Row:
    """A row of WATERMARK."""
    return {"image_id": id_of(name), "template": "overlay", "score": value, "opacity": None}


def decision(action: str, name: object, scope: str = "image", other: str = "", **said: str) -> Row:
    """A row of DECISIONS."""
    row: Row = {"scope": scope, "target": id_of(name), "other": other, "action": action}
    return row | {"reason": "", "by": "ana", "date": "2026-11-22"} | said


def table(schema: TableSchema, rows: Iterable[Row]) -> pa.Table:
    """A table sorted by its key."""
    made = tables.from_rows(schema, list(rows))
    return made.sort_by([(column, "ascending") for column in schema.key])


def inputs(
    images: Iterable[Row],
    listings: Iterable[Row] | None = None,
    pairs: Iterable[Row] = (),
    scores: Iterable[Row] = (),
    decisions: Iterable[Row] = (),
) -> Inputs:
    """What a selection rests on; without listings every image has one of its own."""
    images = list(images)
    if listings is None:
        listings = [listing(row["image_id"][:12], None) | _shows(row) for row in images]
    return Inputs(
        table(IMAGES, images),
        table(LISTINGS, listings),
        table(PAIRS, pairs),
        table(WATERMARK, scores),
        table(DECISIONS, decisions),
    )


def write_inputs(root: Path, collection: str, made: Inputs) -> Paths:
    """Write the tables of a collection, and three empty lists when there are none yet."""
    paths = Paths(root, collection)
    tables.write(paths.table("images"), IMAGES, made.images)
    tables.write(paths.table("listings"), LISTINGS, made.listings)
    tables.write(paths.table("pairs"), PAIRS, made.pairs)
    tables.write(paths.table("watermark"), WATERMARK, made.watermark)
    tables.write(paths.table("decisions"), DECISIONS, made.decisions)
    paths.lists.mkdir(parents=True, exist_ok=True)
    for name in ("keep", "remove", "distinct"):
        (paths.lists / f"{name}.txt").touch()
    return paths


def _shows(row: Row) -> Row:
    return {"image_id": row["image_id"]}
