"""`watermark`: estimate the mark that a site lays over its images, and score each image for it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image

from curation.watermark import overlay as marks
from curation.watermark.served_sizes import groups
from pipeline.core import engine, shards, tables
from pipeline.core.errors import TableError
from pipeline.core.files import storage_errors, write_bytes, write_json
from pipeline.core.ids import sha256_hex
from pipeline.core.log import say
from pipeline.core.params.watermark import Watermark
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, WATERMARK
from pipeline.core.shards import Pixels

COLUMNS: Final = ("image_id", "shard", "row", "width", "height")
IMAGES_OF_ONE_TASK: Final = 512
IMAGES_AT_ONCE: Final = 32
"""In memory, at about 4 MB each while a 256-pixel image is scored."""
SHOWN_SIDE: Final = 512
"""Pixels a side of the picture of an overlay."""


@dataclass(frozen=True)
class Lot:
    """Some images of one group: the unit of work."""

    pixels: Path
    size: int
    places: list[tuple[str, int]]

    def batches(self) -> Iterator[Pixels]:
        """Their pixels, a few at a time."""
        for start in range(0, len(self.places), IMAGES_AT_ONCE):
            chosen = self.places[start : start + IMAGES_AT_ONCE]
            yield shards.gather(self.pixels, self.size, chosen)


@dataclass(frozen=True)
class Finding:
    """One group of images, and what was found in it."""

    name: str
    members: npt.NDArray[np.int64]
    """Indices into the table of images."""
    sampled: int
    mark: marks.Mark | None
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


def sum_gradients(lot: Lot) -> marks.Consensus:
    """The sums of one lot."""
    return reduce(add, map(marks.consensus, lot.batches()))


def score_lot(lot: Lot, mark: marks.Mark) -> marks.Scores:
    """The scores of one lot."""
    return marks.Scores.concatenated(marks.scores(batch, mark) for batch in lot.batches())


def _examine(
    images: pa.Table,
    name: str,
    members: npt.NDArray[np.int64],
    sample: npt.NDArray[np.int64],
    pixels: Path,
    size: int,
    params: Watermark,
) -> Finding:
    lots = _lots(images, sample, pixels, size)
    found = reduce(add, engine.run(sum_gradients, lots, title=f"overlay of {name}"))
    mark = marks.template(found, params.min_consensus)
    if mark is None:
        return Finding(name, members, len(sample), None, None)
    lots = _lots(images, members, pixels, size)
    scored = engine.run(partial(score_lot, mark=mark), lots, title=f"marks on {name}")
    return Finding(name, members, len(sample), mark, marks.Scores.concatenated(scored))


def _lots(images: pa.Table, chosen: npt.NDArray[np.int64], pixels: Path, size: int) -> list[Lot]:
    rows = images.select(["shard", "row"]).take(pa.array(chosen))
    places = list(zip(rows["shard"].to_pylist(), rows["row"].to_pylist(), strict=True))
    return [
        Lot(pixels, size, places[start : start + IMAGES_OF_ONE_TASK])
        for start in range(0, len(places), IMAGES_OF_ONE_TASK)
    ]


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
        if finding.mark is not None:
            entry["picture"] = f"{finding.name}.png"
            png = _png(finding.mark)
            entry["sha256"] = sha256_hex(png)
            write_bytes(folder / f"{finding.name}.png", png)
        described.append(entry)
    write_json(folder / "overlay.json", {"pixels_per_side": size, "groups": described})


def _described(finding: Finding) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": finding.name,
        "images": len(finding.members),
        "images_used": finding.sampled,
        "found": finding.mark is not None,
    }
    if finding.mark is not None and finding.scores is not None:
        entry["mark_pixels"] = int(np.count_nonzero(finding.mark))
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
    if not scored:
        say(f"{images:,} images in {len(findings)} groups: no overlay found, none scored")
        return
    members = sum(len(finding.members) for finding in scored)
    marked = sum(int(f.scores.is_marked.sum()) for f in scored if f.scores is not None)
    say(
        f"{images:,} images in {len(findings)} groups: overlay in {len(scored)} of them, "
        f"{members:,} scored, {marked:,} above {marks.MARKED_SCORE:g}"
    )
