"""One Arrow schema for each table, and the closed lists of words that stand in them.

A table is a parquet file sorted by its key, with unique keys and exactly these columns in this
order (`pipeline.core.tables` checks it on reading and on writing). Measurements and decisions
never share a table: `images`, `pairs` and `watermark` measure; `selection` and `variants` decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from pipeline.core.transforms import SYMMETRIES, Symmetry

SHARPNESS_CELLS = 8
"""Parts of a side in which the sharpness of an image is measured."""


class FaultKind(StrEnum):
    """Why `ingest` got no pixels out of the bytes of an image; also a reason to leave it out."""

    UNREADABLE = "unreadable"
    """The bytes are torn, or name a format that Pillow cannot decode."""
    NOT_AN_IMAGE = "not_an_image"
    """The bytes are something else, such as an error page served as a .jpg."""


class Status(StrEnum):
    """The decision on an image or on a variant."""

    KEEP = "keep"
    REJECT = "reject"


class Fetch(StrEnum):
    """What became of the request for one image of a listing."""

    FETCHED = "fetched"
    """Bytes came; whether they are an image is for `ingest` to say."""
    CHANGED = "changed"
    """Bytes came, and an earlier capture holds others from the same address."""
    UNCHANGED = "unchanged"
    """The bytes of an earlier capture still hold: the site said so, or sent them again."""
    GONE = "gone"
    """404 or 410 in every size."""
    PLACEHOLDER = "placeholder"
    """The listing points to the site's stand-in for a withheld image; it was not fetched."""
    OPTED_OUT = "opted_out"
    """An X-Robots-Tag of noai or noimageai; the bytes were not kept."""
    FAILED = "failed"
    """No usable answer after all retries."""


WITH_BYTES = (Fetch.FETCHED, Fetch.CHANGED, Fetch.UNCHANGED)
"""Outcomes of which there are bytes, in this capture or in an earlier one."""


class Split(StrEnum):
    """Whether a variant is trained on or kept back to judge the model."""

    TRAIN = "train"
    HELD_OUT = "held_out"


@dataclass(frozen=True)
class TableSchema:
    """The columns of one table and the columns it is sorted (and unique) by."""

    name: str
    key: tuple[str, ...]
    arrow: pa.Schema


def _table(
    name: str, key: tuple[str, ...], columns: list[tuple[str, pa.DataType, bool]]
) -> TableSchema:
    fields = [pa.field(column, type_, nullable=nullable) for column, type_, nullable in columns]
    return TableSchema(name, key, pa.schema(fields))


