"""How `dedupe` does on a folder of real pictures, and on copies made of them.

    python -m tests.benches.real_copies FOLDER [--copies 150] [--sheets DIR] [--distinct FILE]

First it measures the folder as it is: seconds, memory, pairs; ``--sheets`` writes contact sheets of
all near pairs and of the first 100 doubtful ones, to be looked at, and ``--distinct`` names a file
of pairs (two file names a line) that are two things. Then it adds copies, at most one of each
picture at a time, and counts by kind how many are near, and how many at least asked about: those
that are as likely as the last pair in the queue of the pictures as they were. (Planted, copies are
a third of the collection, and no queue has room for them all.)
"""

from __future__ import annotations

import argparse
import io
import resource
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps
from rich.console import Console
from rich.table import Table

from curation.duplicates.judgement import room
from curation.images.facts import examine
from pipeline.core import engine, shards, tables
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, PAIRS, PairKind
from pipeline.stages import dedupe

ENDINGS: Final = {".jpg", ".jpeg", ".png", ".webp"}
SHARD: Final = 512
SHOWN: Final = 100
EVERYTHING: Final = Dedupe(max_doubtful_per_thousand=100_000, min_doubtful_chance=0)
"""No pair that was measured is left out of the queue."""

Picture = Image.Image
Change = Callable[[Picture, np.random.Generator], Picture]


def _marked(picture: Picture, rng: np.random.Generator) -> Picture:
    """A shop's name over it, somewhere, at some opacity."""
    width, height = picture.size
    letters = Image.new("L", picture.size)
    font = ImageFont.load_default(max(8, round(0.07 * width)))
    place = width * rng.uniform(0.1, 0.4), height * rng.uniform(0.2, 0.8)
    strength = round(255 * rng.uniform(0.35, 0.6))
    ImageDraw.Draw(letters).text(place, "www.artshop.com", fill=strength, font=font)
    made = picture.copy()
    made.paste((255, 255, 255) if rng.random() < 0.7 else (90, 90, 90), mask=letters)
    return made


def _cropped(share: float, *, each_side: bool = False) -> Change:
    def crop(picture: Picture, rng: np.random.Generator) -> Picture:
        width, height = picture.size
        cut_x, cut_y = (2 if each_side else 1) * share * width, share * height
        cut_y *= 2 if each_side else 1
        left, top = (0.5, 0.5) if each_side else rng.random(2)
        left, top = cut_x * left, cut_y * top
        return picture.crop(
            (round(left), round(top), round(width - cut_x + left), round(height - cut_y + top))
        )

    return crop


def _tilted(picture: Picture, rng: np.random.Generator) -> Picture:
    """Turned by 1 to 2.2 degrees, and cut within."""
    angle = rng.uniform(1, 2.2) * rng.choice([-1, 1])
    width, height = picture.size
    slope = np.tan(np.deg2rad(abs(angle)))
    x, y = np.ceil(height * slope / 2) + 1, np.ceil(width * slope / 2) + 1
    turned = picture.rotate(angle, Image.Resampling.BICUBIC)
    return turned.crop((int(x), int(y), int(width - x), int(height - y)))


def _squashed(picture: Picture, rng: np.random.Generator) -> Picture:
    """To a square; a square to three quarters of its width."""
    short = min(picture.size)
    size = (short, short) if picture.width != picture.height else (round(short * 0.75), short)
    return picture.resize(size, Image.Resampling.LANCZOS)


def _middle(picture: Picture, rng: np.random.Generator) -> Picture:
    return ImageOps.fit(picture, (min(picture.size),) * 2)


def _toned(picture: Picture, rng: np.random.Generator) -> Picture:
    brighter = ImageEnhance.Brightness(picture).enhance(1.1)
    return ImageEnhance.Contrast(brighter).enhance(1.12)


