"""A small collection to export, with images of every kind that a reader was ever caught by.

The tables are written by hand, so that a test knows what an export must hold: who made each image,
under which label, in which split; the bytes lie in real captures, the squares in real shards.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from curation.selection.funnel import funnel
from pipeline.core import shards, tables
from pipeline.core.files import write_json
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, LISTINGS, SELECTION, VARIANTS, Fetch, TableSchema
from pipeline.core.shards import Pixels
from scrapers.address import AddressBook
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.outcome import Outcome
from tests.small_project import field

NAME = "paintings"
FIRST, SECOND = "2026-05-04", "2026-06-01"
SIZES = (64, 256)
TRANSFORMS = ("identity", "rot90")
PARAMS = """\
collections:
  paintings:
    scrape: {site: wikiart, origin: gallery, contact: ana@example.org, styles: [x]}
    ingest: {sizes: [64, 256], square: crop}
    select: {min_side_px: 128}
"""
CREATORS = ("ada-vorn", "b-okoro", "enzo-<b>falk</b>", "été", None, "..")
DESCRIPTION = "somebody's prose, which never leaves"


@dataclass(frozen=True)
class Exhibit:
    """One image of the collection, as the tables and captures tell of it."""

    number: int
    data: bytes
    kind: str
    creator: str | None
    rights: str | None
    split: str
    capture: str
    kept: bool = True
    opted_out: bool = False
    year: int | None = None

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return sha256_hex(self.data)

    @property
    def image_id(self) -> str:
        """Its name."""
        return image_id_of(self.sha256)

    @property
    def class_name(self) -> str:
        """The class a reader finds it in."""
        return self.creator or "unknown"

    def leaves(self, *labels: str) -> bool:
        """Whether it may leave where these labels are asked for; none: any label."""
        parts = (self.rights or "").split(" / ")
        fits = self.rights is not None and (not labels or all(part in labels for part in parts))
        return self.kept and not self.opted_out and fits


def encoded(number: int, kind: str, mode: str = "RGB", size: int = 80) -> bytes:
    """A picture of its own as a file."""
    buffer = io.BytesIO()
    Image.fromarray(field(number, size)).convert(mode).save(buffer, kind)
    return buffer.getvalue()


def _data(number: int) -> tuple[bytes, str]:
    """Grey, with a palette, larger than the others, or plain."""
    match number % 6:
        case 1:
            return encoded(number, "JPEG", "L"), "jpg"
        case 2:
            return encoded(number, "PNG", "P"), "png"
        case 3:
            return encoded(number, "JPEG", size=200), "jpg"
        case 4:
            return encoded(number, "PNG"), "png"
        case _:
            return encoded(number, "JPEG"), "jpg"


def exhibits(count: int = 30, first: int = 0, capture: str = FIRST) -> list[Exhibit]:
    """Images that are all alike and all different; the rights differ, too."""
    labels = ("Public domain", "Public domain", "Fair Use", "Fair Use / Public domain", None)
    return [
        Exhibit(
            number,
            *_data(number),
            creator=CREATORS[number % len(CREATORS)],
            rights=labels[number % len(labels)],
            split="held_out" if number % 5 == 3 or number % 7 == 5 else "train",
            capture=capture,
            kept=number % 11 != 7,
            opted_out=number == 21,
            year=1960 + number if number > 12 else None,
        )
        for number in range(first, first + count)
    ]


def build(root: Path, shown: Sequence[Exhibit]) -> Paths:
    """Write the collection below ``root``: captures, pixels, tables and params.yaml."""
    paths = Paths(root, NAME)
    root.mkdir(exist_ok=True)
    (root / "params.yaml").write_text(PARAMS)
    rows: dict[str, tuple[str, int]] = {}
    for date in sorted({each.capture for each in shown}):
        of_capture = [each for each in shown if each.capture == date]
        if not paths.capture(date).exists():
            _capture(paths, date, of_capture)
        half = len(of_capture) // 2
        for number, part in enumerate((of_capture[:half], of_capture[half:])):
            rows |= _pixels(paths, f"{date}-0000{number}-000", part)
    write_tables(paths, shown, rows)
    return paths


def write_tables(
    paths: Paths, shown: Sequence[Exhibit], rows: dict[str, tuple[str, int]] | None = None
) -> None:
    """Write what the stages from `parse` to `augment` would; the squares stay where they are."""
    if rows is None:
        images = tables.read(paths.table("images"), IMAGES, ["image_id", "shard", "row"])
        rows = {row["image_id"]: (row["shard"], row["row"]) for row in images.to_pylist()}
    _write(paths, IMAGES, [_image(each, *rows[each.image_id]) for each in shown])
    _write(paths, LISTINGS, [row for each in shown for row in _listings(each)])
    _write(paths, SELECTION, [_selected(each, *rows[each.image_id]) for each in shown])
    kept = [each for each in shown if each.kept]
    _write(paths, VARIANTS, [row for each in kept for row in _variants(each, *rows[each.image_id])])
    read = {t.name: tables.read(paths.table(t.name), t) for t in (LISTINGS, SELECTION)}
    write_json(paths.funnel, funnel(**read))


@cache
def _field(number: int, size: int) -> Pixels:
    return field(number, size)


def square(each: Exhibit, size: int, transform: str = "identity") -> Pixels:
    """The pixels that an export must hold."""
    pixels = _field(each.number, size)
    return np.rot90(pixels) if transform == "rot90" else pixels


def without(shown: Sequence[Exhibit], number: int, **changes: Any) -> list[Exhibit]:
    """The images with one of them changed."""
    return [replace(each, **changes) if each.number == number else each for each in shown]


def _capture(paths: Paths, date: str, shown: Sequence[Exhibit]) -> None:
    asked = CaptureDescription(site="wikiart", origin="gallery", as_of=date, selection={})
    book = AddressBook({"https://images.test": "http://127.0.0.1:1"})
    writer = CaptureWriter(paths.capture(date), asked, book, 8_000)
    for each in shown:
        came = f"{date}T00:00:00.000+00:00"
        url = f"https://images.test/{each.number}"
        writer.add_image(Outcome(url, "http://127.0.0.1:1", Fetch.FETCHED, came, body=each.data))
    writer.finish({})


def _pixels(paths: Paths, shard: str, shown: Sequence[Exhibit]) -> dict[str, tuple[str, int]]:
    for size in SIZES:
        pixels = np.stack([_field(each.number, size) for each in shown])
        shards.write(paths.pixel_shard(size, shard), pixels)
    return {each.image_id: (shard, row) for row, each in enumerate(shown)}


def _image(each: Exhibit, shard: str, row: int) -> dict[str, Any]:
    with Image.open(io.BytesIO(each.data)) as picture:
        facts = {"format": picture.format, "mode": picture.mode}
        width, height = picture.size
    return dict.fromkeys(IMAGES.arrow.names) | {
        "image_id": each.image_id,
        "sha256": each.sha256,
        "capture": each.capture,
        "shard": shard,
        "row": row,
        "bytes": len(each.data),
        "width": width,
        "height": height,
        **facts,
    }


def _listings(each: Exhibit) -> list[dict[str, Any]]:
    """One listing, as the capture saw it that brought its image."""
    listing: dict[str, Any] = dict.fromkeys(LISTINGS.arrow.names) | {
        "capture": each.capture,
        "source": "wikiart",
        "listing_id": f"{each.number:05d}",  # a number to whoever guesses
        "position": 0,
        "image_key": f"images/{each.number}.jpg",
        "page_url": f"https://www.wikiart.org/en/{each.number}",
        "image_url": f"https://uploads0.wikiart.org/images/{each.number}.jpg!Large.jpg",
        "image_id": each.image_id,
        "fetch": "fetched",
        "layer": "json",
        "title": "NA" if each.number == 4 else f"Field, no. {each.number}\n",
        "creator": each.creator,
        "creator_name": each.creator and each.creator.title(),
        "rights": each.rights,
        "year": each.year,
        "description": DESCRIPTION,
    }
    return [listing]


def _selected(each: Exhibit, shard: str, row: int) -> dict[str, Any]:
    return dict.fromkeys(SELECTION.arrow.names) | {
        "image_id": each.image_id,
        "status": "keep" if each.kept and not each.opted_out else "reject",
        "reason": "opted_out" if each.opted_out else None if each.kept else "blank",
        "decided_by": "rule",
        "creator": each.creator,
        "rights": each.rights,
        "shard": shard,
        "row": row,
    }


def _variants(each: Exhibit, shard: str, row: int) -> list[dict[str, Any]]:
    return [
        {
            "image_id": each.image_id,
            "transform": transform,
            "status": "keep",
            "reason": None,
            "decided_by": "rule",
            "split": each.split,
            "creator": each.creator,
            "rights": each.rights,
            "shard": shard,
            "row": row,
        }
        for transform in TRANSFORMS
    ]


def _write(paths: Paths, schema: TableSchema, rows: list[dict[str, Any]]) -> None:
    tables.write(paths.table(schema.name), schema, tables.from_rows(schema, rows))
