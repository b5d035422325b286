"""What the bounds of `curation.duplicates` rest on, in a folder of real pictures.

    python -m tests.benches.duplicate_bounds FOLDER [--copies 100] [--same FILE]
    python -m tests.benches.duplicate_bounds FOLDER --vary MODULE.NAME VALUE...

Copies of all kinds are planted among the pictures. Without ``--vary`` it prints, for each kind of
copy and for the folder's own pairs (but for those of ``--same``, which are one by eye), what the
bounds are about: how many copies are candidates, how far their layouts are apart, and of each
measure of `verify` the median and the extreme.

With ``--vary`` it measures anew with each of the values in the place of a constant, for example
``bounds.STRICT_REGION 1.2 1.5 1.8`` or ``tone.MOST_TINT .015 .03 .06``, and prints in a line for
each how many comparisons an image takes, how many copies of each kind are compared and how many of
them are near, and how many pairs of the folder's own are near: a constant stands where more copies
would cost the first wrong pair, or where fewer comparisons would cost the first copy. Each value
has a process of its own (`tests.benches.constants`).
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from curation.duplicates.candidate_shortlist import layout_distances
from curation.duplicates.candidates import Candidates
from pipeline.core.schema import PairKind
from pipeline.core.transforms import SYMMETRIES
from tests.benches.constants import with_value
from tests.benches.planted import (
    Described,
    Item,
    Task,
    examined,
    files_in,
    listed,
    measured,
    planted_pairs,
    rounds,
)

MEASURES: Final = (
    "gradient_correlation", "edge_distance", "strip_edge_distance", "region_distance",
    "strip_region_distance", "line", "region_chroma", "hue_distance", "paled_distance",
    "light_distance", "chroma_distance", "least_chroma", "tone_change", "common_change",
    "dark_change", "ground_change", "shift", "turn", "framing", "features",
)  # fmt: skip
LOW_SPEAKS_AGAINST: Final = {"gradient_correlation", "framing", "features", "least_chroma"}
OWN: Final = "other pairs"

Planted = dict[str, list[Item]]


def pictures(folder: Path, copies: int) -> tuple[list[Item], Planted]:
    """The pictures of a folder, and copies of some of them."""
    items = examined(Task(files_in(folder), "", 0))
    chosen = next(rounds([Path(item.name) for item in items], copies))
    return items, {kind: examined(Task(files, kind, 0)) for kind, files in chosen.items()}


def extremes(items: list[Item], planted: Planted, same: set[frozenset[str]]) -> None:
    """Print the table of measures."""
    collection = measured(items, planted)
    columns = collection.columns(collection.classified())
    is_other = np.array([pair not in same and len(pair) == 2 for pair in columns["names"]], bool)
    kinds = np.where(is_other & (columns["copy"] == ""), OWN, columns["copy"])
    console = Console(width=200)
    console.print("median and extreme of each measure")
    lines = Table("measure", *planted, OWN)
    for measure in MEASURES:
        cells = [_told(columns[measure][kinds == kind], measure) for kind in (*planted, OWN)]
        lines.add_row(measure, *cells)
    console.print(lines)
    distances = layouts(items, planted)
    told = [f"{kind}: {np.max(apart):.1f}" for kind, apart in distances.items() if len(apart)]
    console.print("farthest layouts at one contrast: " + ", ".join(told))


def _told(values: npt.NDArray[np.floating], measure: str) -> str:
    if not len(values):
        return "-"
    extreme = values.min() if measure in LOW_SPEAKS_AGAINST else values.max()
    return f"{np.median(values):.2f} {extreme:.2f}"


def layouts(items: list[Item], planted: Planted) -> dict[str, npt.NDArray[np.float32]]:
    """How far the layouts of each copy and its original are apart, under the nearest symmetry."""
    everything = [*items, *(copy for copies in planted.values() for copy in copies)]
    with tempfile.TemporaryDirectory() as folder:
        collection = Described.of(everything, Path(folder))
    pairs = planted_pairs(items, planted, collection.rows())
    upright = collection.seen.layouts[:, 0]
    made = {}
    for kind in planted:
        rows = np.array([pair for pair, name in pairs.items() if name == kind]).reshape(-1, 2)
        distances = [
            layout_distances(_under(rows, symmetry), upright) for symmetry in range(len(SYMMETRIES))
        ]
        made[kind] = np.min(distances, axis=0)
    return made


def _under(rows: npt.NDArray[np.int64], symmetry: int) -> Candidates:
    column = np.full(len(rows), symmetry, np.uint8)
    return Candidates(rows[:, 0], rows[:, 1], column, np.zeros_like(column))


def counted(items: list[Item], planted: Planted, same: set[frozenset[str]]) -> dict[str, Any]:
    """What the rules come to, as they are."""
    collection = measured(items, planted)
    columns = collection.columns(collection.classified())
    is_near = columns["kind"] != PairKind.DOUBTFUL
    candidates = set(
        zip(
            collection.candidates.first.tolist(), collection.candidates.second.tolist(), strict=True
        )
    )
    compared = Counter(kind for pair, kind in collection.copies.items() if pair in candidates)
    own = (columns["copy"] == "") & np.array([len(pair) == 2 for pair in columns["names"]], bool)
    wrong = own & is_near & np.array([pair not in same for pair in columns["names"]], bool)
    return {
        "comparisons": len(collection.candidates) / len(collection.digests),
        "wrong": int(wrong.sum()),
        "kinds": {
            kind: (int((is_near & (columns["copy"] == kind)).sum()), compared[kind])
            for kind in planted
        },
    }


def vary(
    name: str,
    values: Sequence[str],
    items: list[Item],
    planted: Planted,
    same: set[frozenset[str]],
) -> None:
    """Print a line for each value."""
    lines = Table(name, "an image", *planted, "others near")
    for value in values:
        said = with_value(f"duplicates.{name}", value, counted, items, planted, same)
        kinds = [f"{near}/{compared}" for near, compared in said["kinds"].values()]
        lines.add_row(value, f"{said['comparisons']:.2f}", *kinds, str(said["wrong"]))
    Console(width=220).print(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", type=int, default=100)
    parser.add_argument("--same", type=Path)
    parser.add_argument("--vary", nargs="+", metavar=("MODULE.NAME", "VALUE"))
    asked = parser.parse_args()
    items, planted = pictures(asked.folder, asked.copies)
    if asked.vary:
        name, *values = asked.vary
        vary(name, values, items, planted, listed(asked.same))
    else:
        extremes(items, planted, listed(asked.same))


if __name__ == "__main__":
    main()
