"""A small finished collection for the tests of what people look at: every table, every reason.

All pictures are drawn from numbers, all names are invented, and some of them carry markup, since
they come from the web.
"""

from __future__ import annotations

import colorsys
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from curation.selection.funnel import funnel
from curation.selection.listing_state import newest_state
from pipeline.core import shards, tables
from pipeline.core.files import write_bytes, write_json
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.paths import Paths
from pipeline.core.schema import (
    DECISIONS,
    IMAGES,
    LISTINGS,
    PAIRS,
    SELECTION,
    VARIANTS,
    WATERMARK,
    TableSchema,
)
from pipeline.core.shards import Pixels

SAME = "same_as_other_variant"
CAPTURE = "2026-05-04"
CREATORS = ("ada-vorn", "b-okoro", "celeste-amann", "dmitri-ruhl", "enzo-<b>falk</b>")
HOSTILE_URL = "javascript:document.title = 1"
KEPT = 18
"""Images that stay; the preferred members of the duplicate groups are among them."""
OVERRULED, SYMMETRIC = 3, 4
"""Numbers of the image that a curator kept against a rule, and of one equal to itself turned."""
HOSTILE_TITLE = '<script>document.title = "taken"</script> & "quoted"'

REJECTED: tuple[tuple[str, int, float | None, float | None], ...] = (
    ("unreadable", 2, None, None),
    ("not_an_image", 1, None, None),
    ("opted_out", 1, None, None),
    ("curator_removed", 2, None, None),
    ("placeholder", 1, 6, 5),
    ("too_small", 2, 90, 128),
    ("aspect_ratio", 3, 3.25, 2.0),
    ("blank", 2, 1.5, 3.0),
    ("watermark", 4, 9.5, 6.0),
    ("rights", 1, None, None),
    ("exact_duplicate", 2, 0, None),
    ("near_duplicate", 3, 1.25, None),
)
"""str, how many images, the value compared and what it was compared with."""


_NEARNESS = {
    "share_of_near_copies": 0.03125,
    "threshold": 8.5,
    "median": 21.25,
    "median_between_reals": 19.5,
    "held_out": {"share_of_near_copies": 0.0625, "median": 17.75, "copying": -3.5},
}
EVALUATION = {
    "features": {"name": "small-features", "dimensions": 320, "input_px": 64},
    "images": {"each_side": 32, "held_out": 8},
    "kid": {
        "trained": {"mean": 0.0421, "std": 0.003},
        "untrained": {"mean": 0.3312, "std": 0.005},
        "floor": {"mean": -0.0004, "std": 0.001},
        "held_out": {"mean": 0.0502, "std": 0.006},
    },
    "frechet": {"trained": 12.5, "untrained": 88.25, "floor": 4.75},
    "precision": 0.71875,
    "recall": 0.40625,
    "diversity": {"trained": 0.875, "untrained": 0.25},
    "copies": {"pixels": _NEARNESS, "features": _NEARNESS},
    "persistence": {"samples": 0.8125, "reals": 0.4375},
    "kid_mobilenet": {
        "trained": {"mean": 0.0875, "std": 0.004},
        "untrained": {"mean": 0.4125, "std": 0.005},
        "floor": {"mean": 0.0015, "std": 0.002},
        "held_out": {"mean": 0.0925, "std": 0.006},
    },
    "sliced_wasserstein": {
        "trained": {"mean": 0.1375, "levels": {"32": 0.125, "16": 0.15}},
        "untrained": {"mean": 0.8125, "levels": {"32": 0.75, "16": 0.875}},
        "floor": {"mean": 0.0625, "levels": {"32": 0.05, "16": 0.075}},
    },
    "inception": {"name": "inception<b>.pt", "sha256": "0" * 16},
    "kid_inception": {"trained": {"mean": 0.0625, "std": 0.003}},
    "fid_inception": {"trained": 41.25},
}


@dataclass(frozen=True)
class _Item:
    number: int
    image_id: str
    reason: str | None
    value: float | None
    threshold: float | None
    overruled: bool = False
    symmetric: bool = False
    """Turned by half, it looks the same."""

    @property
    def decodes(self) -> bool:
        return self.reason not in ("unreadable", "not_an_image")

    @property
    def creator(self) -> str:
        return CREATORS[self.number % len(CREATORS)]


REMOVAL_NOTE = "a <b>frame</b> & its shadow"
"""What the curator wrote behind each line that removes."""


