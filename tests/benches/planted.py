"""Copies of real pictures, planted among them, and what `dedupe` measures then.

`real_copies`, `calibration` and `duplicate_bounds` stand on it.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from curation.duplicates import comparison
from curation.duplicates.candidates import Candidates, Shapes
from curation.duplicates.classification import Classified, classify
from curation.duplicates.descriptors import Descriptors
from curation.duplicates.verification import Likeness
from curation.images.facts import examine
from pipeline.core import shards, tables
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES
from pipeline.stages import dedupe

ENDINGS: Final = {".jpg", ".jpeg", ".png", ".webp"}
SHARD: Final = 512
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

DRAWN: Final = {"marked", "cropped by 3 %", "cropped by 5 %", "tilted, cut within"}
"""Kinds of which no two copies of a picture are the same."""


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


def rounds(files: Sequence[Path], copies: int) -> Iterator[dict[str, list[Path]]]:
    """Which files are copied in which way, each at most once in a round.

    Of `DRAWN` kinds there may be several copies of one file, each drawn anew.
    """
    rng = np.random.default_rng(5)
    planned = [
        (kind, number)
        for kind in COPIES
        for number in range(copies if kind in DRAWN else min(copies, len(files)))
    ]
    for start in range(0, len(planned), len(files)):
        chosen: dict[str, list[Path]] = {}
        order = rng.permutation(len(files))
        for place, (kind, _) in zip(order, planned[start : start + len(files)], strict=False):
            chosen.setdefault(kind, []).append(files[place])
        yield chosen


@dataclass(frozen=True)
class Described:
    """A collection as `dedupe` sees it before it looks for pairs."""

    images: pa.Table
    pixels: Path
    seen: Descriptors
    shapes: Shapes

    @classmethod
    def of(cls, items: Sequence[Item], root: Path) -> Described:
        """Store ``items`` below ``root`` and describe them."""
        paths, _ = build(items, root)
        images = tables.read(paths.table("images"), IMAGES, dedupe.COLUMNS)
        seen = dedupe.describe_all(images, paths.pixels)
        return cls(images, paths.pixels, seen, dedupe.shapes_of(images, seen))

    def candidates(self, params: Dedupe = EVERYTHING) -> Candidates:
        """The pairs to verify."""
        return dedupe.find_candidates(self.images, self.seen, self.shapes, params)

    def verified(self, candidates: Candidates) -> Likeness:
        """How alike they are."""
        return comparison.verify_all(self.images, candidates, self.shapes, self.pixels)

    def rows(self) -> dict[str, int]:
        """The row of each image id."""
        return {name: row for row, name in enumerate(self.images["image_id"].to_pylist())}


@dataclass(frozen=True)
class Measured:
    """All pairs of a collection that were verified, and who is who."""

    candidates: Candidates
    likeness: Likeness
    digests: npt.NDArray[np.object_]
    colourless: npt.NDArray[np.bool_]
    names: list[str]
    """The file of each row."""
    copies: dict[tuple[int, int], str]
    """The kind of each planted pair of rows."""

    def classified(self) -> Classified:
        """What `dedupe` says of them, with room for all in the queue."""
        return classify(self.candidates, self.likeness, self.digests, self.colourless, EVERYTHING)

    def columns(self, pairs: Classified) -> dict[str, npt.NDArray[Any]]:
        """What `calibration.features` is made from, and the files and kinds of the ``pairs``."""
        first, second = pairs.pairs.first.tolist(), pairs.pairs.second.tolist()
        rows = list(zip(first, second, strict=True))
        names = [frozenset((Path(self.names[a]).name, Path(self.names[b]).name)) for a, b in rows]
        counts = {"lookalikes": pairs.lookalikes, "neighbours": pairs.neighbours}
        return {
            **pairs.likeness.columns_by_name,
            **counts,
            "kind": pairs.kind,
            "chance": pairs.chance,
            "suspicion": pairs.suspicion,
            "greys": np.full(len(rows), self.colourless.mean()),
            "names": np.array(names, object),
            "copy": np.array([self.copies.get(row, "") for row in rows], object),
        }


def measured(items: Sequence[Item], planted: dict[str, list[Item]]) -> Measured:
    """Verify the pairs of ``items`` and of copies of some of them, by kind."""
    everything = [*items, *(copy for copies in planted.values() for copy in copies)]
    with tempfile.TemporaryDirectory() as folder:
        collection = Described.of(everything, Path(folder))
        candidates = collection.candidates()
        likeness = collection.verified(candidates)
    rows = collection.rows()
    names = [""] * len(rows)
    for item in reversed(everything):
        names[rows[id_of(item)]] = item.name
    digests = collection.images["pixel_digest"].to_numpy()
    return Measured(
        candidates,
        likeness,
        digests,
        collection.seen.colourless,
        names,
        planted_pairs(items, planted, rows),
    )


def planted_pairs(
    items: Sequence[Item], planted: dict[str, list[Item]], rows: dict[str, int]
) -> dict[tuple[int, int], str]:
    """The kind of each pair of a picture and its copy, by their rows; none of one id."""
    own = {item.name: rows[id_of(item)] for item in items}
    pairs = {}
    for kind, copies in planted.items():
        for copy in copies:
            ends = own[copy.name], rows[id_of(copy)]
            if ends[0] != ends[1]:
                pairs[min(ends), max(ends)] = kind
    return pairs


def id_of(item: Item) -> str:
    """The image id that an item gets."""
    return str(image_id_of(item.facts["sha256"]))


def files_in(folder: Path, first: int | None = None) -> list[Path]:
    """The pictures of a folder, at most so many."""
    return sorted(f for f in folder.rglob("*") if f.suffix.lower() in ENDINGS)[:first]


def listed(file: Path | None) -> set[frozenset[str]]:
    """The pairs of a list: two file names a line, the rest of it is for people."""
    lines = file.read_text().splitlines() if file else []
    return {frozenset(line.split()[:2]) for line in lines if line[:1] not in ("", "#")}