_REQUIRED, _NULLABLE = False, True
_TEXT, _INT, _LONG, _FLOAT = pa.string(), pa.int32(), pa.int64(), pa.float32()
_PER_SYMMETRY_HASH = pa.list_(pa.uint64(), len(SYMMETRIES))
_PER_CELL = pa.list_(pa.int16(), SHARPNESS_CELLS**2)
PACKED = {"sharpness_cells": _PER_CELL}
"""Lists that a table holds as the bytes of their numbers, little-endian: a million of 64 are read
in .25 s instead of 1.25 s (`python -m tests.benches.tables`). Tables that hold the lists, as those
of before, are read all the same."""
_PACKED_CELLS = pa.binary(_PER_CELL.value_type.bit_width // 8 * _PER_CELL.list_size)
_PER_SYMMETRY_DISTANCE = pa.list_(pa.float32(), len(SYMMETRIES))

MANIFEST = _table(
    "manifest",
    ("seq",),
    [
        ("seq", _LONG, _REQUIRED),  # place in the plan of the capture, from 0
        ("kind", _TEXT, _REQUIRED),  # "page" or "image"
        ("url", _TEXT, _REQUIRED),  # the site's own address, whatever the origin
        ("address", _TEXT, _REQUIRED),  # scheme://host:port that really answered
        ("referer", _TEXT, _NULLABLE),  # page on which the url was found
        ("fetch", _TEXT, _REQUIRED),  # Fetch
        ("http_status", _INT, _NULLABLE),
        ("content_type", _TEXT, _NULLABLE),
        ("etag", _TEXT, _NULLABLE),
        ("last_modified", _TEXT, _NULLABLE),
        ("bytes", _LONG, _NULLABLE),
        ("sha256", _TEXT, _NULLABLE),
        ("held_in", _TEXT, _NULLABLE),  # earlier capture that holds the bytes; null: this one
        ("shard", _TEXT, _NULLABLE),  # file name in the folder of the capture that holds them
        ("offset", _LONG, _NULLABLE),  # of the payload (tar) or of the record (WARC)
        ("error", _TEXT, _NULLABLE),
        ("fetched_at", _TEXT, _REQUIRED),  # ISO 8601, UTC
        ("elapsed_ms", _INT, _REQUIRED),
    ],
)

LISTINGS = _table(
    "listings",
    ("capture", "source", "listing_id", "position", "image_key"),
    [
        ("capture", _TEXT, _REQUIRED),  # date of the capture that saw it so
        ("source", _TEXT, _REQUIRED),  # the site; "files" or "addresses" of one's own
        ("listing_id", _TEXT, _REQUIRED),  # the site's own id, always text
        ("position", _INT, _REQUIRED),  # place of the image in its listing, from 0
        ("image_key", _TEXT, _REQUIRED),  # the image whatever its size; "" for a row without one
        ("page_url", _TEXT, _REQUIRED),
        ("page_fetch", _TEXT, _NULLABLE),  # Fetch of the listing's own page; null: not asked for
        ("image_url", _TEXT, _NULLABLE),  # address of the size that was asked for
        ("image_id", _TEXT, _NULLABLE),  # null when no bytes came
        ("fetch", _TEXT, _NULLABLE),  # Fetch of the image; null: not asked for
        # "json", "json-ld", "dom", or "table", "text" ...: what tells the rest; null: nothing
        ("layer", _TEXT, _NULLABLE),
        ("sources", _TEXT, _NULLABLE),  # the fields of the page by the layer that gave them
        ("title", _TEXT, _NULLABLE),
        ("original_title", _TEXT, _NULLABLE),  # in the artist's language
        ("creator", _TEXT, _NULLABLE),  # slug of the artist or brand
        ("creator_name", _TEXT, _NULLABLE),
        ("model", _TEXT, _NULLABLE),
        ("reference", _TEXT, _NULLABLE),
        ("year_text", _TEXT, _NULLABLE),  # as the site writes it
        ("year", _INT, _NULLABLE),  # first year that the text names
        ("year_from", _INT, _NULLABLE),  # earliest and latest that it allows; 1801 and 2000
        ("year_to", _INT, _NULLABLE),  # for "XIX-XX cent."
        ("style", _TEXT, _NULLABLE),
        ("genre", _TEXT, _NULLABLE),
        ("media", _TEXT, _NULLABLE),
        ("tags", _TEXT, _NULLABLE),  # comma-separated
        ("period", _TEXT, _NULLABLE),
        ("series", _TEXT, _NULLABLE),
        ("location", _TEXT, _NULLABLE),  # where the work was made
        ("gallery", _TEXT, _NULLABLE),  # where it hangs
        ("dimensions", _TEXT, _NULLABLE),  # of the work or the watch, as the site writes them
        ("width_px", _INT, _NULLABLE),  # of the original, as the site says
        ("height_px", _INT, _NULLABLE),
        ("price", _TEXT, _NULLABLE),  # as the site writes it
        ("price_amount", pa.float64(), _NULLABLE),
        ("currency", _TEXT, _NULLABLE),  # ISO 4217
        ("condition", _TEXT, _NULLABLE),
        ("seller", _TEXT, _NULLABLE),  # kind and country, never a name
        ("rights", _TEXT, _NULLABLE),  # the site's label, such as "Public domain"
        ("sheet", _TEXT, _NULLABLE),  # everything else the page labels, as a JSON object
        ("description", _TEXT, _NULLABLE),  # somebody's prose; only where parse.description asks
    ],
)

IMAGES = _table(
    "images",
    ("image_id",),
    [
        ("image_id", _TEXT, _REQUIRED),
        ("sha256", _TEXT, _REQUIRED),
        ("capture", _TEXT, _REQUIRED),  # the earliest that holds these bytes
        ("fault", _TEXT, _NULLABLE),  # FaultKind, or null
        ("fault_detail", _TEXT, _NULLABLE),
        ("shard", _TEXT, _NULLABLE),  # stem of the pixel shard, the same for every size
        ("row", _INT, _NULLABLE),  # row in that shard
        ("bytes", _LONG, _REQUIRED),
        ("format", _TEXT, _NULLABLE),  # "JPEG", "PNG", ...
        ("mode", _TEXT, _NULLABLE),  # Pillow's mode before conversion to RGB
        ("width", _INT, _NULLABLE),  # after EXIF orientation
        ("height", _INT, _NULLABLE),
        ("crop_left", _INT, _NULLABLE),  # of the square that was cut out; null: nothing was cut
        ("crop_top", _INT, _NULLABLE),
        ("crop_loss", _FLOAT, _NULLABLE),  # share of the area that squaring cut away, 0..1
        ("square", _TEXT, _NULLABLE),  # ingest.square: how the picture became a square
        ("pixel_digest", _TEXT, _NULLABLE),  # XXH3 (128 bits) of the decoded RGB pixels
        ("phashes", _PER_SYMMETRY_HASH, _NULLABLE),  # 64-bit pHash under each symmetry
        ("featureless", pa.bool_(), _NULLABLE),  # the pHash bits are noise
        ("whole_hash", pa.list_(pa.uint64(), 4), _NULLABLE),  # 256 bits, of the whole picture
        # on the whole picture, averaged down to 256 pixels on its shorter side:
        ("luminance_std", _FLOAT, _NULLABLE),  # 0..255
        ("entropy", _FLOAT, _NULLABLE),  # bits of the luminance histogram
        ("sharpness", _FLOAT, _NULLABLE),  # variance of the Laplacian of the luminance
        ("sharpness_cells", _PACKED_CELLS, _NULLABLE),  # RMS in each of 8 x 8 parts, in sixteenths
        ("most_common", _FLOAT, _NULLABLE),  # largest share of five neighbouring levels, 0..1
        # on the picture as it is:
        ("blockiness", _FLOAT, _NULLABLE),  # jump between a JPEG's blocks by that anywhere, 1..8
        ("clipped", _FLOAT, _NULLABLE),  # share of pixels with a channel at its upper end, 0..1
        # on the 64-pixel image:
        ("chroma_std", _FLOAT, _NULLABLE),  # of the opponent colours, 0..; 0 for greys
        # mean absolute difference (0..255) between the 64-pixel image and itself transformed
        ("symmetry_distances", _PER_SYMMETRY_DISTANCE, _NULLABLE),
        ("mean_rgb", pa.list_(pa.float32(), 3), _NULLABLE),  # of the 64-pixel image, 0..255
    ],
)

PAIRS = _table(
    "pairs",
    ("a", "b"),
    [
        ("a", _TEXT, _REQUIRED),  # image_id, a < b
        ("b", _TEXT, _REQUIRED),
        ("kind", _TEXT, _REQUIRED),  # PairKind
        ("symmetry", _TEXT, _REQUIRED),  # b looks like a under this symmetry
        ("phash_distance", _INT, _REQUIRED),  # bits, 0..64
        # all others once one 64-pixel image lies over the other:
        ("lab_distance", _FLOAT, _REQUIRED),  # mean CIE76 distance
        ("gradient_correlation", _FLOAT, _REQUIRED),  # of all edges, -1..1
        ("chroma_distance", _FLOAT, _REQUIRED),  # mean distance in a*, b*
        ("region_distance", _FLOAT, _REQUIRED),  # CIE76 of the worst region, at one tone
        ("edge_distance", _FLOAT, _REQUIRED),  # 1 - correlation of the edges of the worst region
        ("light_distance", _FLOAT, _REQUIRED),  # region_distance without colours
        ("lookalikes", _INT, _REQUIRED),  # other pairs of the two that agree as well in their edges
        ("neighbours", _INT, _REQUIRED),  # other pairs of either image that were compared
        ("chance", _FLOAT, _REQUIRED),  # of being one picture, before curators said anything: 0..1
        ("suspicion", _TEXT, _NULLABLE),  # Suspicion of a doubtful pair
    ],
)


class PairKind(StrEnum):
    """What `dedupe` measured two images to be."""

    EXACT = "exact"
    """The decoded pixels are equal."""
    NEAR = "near"
    """The same picture, confirmed on the 64-pixel images."""
    DOUBTFUL = "doubtful"
    """In the band where a person should look."""


class Suspicion(StrEnum):
    """What may lie between the two images of a doubtful pair."""

    BORDER = "border"
    """They are alike once lines of one colour at their edges are cut off; measured without them."""
    CROP = "crop"
    """One shows less than the other, or is tilted."""
    SQUASHED = "squashed"
    """They are alike once the proportions of the one are given to the other."""
    GREY = "grey"
    """One of them has no colours."""
    COLOURS = "colours"
    """Their edges agree, their colours do not: another reproduction, or a colourway."""
    DETAIL = "detail"
    """They agree but in one region."""
    FLAT = "flat"
    """Too little is on them for their edges to say anything."""


WATERMARK = _table(
    "watermark",
    ("image_id",),
    [
        ("image_id", _TEXT, _REQUIRED),
        ("template", _TEXT, _NULLABLE),  # name of the overlay tried, null when none was found
        ("score", _FLOAT, _NULLABLE),  # standard deviations above the same image's own shifts
        ("opacity", _FLOAT, _NULLABLE),  # strength relative to the template, 1 = typical
    ],
)

DECISIONS = _table(
    "decisions",
    ("scope", "target", "other", "action"),
    [
        ("scope", _TEXT, _REQUIRED),  # "image", "variant", "group" or "pair"
        ("target", _TEXT, _REQUIRED),  # image_id
        ("other", _TEXT, _REQUIRED),  # symmetry of a variant, second image of a pair, or ""
        ("action", _TEXT, _REQUIRED),  # "keep", "remove" or "distinct"
        ("reason", _TEXT, _REQUIRED),  # the curator's word for it, "" when none was given
        ("by", _TEXT, _REQUIRED),
        ("date", _TEXT, _REQUIRED),  # as written, "" when none was given
    ],
)

SELECTION = _table(
    "selection",
    ("image_id",),
    [
        ("image_id", _TEXT, _REQUIRED),
        ("status", _TEXT, _REQUIRED),  # Status
        (
            "reason",
            _TEXT,
            _NULLABLE,
        ),  # of a rejection: `REASONS` of the rules
        ("value", _FLOAT, _NULLABLE),  # the number that was compared
        ("threshold", _FLOAT, _NULLABLE),  # what it was compared with
        ("decided_by", _TEXT, _REQUIRED),  # "rule" or the curator's name
        ("overruled", _TEXT, _NULLABLE),  # reason that a curator's keep set aside
        ("group", _TEXT, _NULLABLE),  # image_id of the preferred member of the duplicate group
        ("group_note", _TEXT, _NULLABLE),  # why that member is preferred
        ("creator", _TEXT, _NULLABLE),
        ("rights", _TEXT, _NULLABLE),  # labels of its listings, by " / " where they differ
        ("shard", _TEXT, _NULLABLE),
        ("row", _INT, _NULLABLE),
    ],
)

VARIANTS = _table(
    "variants",
    ("image_id", "transform"),
    [
        ("image_id", _TEXT, _REQUIRED),
        ("transform", _TEXT, _REQUIRED),  # Symmetry
        ("status", _TEXT, _REQUIRED),  # Status
        (
            "reason",
            _TEXT,
            _NULLABLE,
        ),  # of a rejection: `REASONS` of the rules
        ("decided_by", _TEXT, _REQUIRED),  # "rule" or the curator's name
        ("split", _TEXT, _REQUIRED),  # Split; one for a whole duplicate group
        ("creator", _TEXT, _NULLABLE),
        ("rights", _TEXT, _NULLABLE),
        ("shard", _TEXT, _REQUIRED),
        ("row", _INT, _REQUIRED),
    ],
)

EMBEDDINGS = _table(
    "embeddings",
    ("caption",),
    [
        ("caption", _TEXT, _REQUIRED),
        ("vector", pa.list_(pa.float32(), 384), _REQUIRED),  # of length one
    ],
)

CONDITIONS = _table(
    "conditions",
    ("image_id",),
    [
        ("image_id", _TEXT, _REQUIRED),
        ("vector", pa.list_(pa.float32()), _REQUIRED),  # what condition.json describes
    ],
)

TABLES = {
    table.name: table
    for table in (
        MANIFEST,
        LISTINGS,
        IMAGES,
        PAIRS,
        WATERMARK,
        DECISIONS,
        SELECTION,
        VARIANTS,
        CONDITIONS,
    )
}

__all__ = [
    "CONDITIONS",
    "DECISIONS",
    "EMBEDDINGS",
    "IMAGES",
    "LISTINGS",
    "MANIFEST",
    "PACKED",
    "PAIRS",
    "SELECTION",
    "TABLES",
    "VARIANTS",
    "WATERMARK",
    "WITH_BYTES",
    "FaultKind",
    "Fetch",
    "PairKind",
    "Split",
    "Status",
    "Suspicion",
    "Symmetry",
    "TableSchema",
]
