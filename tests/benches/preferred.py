"""Whether the original is preferred to its copies: by kind of copy, on painted or on real pictures.

``python -m tests.benches.preferred [IMAGES] [FOLDER ...]`` makes copies of that many faultless
pictures of each gallery, or of each folder, saves them at a higher quality than the original had
(but for `re_encoded`), and prints the share of pairs in which the original is preferred, the share
in which nothing tells the two apart but their ids, and what the choice rests on. Its table stands
in docs/curation.md.
"""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console

from curation.images.facts import examine
from curation.selection.evidence import CopyPairs, gather
from curation.selection.preference import BY_ID, preference
from pipeline.core.params.ingest import Ingest
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.defects.copy_defects import copied
from scrapers.gallery.items import Defect
from tests.decision_tables import Row, image, inputs

HIGHER_QUALITY, ORIGINAL_QUALITY = 95, 80
TONES = ("brighter", "paler", "darker in the middle, warmer")
KINDS = (
    *((kind, kind.value, None) for kind in (
        Defect.EXACT_COPY, Defect.MIRRORED, Defect.QUARTER_TURNED, Defect.MARKED_COPY,
        Defect.RE_ENCODED, Defect.RESCALED, Defect.BLURRED, Defect.LIGHT_CROP,
    )),
    *((Defect.TONED, tone, choice) for choice, tone in enumerate(TONES)),
)  # fmt: skip
"""What is done, its name, and which of the ways. An exact copy is saved again here, at the higher
quality."""


class OneWay(np.random.Generator):
    """Numbers at random, but always one way of several."""

    def __init__(self, choice: int) -> None:
        """Take that one wherever there is a choice."""
        super().__init__(np.random.PCG64(6))
        self._choice = choice

    def integers(self, *_: object, **__: object) -> int:  # type: ignore[override]
        """The choice."""
        return self._choice


def main(images: int, folders: list[Path]) -> None:
    """Print the table."""
    console = Console(soft_wrap=True, markup=False, highlight=False)
    console.print("| pictures | copy | original | equal | because |\n|---|---|---|---|---|")
    sets = {folder.name: from_folder(folder) for folder in folders}
    for name, pictures in (sets or {"watches": shots(), "paintings": works()}).items():
        originals = [saved(picture, ORIGINAL_QUALITY) for picture in islice(pictures, images)]
        for kind, copy, choice in KINDS:
            share, equal, why = preferred(originals, kind, choice)
            console.print(f"| {name} | {copy} | {share:.2f} | {equal:.2f} | {why} |")


def preferred(
    originals: list[bytes], kind: Defect, choice: int | None = None
) -> tuple[float, float, str]:
    """The share of originals preferred to a copy of ``kind``, that of ties, and the reasons."""
    rng = np.random.default_rng(6) if choice is None else OneWay(choice)
    rows: list[Row] = []
    quality = 45 if kind is Defect.RE_ENCODED else HIGHER_QUALITY
    for number, data in enumerate(originals):
        copy = copied(Image.open(io.BytesIO(data)).convert("RGB"), kind, rng)
        rows += [measured(f"{number}a", data), measured(f"{number}b", saved(copy, quality))]
    evidence = gather(inputs(rows))
    place = {name: row for row, name in enumerate(evidence.images["image_id"].to_pylist())}
    a, b = (np.array([place[row["image_id"]] for row in rows[start::2]]) for start in (0, 1))
    edges = CopyPairs(a, b, np.zeros(len(a), bool), np.zeros(len(a)))
    order = preference(evidence, edges)
    rank = order.rank(np.sort(np.concatenate([a, b])))
    wins = rank[a] < rank[b]
    reasons = np.array(
        [
            order.why(*((original, copy) if win else (copy, original))).split(":")[0]
            for original, copy, win in zip(a.tolist(), b.tolist(), wins.tolist(), strict=True)
        ]
    )
    is_equal = reasons == BY_ID
    told = ", ".join(f"{why} {n}" for why, n in Counter(reasons.tolist()).most_common(3))
    return float((wins & ~is_equal).mean()), float(is_equal.mean()), told


def measured(name: str, data: bytes) -> Row:
    """The row of `images` of a file, all from one capture."""
    facts, _ = examine(data, Ingest())
    return image(name, **facts.row())


def saved(picture: Image.Image, quality: int) -> bytes:
    """A JPEG."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def from_folder(folder: Path) -> Iterator[Image.Image]:
    """The pictures of a folder."""
    for path in sorted(folder.glob("*.jpg")):
        yield Image.open(path).convert("RGB")


def shots() -> Iterator[Image.Image]:
    """Faultless watches of the gallery, without its mark."""
    catalogue = Watches(7, 20_000, 12)
    every = (picture for watch in catalogue.watches for picture in watch.pictures)
    clean = (picture for picture in every if not picture.defects)
    yield from _opened(catalogue.image(picture, "ExtraLarge") for picture in clean)


def works() -> Iterator[Image.Image]:
    """Faultless paintings of the gallery."""
    catalogue = Paintings(7, 20_000, 30)
    clean = (work.picture for work in catalogue.works if not work.picture.defects)
    yield from _opened(catalogue.image(picture, None) for picture in clean)


def _opened(files: Iterable[bytes | None]) -> Iterator[Image.Image]:
    for data in files:
        if data is not None:
            yield Image.open(io.BytesIO(data)).convert("RGB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, [Path(folder) for folder in sys.argv[2:]])
