"""What each stage costs as a collection grows: ``python -m tests.benches.scale SIZE FOLDER``.

A shop of the gallery with SIZE listings, from its pictures of 128 pixels to two hundred steps of a
training, a process a stage and one worker. Wall and CPU seconds, peak memory of the largest process
and bytes on the disk go to scale.csv in FOLDER, a line as soon as a stage is done; run again it
goes on after the last one. ``python -m tests.benches.scale chart FOLDER`` draws the CSV, and prints
the exponent with which each stage grows between its two largest sizes.
``python -m tests.benches.scale again FOLDER SIZE`` tells what `dedupe` costs once a tenth more
images have come, beside a run that knows nothing of those before.

Nothing is asked of a browser: a million pictures through Chromium take days. A tenth of the
pictures are painted and the others vary one of them, as `tests.benches.shop_pairs` does, so that
a picture has as many like it at each size. All are written to files, and `scrape` takes those in
with a table of what the listings say (``origin: files``).
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import yaml
from matplotlib.figure import Figure
from PIL import Image
from rich.console import Console

from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES
from scrapers.gallery.catalogue.shop import Shop
from tests.benches.shop_pairs import BRANDS, GAMMA, SCALE, SEED, SHIFT, TURN
from tests.benches.tables import ROOT, SALON, timed

COLLECTION: Final = "shop"
SIDE: Final = 128
PAINTED: Final = 10
"""Of so many listings one is painted; the others vary one of those."""
STAGES: Final = (
    "scrape", "parse", "ingest", "dedupe", "watermark", "lists", "select", "augment", "train",
)  # fmt: skip
STEPS, BATCH = 200, 16
SCRAPE: Final = {
    "origin": "files", "path": "pictures", "as_of": "2026-11-30", "allow_unmatched": True,
}  # fmt: skip
INGEST: Final = {"sizes": [64]}
TRAIN: Final = {"batch": BATCH, "kimg": STEPS * BATCH / 1000, "warm_start": None}
_PER_FOLDER: Final = 1000


class Cost(NamedTuple):
    """A line of the CSV: one stage at one size."""

    size: int
    stage: str
    wall_s: float
    cpu_s: float
    peak_mb: float
    disk_mb: float
    """By which the stage made the project grow."""


def costs(size: int, root: Path) -> Iterator[Cost]:
    """Run what was not run yet; the pictures are painted first."""
    done = {line.stage for line in read(root.parent) if line.size == size}
    if "pictures" not in done:
        started, cpu = time.perf_counter(), time.process_time()
        make(size, root)
        wall, spent = time.perf_counter() - started, time.process_time() - cpu
        yield Cost(size, "pictures", wall, spent, 0.0, _megabytes(root))
    for stage in STAGES:
        if stage in done:
            continue
        before = _megabytes(root)
        figure = timed(size, stage, [SALON, stage, COLLECTION], root)
        grown = _megabytes(root) - before
        yield Cost(size, stage, figure.seconds, figure.cpu_seconds, figure.megabytes, grown)


def again(root: Path) -> Iterator[Cost]:
    """`dedupe` of all but the last tenth of the images, of all, and of all from nothing."""
    paths = Paths(root, COLLECTION)
    images = tables.read(paths.table("images"), IMAGES)
    command = [SALON, "dedupe", COLLECTION]
    made = []
    for what, count, is_new in (
        ("before", images.num_rows * 9 // 10, True),
        ("a tenth more", images.num_rows, False),
        ("from nothing", images.num_rows, True),
    ):
        if is_new:
            shutil.rmtree(paths.work("dedupe"), ignore_errors=True)
        tables.write(paths.table("images"), IMAGES, images[:count])
        figure = timed(count, what, command, root)
        made.append(paths.table("pairs").read_bytes())
        grown = _megabytes(paths.work("dedupe"))
        yield Cost(count, what, figure.seconds, figure.cpu_seconds, figure.megabytes, grown)
    if made[1] != made[2]:
        raise SystemExit("the pairs are not those of a run from nothing")


def make(size: int, root: Path) -> None:
    """Write the params, empty lists, and the pictures with a table of their listings."""
    pictures = root / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    sections = yaml.safe_load((ROOT / "params.yaml").read_text())["collections"]["watches"]
    sections |= {"scrape": SCRAPE, "ingest": INGEST, "train": sections["train"] | TRAIN}
    (root / "params.yaml").write_text(yaml.safe_dump({"collections": {COLLECTION: sections}}))
    (root / "curation" / "lists").mkdir(parents=True, exist_ok=True)
    catalogue = Shop(SEED, size, BRANDS)
    pool: list[Image.Image] = []
    with (pictures / "metadata.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file_name", "title", "artist", "license"])
        for listing in range(size):
            if listing < max(size // PAINTED, 1):
                watch = catalogue.watches[listing]
                data = catalogue.image(watch.pictures[0], "ExtraLarge")
                if data is None:
                    continue
                shown = _halved(data)
                pool.append(shown)
            else:
                rng = np.random.default_rng([SEED, listing])
                shown = varied(pool[listing % len(pool)], rng)
            name = f"{listing // _PER_FOLDER:04d}/{listing:07d}.jpg"
            (pictures / name).parent.mkdir(exist_ok=True)
            shown.save(pictures / name, "JPEG", quality=90)
            table.writerow([name, f"Watch no. {listing}", f"Brand {listing % BRANDS}", "CC0"])


def _halved(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    width, height = (max(SIDE, round(length / 2)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def varied(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture as another listing might show a watch like it: another pose and tone."""
    turn, scale = rng.normal(0, TURN), np.exp(rng.normal(0, SCALE))
    x, y = rng.normal(0, SHIFT * SIDE / 64, 2)
    middle_x, middle_y = picture.width / 2, picture.height / 2
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    place = (
        cos, -sin, middle_x + x - cos * middle_x + sin * middle_y,
        sin, cos, middle_y + y - sin * middle_x - cos * middle_y,
    )  # fmt: skip
    gammas = np.exp(rng.uniform(-GAMMA, GAMMA, 3))
    tones = 255 * (np.arange(256) / 255) ** gammas[:, None]
    moved = picture.transform(
        picture.size,
        Image.Transform.AFFINE,
        place,
        Image.Resampling.BILINEAR,
        fillcolor=picture.getpixel((0, 0)),
    )
    return moved.point(tones.round().astype(int).ravel().tolist())


