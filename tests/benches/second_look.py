"""What the bounds of the second look and of the measuring rest on, in a folder of real pictures.

    python -m tests.benches.second_look FOLDER [--copies 100]

Copies of all kinds are planted among the pictures. For each kind it prints how many have their
original as the first and the second nearest (`NEIGHBOURS`), how far away in layout it is at most
(`FAR`), how many have it among the nearest in the tree (`LOOKED_AT`), and how well the edges of the
worst pair agree once it is laid over (`LEAST_EDGES`). Then: comparisons an image.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from curation.duplicates import second_look
from curation.duplicates.candidates import Candidates
from curation.duplicates.confirmation import Likeness
from curation.duplicates.second_look import NEIGHBOURS
from curation.duplicates.views import Glances
from pipeline.core import tables
from pipeline.core.ids import image_id_of
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.schema import IMAGES
from pipeline.stages import dedupe
from tests.benches.real_copies import ENDINGS, Item, Task, build, examined, rounds

Ranks = dict[tuple[int, int], tuple[int, float]]


def ranks(seen: Glances) -> Ranks:
    """For each two images near in layout the better rank of one among the other's, and how far."""
    parts = list(second_look._near_layouts(seen, np.zeros(len(seen.hashes), bool)))
    near = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("first", "second", "distance")
    }
    best: dict[tuple[int, int], float] = {}
    for first, second, distance in zip(*near.values(), strict=True):
        pair = int(first), int(second)
        best[pair] = min(best.get(pair, np.inf), float(distance))
    nearer: Counter[int] = Counter()
    made: Ranks = {}
    for pair, distance in sorted(best.items(), key=lambda item: item[1]):
        made[pair] = min(nearer[pair[0]], nearer[pair[1]]), distance
        nearer.update(pair)
    return made


def main() -> None:
    """Print a line for each kind of copy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", type=int, default=100)
    asked = parser.parse_args()
    files = sorted(file for file in asked.folder.rglob("*") if file.suffix.lower() in ENDINGS)
    items = examined(Task(files, "", 0))
    chosen = next(rounds([Path(item.name) for item in items], asked.copies))
    copies = {kind: examined(Task(some, kind, 0)) for kind, some in chosen.items()}
    with tempfile.TemporaryDirectory() as folder:
        everything = [*items, *(item for part in copies.values() for item in part)]
        paths, _ = build(everything, Path(folder))
        images = tables.read(paths.table("images"), IMAGES, dedupe.COLUMNS)
        seen = dedupe.look(images, paths.pixels)
        shapes = dedupe._shapes(images, seen)
        candidates = dedupe.find_candidates(images, seen, shapes, Dedupe())
        likeness = dedupe.measure(images, candidates, shapes, paths.pixels)
    report(images, items, copies, ranks(seen), candidates, likeness)


def report(
    images: pa.Table,
    items: Sequence[Item],
    copies: dict[str, list[Item]],
    near: Ranks,
    candidates: Candidates,
    likeness: Likeness,
) -> None:
    """Print the table."""
    row_of = {name: row for row, name in enumerate(images["image_id"].to_pylist())}
    rows = {item.name: row_of[_id(item)] for item in items}
    edges: dict[tuple[int, int], float] = {}
    pairs = zip(candidates.first.tolist(), candidates.second.tolist(), strict=True)
    for pair, correlation in zip(pairs, likeness.gradient_correlation.tolist(), strict=True):
        edges[pair] = max(edges.get(pair, -1.0), correlation)
    lines = Table(
        "copy", "of", "nearest", f"in {NEIGHBOURS}", "in the tree", "farthest", "compared", "edges"
    )
    for kind, some in copies.items():
        planted = [(rows[item.name], row_of[_id(item)]) for item in some]
        planted = [(min(pair), max(pair)) for pair in planted if pair[0] != pair[1]]
        places = [near[pair] for pair in planted if pair in near]
        compared = [edges[pair] for pair in planted if pair in edges]
        lines.add_row(
            kind,
            str(len(planted)),
            str(sum(rank == 0 for rank, _ in places)),
            str(sum(rank < NEIGHBOURS for rank, _ in places)),
            str(len(places)),
            f"{max((distance for _, distance in places), default=0):.1f}",
            str(len(compared)),
            f"{min(compared, default=0):.2f}",
        )
    Console().print(lines)
    Console().print(f"{len(candidates) / images.num_rows:.2f} comparisons an image")


def _id(item: Item) -> str:
    return str(image_id_of(item.facts["sha256"]))


if __name__ == "__main__":
    main()
