"""`watermark`: estimate the mark that a site lays over its images, and score each image for it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image

from curation.watermark import overlay as marks
from curation.watermark.estimation import Images, Overlay, estimate, estimate_tied, score
from curation.watermark.layout import Geometry, Squaring
from curation.watermark.served_sizes import groups
from pipeline.core import tables
from pipeline.core.errors import TableError
from pipeline.core.files import storage_errors, write_bytes, write_json
from pipeline.core.ids import sha256_hex
from pipeline.core.log import say
from pipeline.core.params.watermark import Watermark
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, WATERMARK

COLUMNS: Final = (
    "image_id", "shard", "row", "width", "height", "crop_left", "crop_top", "square",
)  # fmt: skip
SHOWN_SIDE: Final = 512
"""Pixels a side of the picture of an overlay."""
TIED: Final = "sizes that differ"
LEGIBLE_SIDE: Final = 128
"""Pixels a side below which the strokes of a mark are less than one pixel wide."""
TOO_FEW_PIXELS: Final = (
    "a mark is hardly to be seen at {side} pixels, so none found here does not mean none there; "
    "to look for marks, let ingest.sizes be [64, 256]"
)


@dataclass(frozen=True)
class Finding:
    """One group of images, and what was found in it."""

    name: str
    members: npt.NDArray[np.int64]
    """Indices into the table of images."""
    sampled: int
    overlay: Overlay | None
    scores: marks.Scores | None


def run(paths: Paths, params: Watermark) -> None:
    """Write ``watermark.parquet``, and the overlays that were found as pictures.

    Raises:
        TableError: ``images.parquet`` or a pixel shard is missing or torn.
    """
    table = tables.read(paths.table("images"), IMAGES, COLUMNS)
    table = table.filter(pc.is_valid(table["shard"]))
    images = _images(table, paths.pixels)
    names, helps = groups(table["width"].to_numpy(), table["height"].to_numpy(), params.min_images)
    findings = []
    for name in sorted(set(names) - {""}):
        members = np.flatnonzero(names == name)
        # Ids are hashes, so the first ones are a random sample that only grows with the data.
        sample = members[helps[members]][: params.sample]
        findings.append(_examine(images, name, members, sample, params))
    findings += _examine_rest(images, findings, params)
    _write_overlays(paths.overlay, images.geometry.side, findings)
    tables.write(paths.table("watermark"), WATERMARK, _table(table["image_id"], findings))
    _report(table.num_rows, findings)
    if images.geometry.side < LEGIBLE_SIDE:
        say(TOO_FEW_PIXELS.format(side=images.geometry.side))


def _examine(
    images: Images,
    name: str,
    members: npt.NDArray[np.int64],
    sample: npt.NDArray[np.int64],
    params: Watermark,
) -> Finding:
    found = estimate(images.take(sample), params, name)
    if found is None:
        return Finding(name, members, len(sample), None, None)
    return Finding(name, members, len(sample), found, score(images.take(members), found, name))


def _examine_rest(images: Images, findings: list[Finding], params: Watermark) -> Iterator[Finding]:
    """What images of different sizes, on which no overlay was found, have in a corner."""
    is_left = np.ones(len(images), bool)
    for finding in findings:
        is_left[finding.members] = finding.overlay is None
    rest = np.flatnonzero(is_left)
    if len(rest) < params.min_images or len(np.unique(images.geometry.sizes[rest], axis=0)) == 1:
        return
    sample = rest[: params.sample]
    found = estimate_tied(images.take(sample), params, TIED)
    if found is not None and found.tie is not None:
        scores = score(images.take(rest), found, TIED)
        yield Finding(found.tie.anchor.name, rest, len(sample), found, scores)


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


def _table(image_ids: pa.ChunkedArray, findings: list[Finding]) -> pa.Table:
    template = np.full(len(image_ids), None, object)
    score, opacity = (np.full(len(image_ids), np.nan, np.float32) for _ in range(2))
    for finding in findings:
        if finding.scores is not None:
            template[finding.members] = finding.name
            score[finding.members] = finding.scores.score
            opacity[finding.members] = finding.scores.opacity
    columns = {
        "image_id": image_ids,
        "template": pa.array(template, pa.string()),
        "score": pa.array(score, from_pandas=True),
        "opacity": pa.array(opacity, from_pandas=True),
    }
    return pa.table(columns, schema=WATERMARK.arrow)


def _write_overlays(folder: Path, size: int, findings: list[Finding]) -> None:
    with storage_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
    described = []
    for finding in findings:
        entry = _described(finding)
        if finding.overlay is not None:
            entry["picture"] = f"{finding.name}.png"
            png = _png(finding.overlay.mark)
            entry["sha256"] = sha256_hex(png)
            write_bytes(folder / f"{finding.name}.png", png)
        described.append(entry)
    caution = TOO_FEW_PIXELS.format(side=size) if size < LEGIBLE_SIDE else None
    known = {"pixels_per_side": size, "caution": caution, "groups": described}
    write_json(folder / "overlay.json", known)


def _described(finding: Finding) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": finding.name,
        "images": len(finding.members),
        "images_used": finding.sampled,
        "found": finding.overlay is not None,
    }
    if finding.overlay is not None and finding.scores is not None:
        entry["mark_pixels"] = int(np.count_nonzero(finding.overlay.mark))
        entry["reach_px"] = finding.overlay.reach
        entry["marked"] = int(finding.scores.is_marked.sum())
        entry["share_marked"] = round(float(finding.scores.is_marked.mean()), 4)
    return entry


def _png(mark: marks.Mark) -> bytes:
    file = io.BytesIO()
    shown = Image.fromarray(marks.picture(mark))
    shown.resize((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _report(images: int, findings: list[Finding]) -> None:
    scored = [finding for finding in findings if finding.scores is not None]
    in_groups = "1 group" if len(findings) == 1 else f"{len(findings)} groups"
    if not scored:
        say(f"{images:,} images in {in_groups}: no overlay found, none scored")
        return
    members = sum(len(finding.members) for finding in scored)
    marked = sum(int(f.scores.is_marked.sum()) for f in scored if f.scores is not None)
    say(
        f"{images:,} images in {in_groups}: overlay in {len(scored)} of them, "
        f"{members:,} scored, {marked:,} above {marks.MARKED_SCORE:g}"
    )
