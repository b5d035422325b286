"""How well `dedupe` tells copies from other works; `make bench-curation` prints the table.

Three collections of the gallery's pictures, with many more copies than it usually holds: colour
fields, watches on paper (product shots) and watches on cloth (photographs with texture). Each
kind of copy is counted by what `dedupe` said of it and its original, and each two pictures that
are not of one work by whether it took them for one.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from curation.images.facts import examine
from pipeline.core import engine, shards, tables
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.load import load_params
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, PAIRS, PairKind
from pipeline.stages import dedupe
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.defects.copy_defects import COPIES
from scrapers.gallery.items import Defect, Picture

WORKS = 2000
COUNTS = dict.fromkeys((*COPIES, Defect.COLOURWAY), 12)
"""Of 240: of 2,000 works a hundred of each kind, and 700 faultless ones."""
SHARD = 250
ROOT = Path(__file__).parents[2]

PAPER, CLOTH = "product shots", "photographs"
FIELDS = "colour fields"
COLLECTIONS = {FIELDS: "paintings", PAPER: "watches", CLOTH: "watches"}
"""And the collection of params.yaml whose params each is measured with."""


@dataclass(frozen=True)
class Shown:
    """What is known of one picture."""

    image_id: str
    work: str
    """Key of the picture it shows: its own, or that of which it is a copy."""
    kind: str
    """Defect, or nothing."""
    marked: bool
    """Whether the site laid its mark over it."""


@dataclass(frozen=True)
class Part:
    """Pictures of one pixel shard."""

    collection: str
    works: int
    rows: range


def catalogue(collection: str, works: int) -> Paintings | Watches:
    """The pictures of one of `COLLECTIONS`."""
    if collection == FIELDS:
        return Paintings(11, works, 40, counts=COUNTS)
    return Watches(12, works, 24, counts=COUNTS, on_cloth=1.0 if collection == CLOTH else 0.0)


def picture_of(gallery: Paintings | Watches, row: int) -> tuple[Picture, bytes]:
    """The first picture of a work, and its bytes as the scraper would get them."""
    if isinstance(gallery, Paintings):
        picture = gallery.works[row].picture
        data = gallery.image(picture, "Large") or gallery.image(picture, None)
    else:
        picture = gallery.watches[row].pictures[0]
        data = gallery.image(picture, "ExtraLarge")
    assert data is not None
    return picture, data


def painted(part: Part) -> list[tuple[Shown, dict[str, Any], Any]]:
    """What is known, the facts and the small pixels of each picture of a part."""
    gallery = catalogue(part.collection, part.works)
    pictures = []
    for row in part.rows:
        picture, data = picture_of(gallery, row)
        facts, pixels = examine(data, Ingest(sizes=(64,)))
        kinds = [defect for defect in picture.defects if defect is not Defect.WATERMARK]
        sha256 = sha256_hex(data)
        shown = Shown(
            image_id_of(sha256),
            picture.original or picture.key,
            kinds[0] if kinds else "",
            Defect.WATERMARK in picture.defects,
        )
        pictures.append((shown, facts.row() | {"sha256": sha256}, pixels[64]))
    return pictures


def build(collection: str, works: int, root: Path) -> tuple[Paths, list[Shown]]:
    """Paint a collection, and write what `ingest` would make of it."""
    paths = Paths(root / collection.replace(" ", "-"), COLLECTIONS[collection])
    parts = [
        Part(collection, works, range(start, min(start + SHARD, works)))
        for start in range(0, works, SHARD)
    ]
    rows: dict[str, dict[str, Any]] = {}
    known: list[Shown] = []
    for number, pictures in enumerate(engine.run(painted, parts, title=f"paint {collection}")):
        shard = f"{number:05d}"
        with shards.appending(paths.pixel_shard(64, shard), 64) as append:
            for row, (shown, facts, pixels) in enumerate(pictures):
                append(pixels)
                known.append(shown)
                place = {"image_id": shown.image_id, "shard": shard, "row": row, "capture": "1"}
                rows.setdefault(shown.image_id, facts | place)
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, list(rows.values())))
    return paths, known


@dataclass(frozen=True)
class Said:
    """What `dedupe` said of a collection."""

    pairs: set[tuple[str, str]]
    doubtful: set[tuple[str, str]]


def measure(paths: Paths, params: Dedupe) -> Said:
    """Run the stage, and read what it wrote."""
    dedupe.run(paths, params)
    said = Said(set(), set())
    for row in tables.read(paths.table("pairs"), PAIRS).to_pylist():
        queue = row["kind"] == PairKind.DOUBTFUL
        (said.doubtful if queue else said.pairs).add((row["a"], row["b"]))
    return said


def recall(known: Sequence[Shown], said: Said) -> Iterator[tuple[str, int, int, int]]:
    """For each kind of copy: how many there are, are near, and were left to a person."""
    originals = {shown.work: shown for shown in known if shown.kind in ("", Defect.COLOURWAY)}
    for kind in COPIES:
        copies = [shown for shown in known if shown.kind == kind]
        seen = queued = 0
        for shown in copies:
            other = originals[shown.work].image_id
            pair = min(shown.image_id, other), max(shown.image_id, other)
            seen += shown.image_id == other or pair in said.pairs
            queued += pair in said.doubtful
        yield kind, len(copies), seen, queued


def strangers(known: Sequence[Shown], said: Said) -> tuple[set[tuple[str, str]], float]:
    """The pairs that show two works, and how many they are in a million that do."""
    works: dict[str, set[str]] = {}
    for shown in known:
        works.setdefault(shown.image_id, set()).add(shown.work)
    wrong = {(a, b) for a, b in said.pairs if not works[a] & works[b]}
    members = Counter(work for shown in works.values() for work in shown)
    same = sum(count * (count - 1) // 2 for count in members.values())
    return wrong, 1e6 * len(wrong) / (len(works) * (len(works) - 1) // 2 - same)


def main() -> None:
    """Print one table, a column a collection; the number of works may be given."""
    works = int(sys.argv[1]) if len(sys.argv) > 1 else WORKS
    table = Table("copies", *COLLECTIONS)
    lines: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for collection, section in COLLECTIONS.items():
            paths, known = build(collection, works, Path(folder))
            said = measure(paths, load_params(ROOT / "params.yaml").collection(section).dedupe)
            for kind, count, seen, queued in recall(known, said):
                rest = f", {queued} more to look at" if queued else ""
                lines.setdefault(kind, []).append(f"{seen} of {count}{rest}")
            wrong, rate = strangers(known, said)
            lines.setdefault("pairs of two works", []).append(f"{len(wrong)}, {rate:.1f} in 1e6")
            lost = {image for pair in wrong for image in pair}
            colourways = {shown.image_id for shown in known if shown.kind == Defect.COLOURWAY}
            lines.setdefault("colourways lost", []).append(
                f"{len(lost & colourways)} of {len(colourways)}"
            )
    for name, cells in lines.items():
        table.add_row(name.replace("_", " "), *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
