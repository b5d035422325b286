"""Seconds and memory of the stages that work on tables; `make bench-curation` prints them.

Each stage is run as its users run it, in a process of its own, on a collection of made-up rows
that were never images: random hashes, a tenth of the rows copies of others, a thousand creators, a
thousand lines in `remove.txt`. Then one line is added to that list, and what follows from it is
timed again; then what curators ask of it, and the review page. Every column has the values that a
stage would give it. `dedupe` is run up to 100,000 rows, and beyond only where it is asked for
(``python -m tests.benches.tables 1000000 dedupe``): it takes longer than all others.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.core import shards, tables
from pipeline.core.ids import ID_LENGTH
from pipeline.core.schema import (
    IMAGES,
    LISTINGS,
    PAIRS,
    SHARPNESS_CELLS,
    WATERMARK,
    PairKind,
    TableSchema,
)
from pipeline.core.transforms import SYMMETRIES
from tests.review_server import serving
from tests.small_project import build

ROOT = Path(__file__).parents[2]
SALON = str(Path(sys.executable).with_name("salon"))
COLLECTION = "paintings"
SIZES = (10_000, 1_000_000)
PICTURES = 4096
"""Different small pictures; the rows share them, so that featureless ones, which are sought by
their colours, must be few: each would find all rows of its picture."""
COPIES = 10
"""Of so many rows one is a copy: a near hash and the picture of another row."""
CREATORS = 1000
SCREENFUL = 200
"""Pictures that the page asks for at once."""
DEDUPED = 100_000
"""Rows up to which `dedupe` is run without being asked for."""
STAGES = ("lists", "select", "augment")


class Figure(NamedTuple):
    """One line of the table."""

    rows: int
    what: str
    seconds: float
    cpu_seconds: float
    """Of all its processes: what another program on the machine disturbs little."""
    megabytes: float


def figures(rows: int, root: Path, *, with_dedupe: bool) -> Iterator[Figure]:
    """Each stage on a collection of so many images, then all that an edit of a list reruns."""
    make(rows, root)
    for stage in (*(("dedupe",) if with_dedupe else ()), *STAGES):
        yield timed(rows, stage, [SALON, stage, COLLECTION], root)
    with (root / "curation" / "lists" / "remove.txt").open("a") as file:
        file.write(f"{ids(rows)[rows // 2]}  taste  ana  2026-11-22\n")
    for stage in STAGES:
        yield timed(rows, f"{stage}, one line later", [SALON, stage, COLLECTION], root)
    for words in (("lists", "check"), ("lists", "effect"), ("lists", "why", ids(rows)[5])):
        yield timed(rows, " ".join(words[:2]), [SALON, *words], root)
    yield timed(rows, "status", [SALON, "status"], root)
    yield timed(rows, "report", [SALON, "report", COLLECTION], root)
    yield from reviewed(rows, root)


def reviewed(rows: int, root: Path) -> Iterator[Figure]:
    """The review page from its start to its first answer, and to a screen full of pictures."""
    start = time.perf_counter()
    with serving(root) as server:
        process = Path(f"/proc/{server.process.pid}")

        def figure(what: str) -> Figure:
            [peak] = re.findall(r"VmHWM:\s+(\d+)", (process / "status").read_text())
            ticks = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
            cpu = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
            return Figure(rows, what, time.perf_counter() - start, cpu, int(peak) / 1024)

        yield figure("review: first page")
        server.get(f"/api/{COLLECTION}/sheet").raise_for_status()
        places = ",".join(map(str, range(SCREENFUL)))
        server.get(f"/api/{COLLECTION}/items?places={places}").raise_for_status()
        yield figure("review: first rows of pictures")
        server.get(f"/api/{COLLECTION}/sheet?q=Field%20no.%2012").raise_for_status()
        yield figure("review: words sought")


def timed(rows: int, what: str, command: list[str], root: Path) -> Figure:
    """Run ``command`` below ``root``; the memory is that of its largest process."""
    probe = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]).returncode; "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss); sys.exit(done)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", probe, *command], cwd=root, check=True, stdout=subprocess.PIPE
    )
    seconds = time.perf_counter() - start
    cpu, kilobytes = done.stdout.split()[-2:]
    return Figure(rows, what, seconds, float(cpu), int(kilobytes) / 1024)


def make(rows: int, root: Path) -> None:
    """Write a collection of ``rows`` images, all but its selection and variants."""
    shutil.copy(ROOT / "params.yaml", root / "params.yaml")
    paths = build(root, COLLECTION)  # the results of a training, which the card tells of
    shutil.rmtree(paths.pixels)
    shards.write(paths.pixel_shard(64, "made-up"), _pictures())
    for schema, table in ((IMAGES, _images(rows)), (LISTINGS, _listings(rows))):
        tables.write(paths.table(schema.name), schema, table)
    scores = {"image_id": pa.array(ids(rows)), "score": _spread(rows, 3)}
    tables.write(paths.table("watermark"), WATERMARK, _filled(WATERMARK, rows, scores))
    tables.write(paths.table("pairs"), PAIRS, _pairs(rows))
    paths.lists.mkdir(parents=True)
    lines = [
        f"{name}  taste  ana  2026-11-22" for name in sorted(ids(rows)[: min(1000, rows // 10)])
    ]
    (paths.lists / "remove.txt").write_text("\n".join(lines) + "\n")
    for name in ("keep.txt", "distinct.txt"):
        (paths.lists / name).touch()


def ids(rows: int) -> list[str]:
    """Image ids: the same for the same number of rows."""
    digits = np.random.default_rng(rows).integers(0, 16, (rows, ID_LENGTH), np.uint8)
    letters = np.frombuffer(b"0123456789abcdef", np.uint8)[digits]
    return [name.decode() for name in letters.view(f"S{ID_LENGTH}").ravel().tolist()]


def hashes(rows: int) -> npt.NDArray[np.uint64]:
    """(rows,) 64-bit hashes; the last ones lie up to five bits from the first ones."""
    rng = np.random.default_rng(rows)
    hashes = rng.integers(0, 2**64, rows, np.uint64)
    copies = rows // COPIES
    flips = np.uint64(1) << rng.integers(0, 64, (copies, 5), np.uint64)
    hashes[-copies:] = hashes[:copies] ^ np.bitwise_xor.reduce(flips, axis=1)
    return hashes


def _pictures() -> npt.NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (PICTURES, 8, 8, 3), np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


def _images(rows: int) -> pa.Table:
    rng = np.random.default_rng(rows + 1)
    named = ids(rows)
    per_symmetry = rng.integers(0, 2**64, (rows, len(SYMMETRIES)), np.uint64)
    per_symmetry[:, 0] = hashes(rows)
    distances = rng.uniform(5, 60, (rows, len(SYMMETRIES))).astype(np.float32)
    distances[:, 0] = 0
    shown = np.arange(rows, dtype=np.int32) % PICTURES
    copies = rows // COPIES
    shown[-copies:] = shown[:copies]
    columns = {
        "image_id": pa.array(named),
        "sha256": pa.array([image_id.ljust(64, "0") for image_id in named]),
        "pixel_digest": pa.array([image_id.ljust(32, "0") for image_id in named]),
        "capture": pa.repeat("2026-11-22", rows),
        "shard": pa.repeat("made-up", rows),
        "row": pa.array(shown),
        "bytes": pa.array(rng.integers(10_000, 200_000, rows)),
        "format": pa.repeat("JPEG", rows),
        "mode": pa.repeat("RGB", rows),
        "width": pa.array(rng.integers(150, 1000, rows, np.int32)),
        "height": pa.array(rng.integers(150, 1000, rows, np.int32)),
        "crop_left": pa.repeat(pa.scalar(0, pa.int32()), rows),
        "crop_top": pa.repeat(pa.scalar(7, pa.int32()), rows),
        "square": pa.repeat("crop", rows),
        "luminance_std": pa.array(rng.uniform(2, 80, rows).astype(np.float32)),
        "featureless": pa.array(rng.random(rows) < 0.0002),
        "phashes": _lists(per_symmetry),
        "whole_hash": _lists(rng.integers(0, 2**64, (rows, 4), np.uint64)),
        "symmetry_distances": _lists(distances),
        "sharpness_cells": _lists(rng.gamma(2, 200, (rows, SHARPNESS_CELLS**2)).astype(np.int16)),
        "mean_rgb": _lists(rng.uniform(0, 255, (rows, 3)).astype(np.float32)),
        "chroma_std": _spread(rows, 40),
        "sharpness": _spread(rows, 800),
    }
    for name in ("crop_loss", "entropy", "most_common", "blockiness", "clipped"):
        columns[name] = _spread(rows, 1)
    return _filled(IMAGES, rows, columns)


def _lists(values: npt.NDArray[Any]) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])


def _spread(rows: int, most: float) -> pa.Array:
    return pa.array((np.random.default_rng(rows).random(rows) * most).astype(np.float32))


def _listings(rows: int) -> pa.Table:
    """Each image in a listing of its own, in another order than that of the images' ids."""
    named = ids(rows)
    numbers = [f"{number:07d}" for number in range(rows)]
    artists = [number % CREATORS for number in range(rows)]
    columns = {
        "source": pa.repeat("wikiart", rows),
        "listing_id": pa.array(numbers),
        "position": pa.repeat(pa.scalar(0, pa.int32()), rows),
        "page_url": pa.array([f"https://www.wikiart.org/en/{number}" for number in numbers]),
        "image_url": pa.array([f"https://uploads.wikiart.org/{each}.jpg" for each in numbers]),
        "image_id": pa.array(named),
        "page_fetch": pa.repeat("fetched", rows),
        "fetch": pa.repeat("fetched", rows),
        "capture": pa.repeat("2026-11-22", rows),
        "image_key": pa.array([f"/images/{number}.jpg" for number in numbers]),
        "layer": pa.repeat("json", rows),
        "title": pa.array([f"Field no. {number}" for number in range(rows)]),
        "creator": pa.array([f"artist-{number}" for number in artists]),
        "creator_name": pa.array([f"Artist {number}" for number in artists]),
        "year_text": pa.array([str(1900 + number % 90) for number in range(rows)]),
        "rights": pa.repeat("Public domain", rows),
        "sheet": pa.array([f'{{"Dimensions": "{number} x 120 cm"}}' for number in artists]),
    }
    return _filled(LISTINGS, rows, columns)


