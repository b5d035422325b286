"""What `ingest` costs and how exact its pixels are; `make bench-curation` prints the table.

On the same files, in one run: Salon (facts, 256 and 64 pixels), the loop that one would write
(imagehash's pHash and two resizes by Pillow), and imagededup's encoder, which makes a hash and
nothing else. CPU time of one process: the contenders take turns at a whole set, and each file
counts with its least time in a few rounds. Pixels are compared with Lanczos in full precision.
``python -m tests.benches.ingest FOLDER`` takes the pictures of a folder.

``python -m tests.benches.ingest --reading`` measures the whole stage, one process, over captures in
whose tars the images lie by their ids or in any order, for several sizes of pixel shards.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
import simplejpeg
from PIL import Image
from rich.console import Console
from rich.table import Table

from curation.images.facts import examine, facts_of, look_at
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import Fetch
from pipeline.stages import ingest
from scrapers.address import AddressBook
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.outcome import Outcome
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from tests.curation.pictures import composition, encoded, resized_exactly

READ = 1024
SHARD_SIZES = (256, 1024)
ROUNDS = 7
PARAMS = Ingest(sizes=(64, 256))
PART = 64
"""Images of a full part, whose numbers are worked out together."""
MEASURED = 12
"""Files of a set whose pixels are compared."""
LANCZOS = Image.Resampling.LANCZOS
IMAGEDEDUP = ("imagededup", "PyWavelets", "scikit-learn", "narwhals", "threadpoolctl", "tqdm")
IMAGEDEDUP_FOLDER = Path("work/imagededup")


def pictures() -> dict[str, list[bytes]]:
    """JPEG files by what they show."""
    paintings, watches = Paintings(1, 60, 10), Watches(2, 60, 10)
    painted = [paintings.image(work.picture, "Large") for work in paintings.works[:24]]
    shot = [watches.image(watch.pictures[0], "ExtraLarge") for watch in watches.watches[:24]]
    sets = {
        "gallery: paintings": [data for data in painted if data and is_whole(data)],
        "gallery: watches": [data for data in shot if data and is_whole(data)],
    }
    for side, count in ((640, 16), (1280, 8), (2560, 4)):
        sets[f"photographs, {side} px"] = [photograph(seed, side) for seed in range(count)]
    return sets


def is_whole(data: bytes) -> bool:
    """Whether the gallery did not damage the file on purpose, or make it a PNG."""
    return data.startswith(b"\xff\xd8") and examine(data, PARAMS)[0].fault is None


def photograph(seed: int, side: int) -> bytes:
    """Shapes with the grain that photographs have, 4 to 3, ``side`` pixels wide."""
    size = (side, side * 3 // 4)
    shapes = np.asarray(composition(seed, (160, 120)).resize(size, Image.Resampling.BICUBIC), float)
    grain = np.random.default_rng(seed).normal(0, 12, (size[1] // 2, size[0] // 2))
    fine = Image.fromarray((grain + 128).clip(0, 255).astype(np.uint8)).resize(size)
    pixels = shapes + np.asarray(fine, float)[..., None] - 128
    return encoded(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), "JPEG", quality=88)


def decode_only(data: bytes) -> None:
    """What libjpeg takes, at the full scale."""
    simplejpeg.decode_jpeg(data, "RGB", strict=False)


def look(data: bytes) -> None:
    """What `ingest` makes of a file by itself."""
    look_at(data, PARAMS)


def loop(data: bytes) -> None:
    """One hash and two sizes, as everybody writes it."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    imagehash.phash(image)
    squared(image).resize((256, 256), LANCZOS)
    squared(image).resize((64, 64), LANCZOS)


def squared(image: Image.Image) -> Image.Image:
    """The middle of ``image``."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


CONTENDERS: dict[str, Callable[[bytes], None]] = {
    "decoder": decode_only,
    "Salon": look,
    "loop": loop,
}


def milliseconds(files: Sequence[bytes]) -> dict[str, float]:
    """CPU time an image of each contender."""
    least = {name: [float("inf")] * len(files) for name in CONTENDERS}
    for _ in range(ROUNDS):
        for name, work in CONTENDERS.items():
            for place, data in enumerate(files):
                least[name][place] = min(least[name][place], seconds(work, data))
    costs = {name: 1000 * sum(times) / len(files) for name, times in least.items()}
    costs["Salon"] += milliseconds_together(files)
    return costs


def milliseconds_together(files: Sequence[bytes]) -> float:
    """CPU time an image of what `ingest` works out for a whole part."""
    looks = [look_at(data, PARAMS) for data in files]
    part = (looks * PART)[:PART]
    return 1000 * min(seconds(facts_of, part) for _ in range(ROUNDS)) / PART


def seconds(work: Callable[[Any], object], argument: object) -> float:
    """CPU time of one call."""
    start = time.process_time()
    work(argument)
    return time.process_time() - start


ENCODER = """
import sys, time, types
# Its neural half needs torchvision, whose wheels need another torch; the hashes need neither.
for module, name in (("methods.cnn", "CNN"), ("utils.models", "CustomModel")):
    neural = types.ModuleType(f"imagededup.{module}")
    setattr(neural, name, None)
    sys.modules[neural.__name__] = neural
