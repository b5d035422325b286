"""How surely `watermark` finds a mark: recall and false alarms by opacity, share and wandering.

``python -m tests.benches.watermark [IMAGES]`` paints that many faultless watches and as many
paintings, lays a mark over a share of them at the size a site would serve, encodes them as JPEG,
and runs the stage on each case; its table stands in docs/curation.md.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
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
WORD = "sampletime24"
WIDTH, CENTRE = 0.46, (0.5, 0.66)
"""Share of the served width that the mark takes, and where its middle lies."""


@dataclass(frozen=True)
class Case:
    """A mark of ``opacity`` on a ``share`` of the images, up to ``jitter`` pixels (of 256) off."""

    opacity: float
    share: float
    jitter: int = 0


CASES = (
    Case(0.0, 0.0),
    *(Case(opacity, share) for opacity in (0.08, 0.12, 0.2, 0.35, 0.5) for share in (0.5, 0.9)),
    *(Case(opacity, share) for opacity in (0.12, 0.35) for share in (0.1, 0.2, 0.3)),
    *(Case(opacity, 0.6, jitter) for opacity in (0.12, 0.35) for jitter in (2, 4, 8)),
)


@dataclass(frozen=True)
class Result:
    """What the stage said of one case."""

    found: bool
    reach: int
    recall: float | None
    false_alarms: int
    clean: int
    lowest_marked: float | None
    """Score that 99 of 100 marked images exceed."""
    highest_clean: float | None
    cpu_ms: float
    """An image, of one process."""


def main(images: int) -> None:
    """Print the table."""
    console = Console(soft_wrap=True, markup=False, highlight=False)
    console.print(
        "| images | opacity | marked | jitter | template | recall | false | 1 % marked score below "
        "| clean up to | CPU ms |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for kind in ("watches", "paintings"):
        clean = list(islice(pictures(kind), images))
        for case in CASES:
            console.print(row(kind, case, measure(clean, case)))


def row(kind: str, case: Case, told: Result) -> str:
    """One line of the table."""
    template = f"reach {told.reach}" if told.found else "none"
    columns = [
        kind, f"{case.opacity:.2f}", f"{case.share:.0%}", f"{case.jitter} px", template,
        "-" if told.recall is None else f"{told.recall:.4f}",
        f"{told.false_alarms} of {told.clean}",
        "-" if told.lowest_marked is None else f"{told.lowest_marked:.1f}",
        "-" if told.highest_clean is None else f"{told.highest_clean:.1f}",
        f"{told.cpu_ms:.1f}",
    ]  # fmt: skip
    return f"| {' | '.join(columns)} |"


def pictures(kind: str) -> Iterator[Image.Image]:
    """Faultless pictures of a gallery without its own mark, as squares of the served size."""
    for data in _watches() if kind == "watches" else _paintings():
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        yield ImageOps.fit(picture, (SERVED, SERVED), Image.Resampling.LANCZOS)


def measure(clean: list[Image.Image], case: Case, seed: int = 5) -> Result:
    """Run the stage on ``clean`` pictures of which some are marked."""
    rng = np.random.default_rng(seed)
    is_marked = rng.permutation(len(clean)) < round(case.share * len(clean))
    served = [
        _served(_marked(picture, case, rng) if marked else picture, rng)
        for picture, marked in zip(clean, is_marked.tolist(), strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        return _told(Paths(Path(folder), "bench"), np.stack(served), is_marked)


def _told(paths: Paths, pixels: Pixels, is_marked: npt.NDArray[np.bool_]) -> Result:
    shards.write(paths.pixel_shard(STORED, "one"), pixels)
    rows = [_row(number) for number in range(len(pixels))]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    started = time.process_time()
    watermark.run(paths, Watermark())
    cpu_ms = 1000 * (time.process_time() - started) / len(pixels)
    [group] = json.loads((paths.overlay / "overlay.json").read_text())["groups"]
    score = tables.read(paths.table("watermark"), WATERMARK)["score"].to_numpy()
    said = score > MARKED_SCORE
    marked, clean = score[is_marked], score[~is_marked]
    return Result(
        found=group["found"],
        reach=group.get("reach_px", 0),
        recall=float(said[is_marked].mean()) if len(marked) else None,
        false_alarms=int(said[~is_marked].sum()),
        clean=len(clean),
        lowest_marked=_percentile(marked, 1),
        highest_clean=_percentile(clean, 100),
        cpu_ms=cpu_ms,
    )


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


def _marked(picture: Image.Image, case: Case, rng: np.random.Generator) -> Image.Image:
    mark = _mark(case.opacity)
    reach = case.jitter * SERVED / STORED
    across, down = rng.uniform(-reach, reach, 2)
    left = round(SERVED * CENTRE[0] - mark.width / 2 + across)
    top = round(SERVED * CENTRE[1] - mark.height / 2 + down)
    shown = picture.copy()
    shown.paste(mark, (left, top), mark.getchannel("A"))
    return shown


@cache
def _mark(opacity: float) -> Image.Image:
    """White letters with a thin dark edge, RGBA."""
    font = ImageFont.load_default(200)
    left, top, right, bottom = font.getbbox(WORD)
    edge = 16
    letters = Image.new("L", (round(right - left) + 2 * edge, round(bottom - top) + 2 * edge))
    ImageDraw.Draw(letters).text((edge - left, edge - top), WORD, fill=255, font=font)
    grown = letters.filter(ImageFilter.GaussianBlur(edge / 2.2)).point(lambda v: min(255, v * 3))
    mark = Image.merge("RGBA", (letters, letters, letters, grown.point(lambda v: v * opacity)))
    width = round(SERVED * WIDTH)
    return mark.resize((width, round(mark.height * width / mark.width)), Image.Resampling.LANCZOS)


def _served(picture: Image.Image, rng: np.random.Generator) -> Pixels:
    """What `ingest` keeps of ``picture`` once it was served as a JPEG."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=int(rng.integers(78, 93)))
    return resized(np.asarray(Image.open(file).convert("RGB")), "crop", (STORED,))[STORED]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
