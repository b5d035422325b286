"""`watermark`: estimate the marks that lie over the images, and score each image for them."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image

from curation.watermark import overlay
from curation.watermark.layout import Geometry, Squaring
from curation.watermark.samples import Images
from curation.watermark.search import Group, ScoredMark, Shown, best, search
from pipeline.core import tables
from pipeline.core.errors import TableError
from pipeline.core.files import storage_errors, write_bytes, write_json
from pipeline.core.ids import sha256_hex
from pipeline.core.log import say
from pipeline.core.params.watermark_estimation import Watermark
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, WATERMARK

COLUMNS: Final = (
    "image_id", "shard", "row", "width", "height", "crop_left", "crop_top", "square",
)  # fmt: skip
SHOWN_SIDE: Final = 512
"""Pixels a side of the picture of an overlay."""
LEGIBLE_SIDE: Final = 128
"""Pixels a side below which the strokes of a mark are less than one pixel wide."""
TOO_FEW_PIXELS: Final = (
    "a mark is hardly to be seen at {side} pixels, so none found here does not mean none there; "
    "to look for marks, let ingest.sizes be [64, 256]"
)


def run(paths: Paths, params: Watermark) -> None:
    """Write ``watermark.parquet``, and a picture of each overlay.

    Raises:
        TableError: ``images.parquet`` or a pixel shard is missing or torn.
    """
    table = tables.read(paths.table("images"), IMAGES, COLUMNS)
    table = table.filter(pc.is_valid(table["shard"]))
    images = _images(table, paths.pixels)
    searched = search(images, params)
    shown = best(len(images), searched)
    _write_overlays(paths.overlay, images.geometry.side, searched, shown)
    tables.write(paths.table("watermark"), WATERMARK, _table(table["image_id"], shown))
    _report(table.num_rows, searched, shown)
    if images.geometry.side < LEGIBLE_SIDE:
        say(TOO_FEW_PIXELS.format(side=images.geometry.side))


def _images(table: pa.Table, pixels: Path) -> Images:
    """All images, and how their pictures lie on the stored squares."""
    side = _largest_size(pixels)
    places = list(zip(table["shard"].to_pylist(), table["row"].to_pylist(), strict=True))
    sizes = np.stack([table[name].to_numpy().astype(float) for name in ("height", "width")], axis=1)
    cut = [pc.fill_null(table[name], 0).to_numpy() for name in ("crop_top", "crop_left")]
    # One run of `ingest` makes all squares in one way; salient crops lie where their cuts say.
    square = table["square"][0].as_py() if table.num_rows else None
    squaring: Squaring = square if square in {"pad", "stretch"} else "crop"
    return Images(pixels, places, Geometry.of(sizes, np.stack(cut, axis=1), squaring, side))


def _largest_size(pixels: Path) -> int:
    """The largest size that `ingest` made: a mark has few pixels as it is."""
    sizes = [int(folder.name) for folder in pixels.glob("*") if folder.name.isdecimal()]
    if not sizes:
        raise TableError(f"{pixels}: no pixel shards; run `dvc repro` to make them")
    return max(sizes)


def _table(image_ids: pa.ChunkedArray, shown: Shown) -> pa.Table:
    columns = {
        "image_id": image_ids,
        "template": pa.array(shown.mark, pa.string(), mask=shown.mark == ""),
        "score": pa.array(shown.score.astype(np.float32), from_pandas=True),
        "opacity": pa.array(shown.opacity.astype(np.float32), from_pandas=True),
    }
    return pa.table(columns, schema=WATERMARK.arrow)


def _write_overlays(folder: Path, size: int, searched: list[Group], shown: Shown) -> None:
    with storage_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
    groups = []
    for group in searched:
        marks = [_written(folder, mark, shown) for mark in group.marks]
        groups.append(
            {
                "name": group.name,
                "images": len(group.rows),
                "images_used": group.sampled,
                "marks": marks,
            }
        )
    caution = TOO_FEW_PIXELS.format(side=size) if size < LEGIBLE_SIDE else None
    description = {"pixels_per_side": size, "caution": caution, "groups": groups}
    write_json(folder / "overlay.json", description)


def _written(folder: Path, mark: ScoredMark, shown: Shown) -> dict[str, Any]:
    """Write the picture of a mark, and describe it."""
    picture = f"{mark.name}.png"
    png = _png(mark.overlay.mark)
    write_bytes(folder / picture, png)
    marked = shown.marked(mark.name)
    return {
        "name": mark.name,
        "picture": picture,
        "sha256": sha256_hex(png),
        "mark_pixels": int(np.count_nonzero(mark.overlay.mark)),
        "reach_px": mark.overlay.reach,
        "scored": len(mark.rows),
        "marked": marked,
    }


def _png(mark: overlay.Mark) -> bytes:
    file = io.BytesIO()
    shown = Image.fromarray(overlay.picture(mark))
    shown.resize((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _report(images: int, searched: list[Group], shown: Shown) -> None:
    in_groups = "1 group" if len(searched) == 1 else f"{len(searched)} groups"
    marks = [mark.name for group in searched for mark in group.marks]
    if not marks:
        say(f"{images:,} images in {in_groups}: no overlay found, none scored")
        return
    carriers = ", ".join(f"{name} on {shown.marked(name):,}" for name in marks)
    overlays = "1 overlay" if len(marks) == 1 else f"{len(marks)} overlays"
    scored = int((shown.mark != "").sum())
    say(f"{images:,} images in {in_groups}: {overlays} ({carriers}), {scored:,} scored")
