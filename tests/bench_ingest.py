"""What `ingest` costs and how exact its pixels are; `make bench-curation` prints the tables.

On the same files, in one run: Salon (facts, 256 and 64 pixels), the loop that one would write
(imagehash's pHash and two resizes by Pillow), and imagededup's encoder, which makes a hash and
nothing else. CPU time of one process, for each file the least of a few rounds in which the
contenders take turns. ``python -m tests.bench_ingest FOLDER`` takes the pictures of a folder.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import imagehash
import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from curation.images.facts import examine
from pipeline.core.params.ingest import Ingest
from pipeline.core.symmetries import SYMMETRIES, apply
from scrapers.gallery import catalogue
from tests.curation.pictures import composition, encoded, resized_exactly

ROUNDS = 5
PARAMS = Ingest(sizes=(64, 256))
LANCZOS = Image.Resampling.LANCZOS
IMAGEDEDUP = ("imagededup", "PyWavelets", "scikit-learn", "narwhals", "threadpoolctl", "tqdm")
IMAGEDEDUP_FOLDER = Path("work/imagededup")


def pictures() -> dict[str, list[bytes]]:
    """JPEG files by what they show."""
    paintings, watches = catalogue.paintings(1, 60, 10), catalogue.watches(2, 60, 10)
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
    """Whether the gallery did not damage the file on purpose."""
    return examine(data, PARAMS)[0].fault is None


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
    with Image.open(io.BytesIO(data)) as image:
        image.load()


def salon(data: bytes) -> None:
    """All that `ingest` makes of a file."""
    examine(data, PARAMS)


def loop(data: bytes) -> None:
    """One hash and two sizes, as everybody writes it."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    imagehash.phash(image)
    squared(image).resize((256, 256), LANCZOS)
    squared(image).resize((64, 64), LANCZOS)


def loop_of_eight(data: bytes) -> None:
    """The same with the hashes under all eight symmetries, as Salon has them."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    pixels = np.asarray(image)
    for symmetry in SYMMETRIES:
        imagehash.phash(Image.fromarray(np.ascontiguousarray(apply(symmetry, pixels))))
    squared(image).resize((256, 256), LANCZOS)
    squared(image).resize((64, 64), LANCZOS)


def squared(image: Image.Image) -> Image.Image:
    """The middle of ``image``."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


CONTENDERS: dict[str, Callable[[bytes], None]] = {
    "decoder alone": decode_only,
    "Salon": salon,
    "loop": loop,
    "loop, eight hashes": loop_of_eight,
}


def milliseconds(files: Sequence[bytes]) -> dict[str, float]:
    """CPU time an image of each contender."""
    least = {name: [float("inf")] * len(files) for name in CONTENDERS}
    for _ in range(ROUNDS):
        for place, data in enumerate(files):
            for name, work in CONTENDERS.items():
                start = time.process_time()
                work(data)
                least[name][place] = min(least[name][place], time.process_time() - start)
    return {name: 1000 * sum(times) / len(files) for name, times in least.items()}


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


class Decibels(NamedTuple):
    """Peak signal to noise of one size against Lanczos in full precision: mean and least."""

    mean: float
    least: float


def quality(files: Sequence[bytes]) -> dict[str, Decibels]:
    """How exact the pixels are, ours and Pillow's."""
    found: dict[str, list[float]] = {}
    for data in files:
        middle = squared(Image.open(io.BytesIO(data)).convert("RGB"))
        ours = examine(data, PARAMS)[1]
        large = middle.resize((256, 256), LANCZOS)
        made = {
            "Salon 256": ours[256],
            "Pillow 256": large,
            "Salon 64": ours[64],
            "Pillow 64": middle.resize((64, 64), LANCZOS),
            "Pillow 64 from its 256": large.resize((64, 64), LANCZOS),
        }
        for name, pixels in made.items():
            exact = resized_exactly(np.asarray(middle), np.asarray(pixels).shape[0])
            error = float(((np.asarray(pixels) - exact) ** 2).mean())
            found.setdefault(name, []).append(10 * np.log10(255**2 / error))
    return {name: Decibels(float(np.mean(all_)), min(all_)) for name, all_ in found.items()}


def print_speed(sets: dict[str, list[bytes]], console: Console) -> None:
    """The table of costs."""
    problem = install_imagededup()
    if problem:
        console.print(f"imagededup did not install: {problem}", markup=False)
    table = Table("files", "what", "ms an image", "images a CPU second", "of the loop's speed")
    for name, files in sets.items():
        costs = milliseconds(files)
        if not problem:
            costs["imagededup (a hash alone)"] = imagededup_milliseconds(files)
        kilobytes = sum(map(len, files)) / len(files) / 1000
        for what, each in costs.items():
            times = "" if what == "decoder alone" else f"{costs['loop'] / each:.2f}"
            table.add_row(name, what, f"{each:.2f}", f"{1000 / each:,.0f}", times)
            name = ""
        share = costs["decoder alone"] / costs["Salon"]
        table.add_row("", f"{len(files)} files of {kilobytes:.0f} kB; in the decoder {share:.0%}")
        table.add_section()
    console.print(table)


def print_quality(sets: dict[str, list[bytes]], console: Console) -> None:
    """The table of decibels."""
    table = Table("files", "pixels", "mean dB", "least dB")
    for name, files in sets.items():
        for what, decibels in quality(files[:12]).items():
            table.add_row(name, what, f"{decibels.mean:.2f}", f"{decibels.least:.2f}")
            name = ""
        table.add_section()
    console.print(table)


def main(folders: Sequence[str]) -> None:
    """Print both tables."""
    sets = {
        Path(folder).name: [path.read_bytes() for path in sorted(Path(folder).iterdir())]
        for folder in folders
    } or pictures()
    console = Console()
    print_speed(sets, console)
    print_quality(sets, console)


if __name__ == "__main__":
    main(sys.argv[1:])