COPIES: Final[dict[str, Change]] = {
    "saved at quality 50": lambda picture, _: picture,
    "half the size": lambda picture, _: picture.resize(
        (picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS
    ),
    "mirrored": lambda picture, _: ImageOps.mirror(picture),
    "marked": _marked,
    "toned (x 1.1, + 12 %)": _toned,
    "paler (x 0.75)": lambda picture, _: ImageEnhance.Contrast(picture).enhance(0.75),
    "cropped by 3 %": _cropped(0.03),
    "cropped by 5 %": _cropped(0.05),
    "cropped by 5 % a side": _cropped(0.05, each_side=True),
    "middle square": _middle,
    "squashed": _squashed,
    "grey": lambda picture, _: picture.convert("L").convert("RGB"),
    "tilted, cut within": _tilted,
    "border of 6 %": lambda picture, _: ImageOps.expand(
        picture, round(0.06 * min(picture.size)), "white"
    ),
}


@dataclass(frozen=True)
class Item:
    """A picture as `ingest` would store it."""

    name: str
    facts: dict[str, Any]
    pixels: Any


@dataclass(frozen=True)
class Task:
    """Pictures to examine, each as it is or as a copy of some kind."""

    files: Sequence[Path]
    kind: str
    seed: int


def examined(task: Task) -> list[Item]:
    """The pictures of a task that can be decoded."""
    rng = np.random.default_rng(task.seed)
    items = []
    for file in task.files:
        data = _copy(file, task.kind, rng) if task.kind else file.read_bytes()
        facts, pixels = examine(data, Ingest(sizes=(64,)))
        if pixels:
            items.append(Item(str(file), facts.row() | {"sha256": sha256_hex(data)}, pixels[64]))
    return items


def _copy(file: Path, kind: str, rng: np.random.Generator) -> bytes:
    with Image.open(file) as opened:
        made = COPIES[kind](opened.convert("RGB"), rng)
    buffer = io.BytesIO()
    made.save(buffer, "JPEG", quality=50 if "quality" in kind else 85)
    return buffer.getvalue()


def build(items: Sequence[Item], root: Path) -> tuple[Paths, dict[str, list[str]]]:
    """What `ingest` would make of ``items``, and the names that each image id has."""
    paths = Paths(root, "pictures")
    rows: dict[str, dict[str, Any]] = {}
    names: dict[str, list[str]] = {}
    for start in range(0, len(items), SHARD):
        shard = f"{start // SHARD:05d}"
        with shards.appending(paths.pixel_shard(64, shard), 64) as append:
            for row, item in enumerate(items[start : start + SHARD]):
                append(item.pixels)
                image_id = image_id_of(item.facts["sha256"])
                names.setdefault(image_id, []).append(item.name)
                place = {"image_id": image_id, "shard": shard, "row": row, "capture": "1"}
                rows.setdefault(image_id, item.facts | place)
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, list(rows.values())))
    return paths, names


def pairs_of(paths: Paths, params: Dedupe) -> list[dict[str, Any]]:
    """Run the stage, and read what it wrote, the likeliest first."""
    dedupe.run(paths, params)
    rows = tables.read(paths.table("pairs"), PAIRS).to_pylist()
    return sorted(rows, key=lambda row: (-row["chance"], row["a"], row["b"]))


def rounds(files: Sequence[Path], copies: int) -> Iterator[dict[str, list[Path]]]:
    """Which files are copied in which way, each at most once in a round."""
    rng = np.random.default_rng(5)
    count = min(copies, len(files))
    planned = [(kind, number) for kind in COPIES for number in range(count)]
    for start in range(0, len(planned), len(files)):
        chosen: dict[str, list[Path]] = {}
        order = rng.permutation(len(files))
        for place, (kind, _) in zip(order, planned[start : start + len(files)], strict=False):
            chosen.setdefault(kind, []).append(files[place])
        yield chosen


def least_chance(rows: Sequence[dict[str, Any]], images: int, params: Dedupe) -> float:
    """The chance from which on a pair more would come to the queue of a collection."""
    queued = [row["chance"] for row in rows if row["kind"] == PairKind.DOUBTFUL]
    is_full = len(queued) >= room(images, params)
    return min(queued) if is_full else params.min_doubtful_chance


def recall(
    files: Sequence[Path], items: list[Item], copies: int, least: float
) -> dict[str, Counter[str]]:
    """For each kind of copy: how many there are, and what was said of each with its original.

    Args:
        files: the originals.
        items: all pictures, as `ingest` would store them.
        copies: how many of each kind.
        least: the chance from which on a pair is asked about.
    """
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in COPIES}
    ids = {item.name: image_id_of(item.facts["sha256"]) for item in items}
    for number, chosen in enumerate(rounds(files, copies)):
        tasks = [Task(some, kind, number) for kind, some in chosen.items()]
        made = list(engine.run(examined, tasks, title="copies"))
        with tempfile.TemporaryDirectory() as folder:
            paths, _ = build([*items, *(item for part in made for item in part)], Path(folder))
            said = {
                (row["a"], row["b"]): row["kind"]
                for row in pairs_of(paths, EVERYTHING)
                if row["chance"] >= least
            }
        for task, part in zip(tasks, made, strict=True):
            for item in part:
                own, copy = ids[item.name], image_id_of(item.facts["sha256"])
                pair = min(own, copy), max(own, copy)
                kind = PairKind.EXACT if own == copy else said.get(pair, "")
                counts[task.kind]["of"] += 1
                counts[task.kind]["near"] += kind in (PairKind.EXACT, PairKind.NEAR)
                counts[task.kind]["queued"] += kind == PairKind.DOUBTFUL
    return counts


