"""`watermark`: estimate the mark that a site lays over its images, and score each image for it."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image

from curation.watermark import overlay as marks
from curation.watermark.estimation import Overlay, estimate, lots, score
from curation.watermark.served_sizes import groups
from pipeline.core import tables
from pipeline.core.errors import TableError
from pipeline.core.files import storage_errors, write_bytes, write_json
from pipeline.core.ids import sha256_hex
from pipeline.core.log import say
from pipeline.core.params.watermark import Watermark
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, WATERMARK

COLUMNS: Final = ("image_id", "shard", "row", "width", "height")
SHOWN_SIDE: Final = 512
"""Pixels a side of the picture of an overlay."""


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
    images = tables.read(paths.table("images"), IMAGES, COLUMNS)
    images = images.filter(pc.is_valid(images["shard"]))
    size = _largest_size(paths.pixels)
    names, helps = groups(
        images["width"].to_numpy(), images["height"].to_numpy(), params.min_images
    )
    findings = []
    for name in sorted(set(names) - {""}):
        members = np.flatnonzero(names == name)
        # Ids are hashes, so the first ones are a random sample that only grows with the data.
        sample = members[helps[members]][: params.sample]
        findings.append(_examine(images, name, members, sample, paths.pixels, size, params))
    _write_overlays(paths.overlay, size, findings)
    tables.write(paths.table("watermark"), WATERMARK, _table(images["image_id"], findings))
    _report(images.num_rows, findings)


def _examine(
    images: pa.Table,
    name: str,
    members: npt.NDArray[np.int64],
    sample: npt.NDArray[np.int64],
    pixels: Path,
    size: int,
    params: Watermark,
) -> Finding:
    found = estimate(lots(pixels, size, _places(images, sample)), params, name)
    if found is None:
        return Finding(name, members, len(sample), None, None)
    scored = score(lots(pixels, size, _places(images, members)), found, name)
    return Finding(name, members, len(sample), found, scored)


def _places(images: pa.Table, chosen: npt.NDArray[np.int64]) -> list[tuple[str, int]]:
    rows = images.select(["shard", "row"]).take(pa.array(chosen))
    return list(zip(rows["shard"].to_pylist(), rows["row"].to_pylist(), strict=True))


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
    write_json(folder / "overlay.json", {"pixels_per_side": size, "groups": described})


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