def build(root: Path, collection: str = "paintings", *, flawless: bool = False) -> Paths:
    """Write a whole finished collection below ``root``; ``flawless`` leaves nothing to reject."""
    paths = Paths(root, collection)
    items = _flawless(_items()) if flawless else _items()
    rows = {item.image_id: row for row, item in enumerate(i for i in items if i.decodes)}
    for size in (64, 256):
        pixels = np.stack([field(item.number, size) for item in items if item.decodes])
        shards.write(paths.pixel_shard(size, f"{CAPTURE}-00000"), pixels)
    _write_measurements(paths, items, rows)
    _write_decisions(paths, items, rows)
    _write_overlay(paths, has_mark=not flawless)
    _write_model(paths)
    return paths


def field(number: int, size: int = 64) -> Pixels:
    """A picture of two colour fields and a bar, all its own: uint8 (size, size, 3)."""
    hues = [(number * 0.137 + shift) % 1.0 for shift in (0.0, 0.31, 0.62)]
    colours = [np.array(colorsys.hsv_to_rgb(hue, 0.55, 0.85)) * 255 for hue in hues]
    edge, bar = size // 4 + number * 7 % (size // 2), size // 8 + number * 5 % (size // 2)
    image = np.empty((size, size, 3))
    image[:edge], image[edge:] = colours[0], colours[1]
    image[:, bar : bar + size // 8] = colours[2]
    grain = np.random.default_rng(number).normal(0, 4, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def _items() -> list[_Item]:
    fates: list[tuple[str | None, float | None, float | None]] = [(None, None, None)] * KEPT
    for reason, count, value, threshold in REJECTED:
        spread = [None if value is None else value + step * 0.5 for step in range(count)]
        fates += [(reason, each, threshold) for each in spread]
    return [
        _Item(
            number,
            image_id_of(sha256_hex(b"%d" % number)),
            *row,
            overruled=number == OVERRULED,
            symmetric=number == SYMMETRIC,
        )
        for number, row in enumerate(fates)
    ]


def _flawless(items: list[_Item]) -> list[_Item]:
    kept = [item for item in items if item.reason is None]
    return [replace(item, overruled=False, symmetric=False) for item in kept]


def _write_measurements(paths: Paths, items: list[_Item], rows: dict[str, int]) -> None:
    _write(paths, IMAGES, [_image_row(item, rows.get(item.image_id)) for item in items])
    has_flaws = any(item.reason for item in items)
    missing = _without_bytes(len(items)) if has_flaws else []
    _write(paths, LISTINGS, [_listing_row(item) for item in items] + missing)
    scored = [item for item in items if item.decodes]
    _write(
        paths,
        WATERMARK,
        [
            {
                "image_id": item.image_id,
                "template": "square" if has_flaws else None,
                "score": _score(item) if has_flaws else None,
                "opacity": (1.0 if item.reason == "watermark" else 0.0) if has_flaws else None,
            }
            for item in scored
        ],
    )
    _write(paths, PAIRS, _pair_rows(items))


def _score(item: _Item) -> float | None:
    return item.value if item.reason == "watermark" else item.number % 7 * 0.4


def _image_row(item: _Item, row: int | None) -> dict[str, Any]:
    digest = sha256_hex(b"%d" % item.number)
    facts: dict[str, Any] = dict.fromkeys(IMAGES.arrow.names)
    facts |= {"image_id": item.image_id, "sha256": digest, "capture": CAPTURE, "bytes": 1000}
    if not item.decodes:
        return facts | {
            "fault": item.reason,
            "fault_detail": "image file is truncated (<12 bytes>)",
        }
    side = int(item.value or 0) if item.reason == "too_small" else 200 + item.number * 13
    ratio = item.value if item.reason == "aspect_ratio" else 1 + item.number % 9 / 10
    spread = item.value if item.reason == "blank" else 12 + item.number % 20
    return facts | {
        "shard": f"{CAPTURE}-00000",
        "row": row,
        "format": "JPEG",
        "mode": "RGB",
        "width": side,
        "height": round(side * (ratio or 1)),
        "crop_loss": 0.1,
        "pixel_digest": digest,
        "phashes": [item.number] * 8,
        "featureless": False,
        "whole_hash": [item.number] * 4,
        "luminance_std": spread,
        "entropy": 5.0 + item.number % 7 / 10,
        "sharpness": 100.0,
        "symmetry_distances": [0.0] + [20.0] * 7,
    }


def _listing_row(item: _Item) -> dict[str, Any]:
    listing: dict[str, Any] = dict.fromkeys(LISTINGS.arrow.names)
    return listing | {
        "source": "wikiart",
        "listing_id": f"{item.number:024x}",
        "position": 0,
        "page_url": HOSTILE_URL
        if item.number == 1
        else f"https://www.wikiart.org/en/{item.number}",
        "image_url": f"https://uploads0.wikiart.org/images/{item.number}.jpg!Large.jpg",
        "image_id": item.image_id,
        "fetch": "fetched",
        "capture": CAPTURE,
        "image_key": f"{item.number}.jpg",
        "layer": "json",
        "title": HOSTILE_TITLE if item.number == 0 else f"Field no. {item.number}",
        "creator": item.creator,
        "creator_name": item.creator.replace("-", " ").title(),
        "year_text": "c. 1962",
        "year": 1962,
        "rights": _rights(item),
    }


def _rights(item: _Item) -> str:
    return "Fair use" if item.number % 3 else "Public domain"


def _without_bytes(first: int) -> list[dict[str, Any]]:
    """Listings whose image never came, numbered from ``first``."""
    return [
        _listing_row(_Item(number, "", None, None, None)) | {"image_id": None, "fetch": fetch}
        for number, fetch in enumerate(("gone", "gone", "placeholder", "failed"), start=first)
    ]


def _groups(items: list[_Item]) -> dict[str, str]:
    """Image id of each member of a duplicate group, with that of its preferred member."""
    copies = [i for i in items if i.reason in ("exact_duplicate", "near_duplicate")]
    preferred = [items[0], items[0], items[1], items[1], items[2]]
    groups = {copy.image_id: kept.image_id for copy, kept in zip(copies, preferred, strict=False)}
    return groups | {kept: kept for kept in groups.values()}


def _pair_rows(items: list[_Item]) -> list[dict[str, Any]]:
    reasons = {item.image_id: item.reason for item in items}
    pairs = [
        (copy, kept, "exact" if reasons[copy] == "exact_duplicate" else "near")
        for copy, kept in _groups(items).items()
        if copy != kept
    ]
    if pairs:
        pairs.append((items[5].image_id, items[6].image_id, "doubtful"))
    return [
        {
            "a": min(first, second),
            "b": max(first, second),
            "kind": kind,
            "symmetry": "flip_left_right" if kind == "near" else "identity",
            "phash_distance": {"exact": 0, "near": 4, "doubtful": 9}[kind],
            "lab_distance": {"exact": 0.0, "near": 1.25, "doubtful": 6.5}[kind],
            "gradient_correlation": {"exact": 1.0, "near": 0.97, "doubtful": 0.75}[kind],
            "chroma_distance": {"exact": 0.0, "near": 0.5, "doubtful": 9.0}[kind],
            "region_distance": {"exact": 0.0, "near": 1.4, "doubtful": 6.0}[kind],
            "edge_distance": {"exact": 0.0, "near": 0.04, "doubtful": 0.3}[kind],
            "light_distance": {"exact": 0.0, "near": 0.4, "doubtful": 5.0}[kind],
            "lookalikes": {"exact": 0, "near": 0, "doubtful": 2}[kind],
            "neighbours": {"exact": 0, "near": 1, "doubtful": 3}[kind],
            "chance": {"exact": 1.0, "near": 1.0, "doubtful": 0.014}[kind],
            "suspicion": "crop" if kind == "doubtful" else None,
        }
        for first, second, kind in pairs
    ]


def _write_decisions(paths: Paths, items: list[_Item], rows: dict[str, int]) -> None:
    groups = _groups(items)
    _write(paths, SELECTION, [_selection_row(item, rows, groups) for item in items])
    read = {
        table.name: tables.read(paths.table(table.name), table) for table in (LISTINGS, SELECTION)
    }
    listed = newest_state(read["listings"])
    write_json(paths.funnel, funnel(listed, read["selection"]))
    kept = [item for item in items if item.reason is None]
    removed = [item for item in items if item.reason == "curator_removed"]
    decided = [("remove", item.image_id) for item in removed]
    decided += [("keep", item.image_id) for item in kept if item.overruled]
    _write(
        paths,
        DECISIONS,
        [
            {
                "scope": "image",
                "target": image_id,
                "other": "",
                "action": action,
                "reason": "not a painting & framed",
                "by": "mira",
                "date": "2026-05-05",
            }
            for action, image_id in decided
        ],
    )
    notes = {item.image_id: REMOVAL_NOTE for item in removed}
    write_json(paths.removal_notes, {"image": notes})
    _write(paths, VARIANTS, [row for item in kept for row in _variant_rows(item, rows)])


def _selection_row(item: _Item, rows: dict[str, int], groups: dict[str, str]) -> dict[str, Any]:
    group = groups.get(item.image_id)
    by_curator = item.overruled or item.reason == "curator_removed"
    return {
        "image_id": item.image_id,
        "status": "keep" if item.reason is None else "reject",
        "reason": item.reason,
        "value": 2.25 if item.overruled else item.value,
        "threshold": 2.0 if item.overruled else item.threshold,
        "decided_by": "mira" if by_curator else "rule",
        "overruled": "aspect_ratio" if item.overruled else None,
        "group": group,
        "group_note": None if group is None else "more pixels",
        "creator": item.creator,
        "rights": _rights(item),
        "shard": f"{CAPTURE}-00000" if item.decodes else None,
        "row": rows.get(item.image_id),
    }


def _variant_rows(item: _Item, rows: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "image_id": item.image_id,
            "transform": transform,
            "status": "reject" if item.symmetric and transform == "rot180" else "keep",
            "reason": SAME if item.symmetric and transform == "rot180" else None,
            "decided_by": "rule",
            "split": "held_out" if item.number % 9 == 8 else "train",
            "creator": item.creator,
            "rights": _rights(item),
            "shard": f"{CAPTURE}-00000",
            "row": rows[item.image_id],
        }
        for transform in ("identity", "rot180")
    ]


def _write(paths: Paths, schema: TableSchema, rows: list[dict[str, Any]]) -> None:
    tables.write(paths.table(schema.name), schema, tables.from_rows(schema, rows))


def _write_overlay(paths: Paths, *, has_mark: bool) -> None:
    marks = [
        {"name": "square", "picture": "square.png", "marked": 4},
        {"name": "square-2", "picture": "square-2.png", "marked": 3},
    ]
    square = {"name": "square", "images": 38, "images_used": 38, "marks": marks if has_mark else []}
    tall = {"name": "portrait", "images": 20, "images_used": 20, "marks": []}
    groups = [tall, square]
    write_json(paths.overlay / "overlay.json", {"pixels_per_side": 64, "groups": groups})
    for number, mark in enumerate(marks):
        write_bytes(paths.overlay / str(mark["picture"]), png(field(99 + number)))


def _write_model(paths: Paths) -> None:
    description = {
        "params": {
            "model": "progan",
            "resolution": 64,
            "kimg": 2.0,
            "batch": 16,
            "seed": 1,
            "warm_start": "earlier.safetensors",
        },
        "images_seen": 2000,
        "steps": 125,
        "compute": {"device": "cpu", "precision": "float32", "threads": 2, "torch": "0.0"},
        "data": {"sha256": "0" * 64, "images": KEPT, "variants": 30},
        "parameters": {"generator": 123_456, "discriminator": 234_567},
        "range": "-1..1, RGB",
    }
    write_json(paths.model / "model.json", description)
    write_bytes(paths.model / "history.csv", _history().encode())
    for tick in range(12):
        write_bytes(paths.model / "samples" / f"{tick * 150:09d}.png", _grid(tick * 10))
    write_bytes(paths.model / "reals.png", _grid(3))
    write_bytes(paths.enhanced_sheet, _grid(5))
    write_json(paths.evaluation / "evaluation.json", EVALUATION)
    write_bytes(paths.evaluation / "film_strip.png", _grid(9))
    for name in ("nearest", "samples_and_reals", "persistence"):
        write_bytes(paths.evaluation / f"{name}.png", _grid(7))


def _history() -> str:
    rows = ["images,step,steps,resolution,fade,distance,gradient_penalty,generator"]
    rows += [
        f"{tick * 100},{tick * 6},6,{4 * 2 ** (tick // 5)},1.0,"
        f"{8 / tick:.4f},{0.1 + tick % 3 / 50:.3f},{-tick / 10:.2f}"
        for tick in range(1, 21)
    ]
    return "\n".join(rows) + "\n"


def _grid(first: int) -> bytes:
    lines = [[field(first + 4 * row + column) for column in range(4)] for row in range(4)]
    return png(np.concatenate([np.concatenate(line, axis=1) for line in lines], axis=0))


def png(pixels: Pixels) -> bytes:
    """``pixels`` (height, width, 3) as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