def _megabytes(folder: Path) -> float:
    """Of all files; one with two names counts once."""
    files = (path.stat() for path in folder.rglob("*") if path.is_file())
    return sum({stat.st_ino: stat.st_size for stat in files}.values()) / 1e6


def read(folder: Path) -> list[Cost]:
    """The lines of the CSV."""
    path = folder / "scale.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [
            Cost(int(row["size"]), row["stage"], *(float(row[each]) for each in Cost._fields[2:]))
            for row in csv.DictReader(file)
        ]


def append(folder: Path, line: Cost) -> None:
    """Add a line to the CSV."""
    path = folder / "scale.csv"
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        if is_new:
            table.writerow(Cost._fields)
        table.writerow([*line[:2], *(round(number, 2) for number in line[2:])])


def chart(lines: list[Cost], path: Path) -> None:
    """CPU seconds and memory over the number of images, a line a stage, both axes logarithmic."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    panels = figure.subplots(1, 2)
    for panel, field, title in (
        (panels[0], "cpu_s", "CPU seconds"),
        (panels[1], "peak_mb", "peak memory, MB"),
    ):
        for stage in STAGES:
            of_stage = sorted(line for line in lines if line.stage == stage)
            values = [getattr(line, field) for line in of_stage]
            panel.plot([line.size for line in of_stage], values, "o-", label=stage, markersize=3)
        panel.set(xscale="log", yscale="log", xlabel="images", title=title)
        panel.grid(visible=True, linewidth=0.3)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    figure.savefig(path, metadata={"Date": None})


def exponents(lines: list[Cost]) -> Iterator[tuple[str, int, int, float]]:
    """With which power of the size the CPU time of each stage grows at the end."""
    for stage in STAGES:
        *_, first, last = sorted([line for line in lines if line.stage == stage])
        power = np.log(last.cpu_s / first.cpu_s) / np.log(last.size / first.size)
        yield stage, first.size, last.size, float(power)


def main(arguments: list[str]) -> None:
    """Measure one size, or draw all that were."""
    os.environ.update({"SALON_WORKERS": "1", "OMP_NUM_THREADS": "1"})
    what, folder, console = arguments[0], Path(arguments[1]), Console(highlight=False)
    if what == "chart":
        chart(read(folder), folder / "scale.svg")
        for stage, first, last, power in exponents(read(folder)):
            console.print(f"{stage}: {first:,} to {last:,} images, exponent {power:.2f}")
        return
    if what == "again":
        for line in again(folder.resolve() / arguments[2]):
            console.print(*line)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for line in costs(int(what), folder.resolve() / what):
        append(folder, line)
        console.print(*line)


if __name__ == "__main__":
    main(sys.argv[1:])