def _pairs(rows: int) -> pa.Table:
    """What `dedupe` might say of the copies: a fifth of them are doubtful."""
    named, copies = np.array(ids(rows)), rows // COPIES
    first, second = named[:copies], named[-copies:]
    is_first = first < second
    kinds = np.where(np.arange(copies) % 5, PairKind.NEAR.value, PairKind.DOUBTFUL.value)
    columns = {
        "a": pa.array(np.where(is_first, first, second)),
        "b": pa.array(np.where(is_first, second, first)),
        "kind": pa.array(kinds),
        "symmetry": pa.repeat(SYMMETRIES[0].value, copies),
        "suspicion": pa.array([None if number % 5 else "crop" for number in range(copies)]),
    }
    for field in PAIRS.arrow:
        if pa.types.is_floating(field.type):
            columns[field.name] = _spread(copies, 1)
        elif pa.types.is_integer(field.type):
            columns[field.name] = pa.repeat(pa.scalar(2, field.type), copies)
    return _filled(PAIRS, copies, columns)


def _filled(schema: TableSchema, rows: int, columns: dict[str, pa.Array]) -> pa.Table:
    """A table of ``schema`` with ``columns``, all others empty."""
    return pa.table(
        [columns.get(field.name, pa.nulls(rows, field.type)) for field in schema.arrow],
        names=schema.arrow.names,
    )


def main() -> None:
    """Print a line a figure as it comes; sizes may be given on the command line."""
    words = sys.argv[1:]
    sizes = [int(word) for word in words if word != "dedupe"] or SIZES
    sys.stdout.write(f"{'rows':>9}  {'what':34} seconds  CPU seconds  peak MB\n")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for _, what, wall, cpu, peak in figures(
                rows, Path(folder), with_dedupe=rows <= DEDUPED or "dedupe" in words
            ):
                sys.stdout.write(f"{rows:9,}  {what:34} {wall:7.2f}  {cpu:11.2f}  {peak:7,.0f}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