from imagededup.methods import PHash
encoder, files = PHash(verbose=False), sys.argv[2:]
least = [float("inf")] * len(files)
for _ in range(int(sys.argv[1])):
    for place, file in enumerate(files):
        start = time.process_time()
        encoder.encode_image(file)
        least[place] = min(least[place], time.process_time() - start)
print(1000 * sum(least) / len(files))
"""


def install_imagededup() -> str | None:
    """Put imagededup into a folder of its own; the reason where that fails."""
    if IMAGEDEDUP_FOLDER.exists():
        return None
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    done = subprocess.run(
        [*command, str(IMAGEDEDUP_FOLDER), *IMAGEDEDUP], capture_output=True, text=True, check=False
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else None


def imagededup_milliseconds(files: Sequence[bytes]) -> float:
    """CPU time of imagededup's pHash an image, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        answer = subprocess.run(
            [sys.executable, "-c", ENCODER, str(ROUNDS), *map(str, paths)],
            env={"PYTHONPATH": str(IMAGEDEDUP_FOLDER), "OMP_NUM_THREADS": "1"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return float(answer.stdout)


def decibels(files: Sequence[bytes]) -> dict[str, float]:
    """Mean peak signal to noise against Lanczos in full precision, ours and Pillow's."""
    decibels: dict[str, list[float]] = {}
    for data in files:
        middle = squared(Image.open(io.BytesIO(data)).convert("RGB"))
        ours = examine(data, PARAMS)[1]
        for size in PARAMS.sizes:
            exact = resized_exactly(np.asarray(middle), size)
            pillow = np.asarray(middle.resize((size, size), LANCZOS))
            for name, pixels in (("Salon", ours[size]), ("Pillow", pillow)):
                error = float(((pixels - exact) ** 2).mean())
                decibels.setdefault(f"{name} {size}", []).append(10 * np.log10(255**2 / error))
    return {name: float(np.mean(all_)) for name, all_ in decibels.items()}


def table_of(sets: dict[str, list[bytes]], encoder: bool) -> Table:
    """Images a CPU second, and decibels, by set of files."""
    table = Table(title="images a CPU second, and how exact the pixels are")
    for head in ("files", "decoder", "Salon", "loop", "image-\ndedup", "Salon\n/ loop",
                 "in the\ndecoder", "256: dB\n(Pillow)", "64: dB\n(Pillow)"):  # fmt: skip
        table.add_column(head, justify="left" if head == "files" else "right")
    for name, files in sets.items():
        costs, exact = milliseconds(files), decibels(files[:MEASURED])
        table.add_row(
            f"{name} ({len(files)} of {sum(map(len, files)) / len(files) / 1000:.0f} kB)",
            *(f"{1000 / costs[what]:,.0f}" for what in ("decoder", "Salon", "loop")),
            f"{1000 / imagededup_milliseconds(files):,.0f}" if encoder else "",
            f"{costs['loop'] / costs['Salon']:.2f}",
            f"{costs['decoder'] / costs['Salon']:.0%}",
            *(
                f"{exact[f'Salon {size}']:.2f} ({exact[f'Pillow {size}']:.2f})"
                for size in (256, 64)
            ),
        )
    return table


def reading() -> Table:
    """CPU time an image of the stage, by the order of the images and the size of its shards."""
    table = Table("images of a shard", "order in the tars", "ms an image", title="reading")
    kinds = [photograph(seed, 640) for seed in range(16)]
    bodies = [kinds[number % 16] + b"%08d" % number for number in range(READ)]
    by_id = sorted(bodies, key=lambda body: hashlib.sha256(body).digest())
    for order, came in (("by id", by_id), ("any", bodies)):
        with tempfile.TemporaryDirectory() as folder:
            paths = Paths(Path(folder), "paintings")
            capture(paths, came)
            for images in SHARD_SIZES:
                ingest.SHARD_IMAGES = images  # type: ignore[misc]
                shutil.rmtree(paths.work("ingest"), ignore_errors=True)
                took = 1000 * seconds(lambda paths: ingest.run(paths, PARAMS), paths) / READ
                table.add_row(str(images), order, f"{took:.2f}")
    return table


def capture(paths: Paths, bodies: Sequence[bytes]) -> None:
    """A finished capture of these images, in tars of 8 MB."""
    description = CaptureDescription("wikiart", "gallery", "2026-05-01", {})
    writer = CaptureWriter(paths.capture(description.as_of), description, AddressBook(), 8_000_000)
    for seq, body in enumerate(bodies):
        url = f"https://uploads.wikiart.org/images/{seq}.jpg"
        writer.add_image(Outcome(url, url, Fetch.FETCHED, description.as_of, body=body))
    writer.finish({})


def main(folders: Sequence[str]) -> None:
    """Print the table."""
    if folders == ["--reading"]:
        os.environ["SALON_WORKERS"] = "1"
        Console().print(reading())
        return
    sets = {
        Path(folder).name: [path.read_bytes() for path in sorted(Path(folder).iterdir())]
        for folder in folders
    } or pictures()
    console = Console(width=max(Console().width, 120))
    problem = install_imagededup()
    if problem:
        console.print(f"imagededup did not install: {problem}", markup=False)
    console.print(table_of(sets, encoder=not problem))


if __name__ == "__main__":
    main(sys.argv[1:])