def sheet(pairs: Sequence[tuple[Path, Path, str]], path: Path, side: int = 120) -> None:
    """Pairs of pictures side by side, each with a note, six in a row."""
    columns = 6
    lines = -(-len(pairs) // columns)
    made = Image.new("RGB", (columns * (2 * side + 14), max(lines, 1) * (side + 14)), "grey")
    pen = ImageDraw.Draw(made)
    for number, (first, second, note) in enumerate(pairs):
        x, y = number % columns * (2 * side + 14), number // columns * (side + 14)
        for place, file in enumerate((first, second)):
            with Image.open(file) as opened:
                shown = ImageOps.contain(opened.convert("RGB"), (side, side))
                made.paste(shown, (x + place * side, y))
        pen.text((x, y + side), f"{number} {note}", fill="yellow")
    made.save(path)


def _note(row: dict[str, Any]) -> str:
    measured = f"e{row['edge_distance']:.2f} r{row['region_distance']:.1f}"
    return f"{row['chance']:.2f} {measured} {row['suspicion'] or row['symmetry']}"


def sheets(
    rows: Sequence[dict[str, Any]], names: dict[str, list[str]], files: Sequence[Path], folder: Path
) -> None:
    """Write contact sheets of the near and of the first doubtful pairs."""
    by_name = {str(file): file for file in files}
    folder.mkdir(parents=True, exist_ok=True)
    for kind, most in ((PairKind.NEAR, len(rows)), (PairKind.DOUBTFUL, SHOWN)):
        chosen = [row for row in rows if row["kind"] == kind]
        if kind == PairKind.NEAR:
            chosen.sort(key=lambda row: row["edge_distance"] / 0.15 + row["region_distance"] / 2.6)
        told = [
            (
                by_name[names[row["a"]][0]],
                by_name[names[row["b"]][0]],
                _note(row),
            )
            for row in chosen[:most]
        ]
        for start in range(0, len(told), 60):
            sheet(told[start : start + 60], folder / f"{kind}-{start // 60}.png")


def _base(name: str) -> str:
    return Path(name).name


def wrongly_near(
    rows: Sequence[dict[str, Any]], names: dict[str, list[str]], file: Path
) -> list[tuple[str, str]]:
    """Pairs of ``file`` that are called near."""
    near = {
        frozenset((a, b))
        for row in rows
        if row["kind"] == PairKind.NEAR
        for a in map(_base, names[row["a"]])
        for b in map(_base, names[row["b"]])
    }
    lines = [line.split() for line in file.read_text().splitlines() if line[:1] not in ("", "#")]
    return [(a, b) for a, b, *_ in lines if frozenset((a, b)) in near]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", type=int, default=150)
    parser.add_argument("--first", type=int, help="take only so many files")
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--distinct", type=Path)
    asked = parser.parse_args()
    params = Dedupe()
    files = sorted(f for f in asked.folder.rglob("*") if f.suffix.lower() in ENDINGS)[: asked.first]
    tasks = [Task(files[start : start + 128], "", 0) for start in range(0, len(files), 128)]
    items = [item for part in engine.run(examined, tasks, title="examine") for item in part]
    with tempfile.TemporaryDirectory() as folder:
        paths, names = build(items, Path(folder))
        used = _cpu()
        rows = pairs_of(paths, params)
        used = _cpu() - used
    least = least_chance(rows, len(names), params)
    kinds = Counter(row["kind"] for row in rows)
    peak = max(resource.getrusage(who).ru_maxrss for who in _WHO) / 1024
    console = Console()
    console.print(
        f"{len(items):,} pictures: {used:.1f} s of CPU, at most {peak:,.0f} MB a process; "
        f"{kinds[PairKind.EXACT]} exact, {kinds[PairKind.NEAR]} near, "
        f"{kinds[PairKind.DOUBTFUL]} doubtful pairs"
    )
    if asked.distinct:
        console.print(f"wrongly near: {wrongly_near(rows, names, asked.distinct)}")
    if asked.sheets:
        sheets(rows, names, files, asked.sheets)
    if asked.copies:
        by_name = {item.name for item in items}
        known = [file for file in files if str(file) in by_name]
        table = Table("copy", "of", "near", "near or queued")
        for kind, count in recall(known, items, asked.copies, least).items():
            near, of = count["near"], max(count["of"], 1)
            both = near + count["queued"]
            table.add_row(kind, str(count["of"]), f"{near / of:.1%}", f"{both / of:.1%}")
        console.print(table)


_WHO: Final = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu() -> float:
    """CPU seconds of this process and of those it started."""
    used = [resource.getrusage(who) for who in _WHO]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


if __name__ == "__main__":
    main()
