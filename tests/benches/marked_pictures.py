"""Pictures without a mark, of the gallery or of a folder, and what they are once a mark is on them.

Each is brought to the size a site would serve (a square, or its own shape), marked, encoded as JPEG
of quality 78 to 92, and squared as `ingest` does.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from curation.images.squares import resized
from pipeline.core.shards import Pixels
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.items import Defect

SERVED, STORED = 640, 256
Unit = Literal["px", "width", "height"]


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
    unit: Unit = "width"
    """What a word's width is a share of; ``px`` is the served size."""
    place: tuple[float, float] | None = None
    """Corner or middle to which the mark is tied, in each picture; by its words where there is
    none."""


def pictures(kind: str, *, in_shape: bool = False) -> Iterator[Image.Image]:
    """Pictures without a mark, of a gallery or of a folder.

    As squares of the served size, or ``in_shape``: each in its own, the longer side as long as that
    or as it was.
    """
    galleries = {"watches": _watches, "paintings": _paintings}
    for data in galleries[kind]() if kind in galleries else _files(Path(kind)):
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        if in_shape:
            picture.thumbnail((SERVED, SERVED), Image.Resampling.LANCZOS)
            yield picture
        else:
            yield ImageOps.fit(picture, (SERVED, SERVED), Image.Resampling.LANCZOS)


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


def squares(
    clean: list[Image.Image], case: Case, seed: int = 5
) -> tuple[Pixels, npt.NDArray[np.int64]]:
    """What `ingest` keeps, and the number of the mark that each image carries; the last: none."""
    rng = np.random.default_rng(seed)
    counts = [round(share * len(clean)) for share in case.shares]
    labels = np.repeat(range(len(counts) + 1), [*counts, len(clean) - sum(counts)])
    labels = rng.permutation(labels)
    kept = [
        _stored(picture if label == len(counts) else _marked(picture, case, label, rng), rng)
        for picture, label in zip(clean, labels.tolist(), strict=True)
    ]
    return np.stack(kept), labels


def _marked(picture: Image.Image, case: Case, label: int, rng: np.random.Generator) -> Image.Image:
    word = case.words[label]
    unit = {"px": SERVED, "width": picture.width, "height": picture.height}[case.unit]
    mark = _mark(word, case.opacity, round(unit * word.width))
    reach = case.jitter * SERVED / STORED
    across, down = rng.uniform(-reach, reach, 2)
    if case.place is None:
        left = round(picture.width * word.centre[0] - mark.width / 2 + across)
        top = round(picture.height * word.centre[1] - mark.height / 2 + down)
    else:
        margin = 0.03 * unit
        left = round(margin + (picture.width - mark.width - 2 * margin) * case.place[0])
        top = round(margin + (picture.height - mark.height - 2 * margin) * case.place[1])
    shown = picture.copy()
    shown.paste(mark, (left, top), mark.getchannel("A"))
    return shown


@cache
def _mark(word: Word, opacity: float, width: int) -> Image.Image:
    """White letters with a thin dark edge, RGBA."""
    font = ImageFont.load_default(200)
    left, top, right, bottom = font.getbbox(word.text)
    edge = 16
    letters = Image.new("L", (round(right - left) + 2 * edge, round(bottom - top) + 2 * edge))
    ImageDraw.Draw(letters).text((edge - left, edge - top), word.text, fill=255, font=font)
    grown = letters.filter(ImageFilter.GaussianBlur(edge / 2.2)).point(lambda v: min(255, v * 3))
    mark = Image.merge("RGBA", (letters, letters, letters, grown.point(lambda v: v * opacity)))
    return mark.resize((width, round(mark.height * width / mark.width)), Image.Resampling.LANCZOS)


def _stored(picture: Image.Image, rng: np.random.Generator) -> Pixels:
    """What `ingest` keeps of ``picture`` once it was served as a JPEG."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=int(rng.integers(78, 93)))
    return resized(np.asarray(Image.open(file).convert("RGB")), "crop", (STORED,))[STORED]
