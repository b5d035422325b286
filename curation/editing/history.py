"""Everything that happened to one image, from the tables that are there."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from pipeline.core.paths import Paths
from pipeline.core.schema import TABLES
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


def history(paths: Paths, image_id: str) -> dict[str, list[Row] | None]:
    """The rows of each table about one image; None for a table that is not there yet.

    An entry about a group stands in the decisions of the image it names, and shows in the
    selection of the others.

    Raises:
        TableError: a table is torn.
    """
    return {name: _rows(paths, name, image_id) for name in _COLUMNS}


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


def sentences(told: dict[str, list[Row] | None]) -> list[str]:
    """The history as lines: what it is about, and what happened."""
    lines: list[str] = []
    for name, rows in told.items():
        if rows is None:
            lines.append(f"{name:10} not made yet")
        lines += [_plain(f"{name:10} {_WORDS[name](row)}") for row in rows or []]
    return lines


def _plain(text: str) -> str:
    """``text`` without what a terminal would obey: titles come from the web."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _listing(row: Row) -> str:
    shown = f'"{row["title"]}" by {row["creator_name"] or row["creator"] or "nobody named"}'
    return (
        f"{row['source']} {row['listing_id']}, image {row['position']}: {shown}; {row['fetch']}, "
        f"first in {row['first_capture']}, rights: {row['rights'] or 'not stated'}; "
        f"{row['page_url']}"
    )


def _image(row: Row) -> str:
    if row["fault"]:
        return f"{row['fault']}: {row['fault_detail']}; {row['bytes']} bytes, {row['capture']}"
    return (
        f"{row['format']} {row['width']}x{row['height']}, {row['bytes']} bytes, captured "
        f"{row['capture']}; luminance varies by {row['luminance_std']:.1f}, entropy "
        f"{row['entropy']:.2f}, sharpness {row['sharpness']:.0f}; pixels in {row['shard']}, "
        f"row {row['row']}"
    )


def _mark(row: Row) -> str:
    if row["score"] is None:
        return "not measured: no overlay was found"
    return f"score {row['score']:.1f} for the overlay {row['template']}"


def _pair(row: Row) -> str:
    return (
        f"{row['kind']}: {row['a']} and {row['b']} ({row['symmetry']}); pHash "
        f"{row['phash_distance']} bits, Lab {row['lab_distance']:.2f}, gradients "
        f"{row['gradient_correlation']:.2f}, chroma {row['chroma_distance']:.2f}"
    )


def _decision(row: Row) -> str:
    about = " ".join(filter(None, (row["scope"], row["target"], row["other"])))
    said = ", ".join(filter(None, (row["reason"], row["by"], row["date"])))
    return f"{row['action']} {about}" + (f" ({said})" if said else "")


def _selection(row: Row) -> str:
    compared = f" {row['value']:.4g}" if row["value"] is not None else ""
    if compared and row["threshold"] is not None:
        compared += f" against {row['threshold']:.4g}"
    if row["reason"]:
        words = f"rejected: {row['reason']}{compared}"
    else:
        words = "kept" + (f" although {row['overruled']}{compared}" if row["overruled"] else "")
    words += f", by {row['decided_by']}"
    return words + (f"; group {row['group']} ({row['group_note']})" if row["group"] else "")


def _variant(row: Row) -> str:
    words = f"{row['transform']}: {row['status']}"
    reason = f" ({row['reason']}, by {row['decided_by']})" if row["reason"] else ""
    return f"{words}{reason}, {row['split']}"


_WORDS = {
    "listings": _listing,
    "images": _image,
    "watermark": _mark,
    "pairs": _pair,
    "decisions": _decision,
    "selection": _selection,
    "variants": _variant,
}
