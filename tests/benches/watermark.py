"""How surely `watermark` finds marks, on painted or real pictures, and what its constants do.

    python -m tests.benches.watermark [IMAGES] [FOLDER ...]
    python -m tests.benches.watermark [IMAGES] [FOLDER ...] --several
    python -m tests.benches.watermark [IMAGES] [FOLDER ...] --vary clusters.MAX_BETWEEN .05 .1 .2

The first takes that many faultless watches and as many paintings of the gallery, or the pictures of
each folder, brings them to the size a site would serve, lays a mark over a share of them, encodes
them as JPEG, and runs the stage on each case. ``--several`` lays the marks of three shops, in
places of their own or in one. ``--vary`` gives a constant of a module of `curation.watermark`
other values in turn and runs the cases that are hardest. Tables stand in docs/curation.md.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps
from rich.console import Console

from curation.images.squares import resized
from curation.watermark.overlay import MARKED_SCORE
from pipeline.core import shards, tables
from pipeline.core.params.watermark import Watermark
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, WATERMARK
from pipeline.core.shards import Pixels
from pipeline.stages import watermark
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.items import Defect

SERVED, STORED = 640, 256


@dataclass(frozen=True)
class Word:
    """A mark: what it says, the share of the width that it takes, and where its middle lies."""

    text: str
    width: float
    centre: tuple[float, float]


SITE = (Word("sampletime24", 0.46, (0.5, 0.66)),)
SHOPS = (
    *SITE,
    Word("ArtShop.example", 0.34, (0.78, 0.93)),
    Word("montres-nord", 0.5, (0.35, 0.12)),
)
ONE_PLACE = tuple(
    Word(text, 0.46, (0.5, 0.66)) for text in ("sampletime24", "artshop.eu", "dunord")
)


@dataclass(frozen=True)
class Case:
    """Marks of ``opacity`` on ``shares`` of the images, up to ``jitter`` pixels (of 256) off."""

    opacity: float
    shares: tuple[float, ...]
    jitter: int = 0
    words: tuple[Word, ...] = SITE


NONE = Case(0.0, ())
CASES = (
    NONE,
    *(Case(opacity, (share,)) for opacity in (0.08, 0.12, 0.2, 0.35, 0.5) for share in (0.5, 0.9)),
    *(Case(opacity, (share,)) for opacity in (0.12, 0.35) for share in (0.1, 0.2, 0.3)),
    *(Case(opacity, (0.6,), jitter) for opacity in (0.12, 0.35) for jitter in (2, 4, 8)),
)
SEVERAL = tuple(
    Case(opacity, shares, words=words)
    for words in (SHOPS, ONE_PLACE)
    for opacity in (0.35, 0.2)
    for shares in ((0.2, 0.1, 0.05), (0.3, 0.3, 0.3))
)
HARDEST = (
    NONE,
    Case(0.12, (0.5,)),
    Case(0.35, (0.6,), jitter=4),
    Case(0.2, (0.2, 0.1, 0.05), words=SHOPS),
    Case(0.35, (0.2, 0.1, 0.05), words=ONE_PLACE),
)


@dataclass(frozen=True)
class Result:
    """What the stage said of one case."""

    templates: int
    recall: tuple[float, ...]
    """Of each mark."""
    own: float
    """Share of the marked images with a score that are counted for one and the same mark as most
    of those with their mark, and whose mark no other has."""
    false_alarms: int
    clean: int
    lowest_marked: float | None
    """Score that 99 of 100 marked images exceed."""
    highest_clean: float | None
    cpu_ms: float
    """An image, of one process."""


def main(arguments: argparse.Namespace) -> None:
    """Print the table."""
    os.environ["SALON_WORKERS"] = "1"  # CPU time is that of this process
    console = Console(soft_wrap=True, markup=False, highlight=False)
    console.print(
        "| images | opacity | marked | jitter | templates | recall | of their own mark | false "
        "| 1 % marked score below | clean up to | CPU ms |\n" + "|---" * 11 + "|"
    )
    cases = SEVERAL if arguments.several else HARDEST if arguments.vary else CASES
    for kind in arguments.folders or ["watches", "paintings"]:
        clean = list(islice(pictures(kind), arguments.images))
        for value in arguments.vary[1:] if arguments.vary else [None]:
            if value is not None:
                constant = arguments.vary[0]
                console.print(f"{constant} = {value}: {_set(constant, float(value))} modules")
            for case in cases:
                console.print(row(Path(kind).name, case, measure(clean, case)))


def _set(constant: str, value: float) -> int:
    """Give a constant another value in each module of `curation.watermark` that has it."""
    home, name = constant.split(".")
    was = getattr(importlib.import_module(f"curation.watermark.{home}"), name)
    modules = [
        importlib.import_module(f"curation.watermark.{path.stem}")
        for path in Path(importlib.import_module("curation.watermark").__path__[0]).glob("*.py")
    ]
    having = [module for module in modules if getattr(module, name, None) == was]
    for module in having:
        setattr(module, name, type(was)(value))
    return len(having)


def row(kind: str, case: Case, told: Result) -> str:
    """One line of the table."""
    columns = [
        kind, f"{case.opacity:.2f}", ", ".join(f"{share:.0%}" for share in case.shares) or "none",
        f"{case.jitter} px", str(told.templates),
        ", ".join(f"{recall:.3f}" for recall in told.recall) or "-",
        f"{told.own:.3f}" if told.recall else "-",
        f"{told.false_alarms} of {told.clean}",
        "-" if told.lowest_marked is None else f"{told.lowest_marked:.1f}",
        "-" if told.highest_clean is None else f"{told.highest_clean:.1f}",
        f"{told.cpu_ms:.1f}",
    ]  # fmt: skip
    return f"| {' | '.join(columns)} |"


def pictures(kind: str) -> Iterator[Image.Image]:
    """Pictures without a mark, as squares of the served size: of a gallery, or of a folder."""
    galleries = {"watches": _watches, "paintings": _paintings}
    for data in galleries[kind]() if kind in galleries else _files(Path(kind)):
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        yield ImageOps.fit(picture, (SERVED, SERVED), Image.Resampling.LANCZOS)


def measure(clean: list[Image.Image], case: Case, seed: int = 5) -> Result:
    """Run the stage on ``clean`` pictures of which some are marked."""
    rng = np.random.default_rng(seed)
    counts = [round(share * len(clean)) for share in case.shares]
    labels = np.repeat(range(len(counts) + 1), [*counts, len(clean) - sum(counts)])
    labels = rng.permutation(labels)
    served = [
        _served(picture if label == len(counts) else _marked(picture, case, label, rng), rng)
        for picture, label in zip(clean, labels.tolist(), strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        return _told(Paths(Path(folder), "bench"), np.stack(served), labels, len(counts))


def _told(paths: Paths, pixels: Pixels, labels: npt.NDArray[np.int64], marks: int) -> Result:
    shards.write(paths.pixel_shard(STORED, "one"), pixels)
    rows = [_row(number) for number in range(len(pixels))]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    started = time.process_time()
    watermark.run(paths, Watermark())
    cpu_ms = 1000 * (time.process_time() - started) / len(pixels)
    [group] = json.loads((paths.overlay / "overlay.json").read_text())["groups"]
    table = tables.read(paths.table("watermark"), WATERMARK)
    score, template = table["score"].to_numpy(), np.array(table["template"].to_pylist(), object)
    said = score > MARKED_SCORE
    is_clean = labels == marks
    return Result(
        templates=len(group["marks"]),
        recall=tuple(float(said[labels == mark].mean()) for mark in range(marks)),
        own=_own([template[(labels == mark) & said].tolist() for mark in range(marks)]),
        false_alarms=int(said[is_clean].sum()),
        clean=int(is_clean.sum()),
        lowest_marked=_percentile(score[~is_clean], 1),
        highest_clean=_percentile(score[is_clean], 100),
        cpu_ms=cpu_ms,
    )


def _own(templates: list[list[str]]) -> float:
    usual = [Counter(names).most_common(1)[0] if names else ("", 0) for names in templates]
    firsts = {name: count for name, count in sorted(usual, key=lambda pair: pair[1]) if name}
    return sum(firsts.values()) / max(sum(map(len, templates)), 1)


def _percentile(scores: npt.NDArray[Any], share: float) -> float | None:
    known = scores[~np.isnan(scores.astype(float))]
    return float(np.percentile(known, share)) if len(known) else None


def _row(number: int) -> dict[str, Any]:
    known: dict[str, Any] = {
        "image_id": f"{number:024x}",
        "sha256": f"{number:064x}",
        "capture": "bench",
    }
    known |= {"shard": "one", "row": number, "bytes": 1, "width": SERVED, "height": SERVED}
    return {**dict.fromkeys(IMAGES.arrow.names), **known}


def _watches() -> Iterator[bytes]:
    catalogue = Watches(7, 20_000, 12)
    for watch in catalogue.watches:
        for picture in watch.pictures:
            if set(picture.defects) <= {Defect.WATERMARK}:
                data = catalogue.image(replace(picture, defects=()), "ExtraLarge")
                if data is not None:
                    yield data


def _paintings() -> Iterator[bytes]:
    catalogue = Paintings(7, 20_000, 30)
    for work in catalogue.works:
        data = catalogue.image(work.picture, None) if not work.picture.defects else None
        if data is not None:
            yield data


def _files(folder: Path) -> Iterator[bytes]:
    files = sorted(folder.glob("*.jpg"))
    for place in np.random.default_rng(1).permutation(len(files)).tolist():
        yield files[place].read_bytes()


def _marked(picture: Image.Image, case: Case, label: int, rng: np.random.Generator) -> Image.Image:
    word = case.words[label]
    mark = _mark(word, case.opacity)
    reach = case.jitter * SERVED / STORED
    across, down = rng.uniform(-reach, reach, 2)
    left = round(SERVED * word.centre[0] - mark.width / 2 + across)
    top = round(SERVED * word.centre[1] - mark.height / 2 + down)
    shown = picture.copy()
    shown.paste(mark, (left, top), mark.getchannel("A"))
    return shown


@cache
def _mark(word: Word, opacity: float) -> Image.Image:
    """White letters with a thin dark edge, RGBA."""
    font = ImageFont.load_default(200)
    left, top, right, bottom = font.getbbox(word.text)
    edge = 16
    letters = Image.new("L", (round(right - left) + 2 * edge, round(bottom - top) + 2 * edge))
    ImageDraw.Draw(letters).text((edge - left, edge - top), word.text, fill=255, font=font)
    grown = letters.filter(ImageFilter.GaussianBlur(edge / 2.2)).point(lambda v: min(255, v * 3))
    mark = Image.merge("RGBA", (letters, letters, letters, grown.point(lambda v: v * opacity)))
    width = round(SERVED * word.width)
    return mark.resize((width, round(mark.height * width / mark.width)), Image.Resampling.LANCZOS)


def _served(picture: Image.Image, rng: np.random.Generator) -> Pixels:
    """What `ingest` keeps of ``picture`` once it was served as a JPEG."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=int(rng.integers(78, 93)))
    return resized(np.asarray(Image.open(file).convert("RGB")), "crop", (STORED,))[STORED]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="?", type=int, default=2000)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--several", action="store_true")
    parser.add_argument("--vary", nargs="+", metavar=("CONSTANT", "VALUE"))
    main(parser.parse_args())
