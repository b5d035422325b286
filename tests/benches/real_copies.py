"""How `dedupe` does on folders of real pictures, and on copies made of them.

    python -m tests.benches.real_copies FOLDER... [--copies 150] [--sheets DIR] [--distinct FILE]
        [--same FILE]

It measures each folder as it is, in a process of its own: seconds, memory, pairs; ``--sheets``
writes contact sheets of all near pairs and of the first 100 doubtful ones, to be looked at.
``--distinct`` and ``--same`` name files of pairs (two file names a line) that are two things, or
one by eye: it tells which of the former are near, and how many of the latter are near, among the
first 50 in the queue, and in it at all.

Then it adds copies, at most one of each picture at a time (``--copies`` of each kind; more than
there are pictures only of kinds that are drawn anew each time), and counts by kind how many are
near, and in brackets how many are near or asked about: those that are as likely as the last pair in
the queue of the pictures as they were. (Planted, copies are a third of the collection, and no queue
has room for them all.) Both tables have a column for each folder and stand in docs/curation.md.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageOps
from rich.console import Console

from curation.duplicates.classification import queue_size
from pipeline.core import engine, tables
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.paths import Paths
from pipeline.core.schema import PAIRS, PairKind
from pipeline.stages import dedupe
from tests.benches.planted import (
    COPIES,
    EVERYTHING,
    Item,
    Task,
    build,
    examined,
    files_in,
    id_of,
    listed,
    rounds,
)

SHOWN: Final = 100
FIRST: Final = 50
"""Of the queue, whose share of right pairs is told."""


def pairs_of(paths: Paths, params: Dedupe) -> list[dict[str, Any]]:
    """Run the stage, and read what it wrote, the likeliest first."""
    dedupe.run(paths, params)
    rows = tables.read(paths.table("pairs"), PAIRS).to_pylist()
    return sorted(rows, key=lambda row: (-row["chance"], row["a"], row["b"]))


def least_chance(rows: Sequence[dict[str, Any]], images: int, params: Dedupe) -> float:
    """The chance from which on a pair more would come to the queue of a collection."""
    queued = [row["chance"] for row in rows if row["kind"] == PairKind.DOUBTFUL]
    is_full = len(queued) >= queue_size(images, params)
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
    ids = {item.name: id_of(item) for item in items}
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
                own, copy = ids[item.name], id_of(item)
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


def told(
    rows: Sequence[dict[str, Any]], names: dict[str, list[str]], pairs: set[frozenset[str]]
) -> list[str]:
    """Those of ``rows`` that are among ``pairs`` of files."""
    return [
        " ".join(sorted(files))
        for row in rows
        for files in {
            frozenset((Path(a).name, Path(b).name))
            for a in names[row["a"]]
            for b in names[row["b"]]
        }
        if files in pairs
    ]


@dataclass(frozen=True)
class Asked:
    """What is asked of each folder."""

    copies: int
    first: int | None
    sheets: Path | None
    distinct: set[frozenset[str]]
    same: set[frozenset[str]]


@dataclass(frozen=True)
class Told:
    """What is said of one folder."""

    own: dict[str, str]
    """The lines of the first table."""
    copies: dict[str, Counter[str]]


def tell(folder: Path, asked: Asked) -> Told:
    """Measure a folder; the first thing that a process does."""
    params = Dedupe()
    files = files_in(folder, asked.first)
    tasks = [Task(files[start : start + 128], "", 0) for start in range(0, len(files), 128)]
    items = [item for part in engine.run(examined, tasks, title="examine") for item in part]
    with tempfile.TemporaryDirectory() as root:
        paths, names = build(items, Path(root))
        used = _cpu()
        rows = pairs_of(paths, params)
        used = _cpu() - used
    peak = max(resource.getrusage(who).ru_maxrss for who in _WHO) / 1024
    own = {"pictures": f"{len(items):,}", "CPU s, MB": f"{used:.1f}, {peak:,.0f}"}
    own |= _own_pairs(rows, names, asked)
    if asked.sheets:
        sheets(rows, names, files, asked.sheets / folder.name)
    by_name = {item.name for item in items}
    known = [file for file in files if str(file) in by_name]
    least = least_chance(rows, len(names), params)
    return Told(own, recall(known, items, asked.copies, least) if asked.copies else {})


def _own_pairs(
    rows: Sequence[dict[str, Any]], names: dict[str, list[str]], asked: Asked
) -> dict[str, str]:
    """What is said of the pairs of a folder as it is."""
    kinds = {kind: [row for row in rows if row["kind"] == kind] for kind in PairKind}
    queue = kinds[PairKind.DOUBTFUL]
    near, first, whole = (
        len(told(some, names, asked.same)) for some in (kinds[PairKind.NEAR], queue[:FIRST], queue)
    )
    wrong = told(kinds[PairKind.NEAR], names, asked.distinct)
    return {
        "exact pairs": str(len(kinds[PairKind.EXACT])),
        "near pairs": str(len(kinds[PairKind.NEAR])),
        "one by eye": str(near),
        "given as distinct": ", ".join(wrong) or "0",
        "asked about": str(len(queue)),
        "in a thousand images": f"{1000 * len(queue) / max(len(names), 1):.0f}",
        f"one by eye, of the first {FIRST}": f"{first} of {len(queue[:FIRST])}",
        "one by eye, of all": f"{whole} of {len(queue)}",
        "highest chances": " ".join(f"{row['chance']:.2f}" for row in queue[:5]),
    }


def _lines(columns: dict[str, dict[str, str]]) -> Iterator[str]:
    """A table in Markdown, with a column for each folder."""
    yield "| | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for name in dict.fromkeys(name for column in columns.values() for name in column):
        yield f"| {name} | " + " | ".join(c.get(name, "") for c in columns.values()) + " |"


def _copies_told(counts: dict[str, Counter[str]]) -> dict[str, str]:
    return {
        kind: f"{count['near']} ({count['near'] + count['queued']}) of {count['of']}"
        for kind, count in counts.items()
    }


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--copies", type=int, default=150)
    parser.add_argument("--first", type=int, help="take only so many files")
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--distinct", type=Path)
    parser.add_argument("--same", type=Path)
    given = parser.parse_args()
    asked = Asked(
        given.copies, given.first, given.sheets, listed(given.distinct), listed(given.same)
    )
    made: dict[str, Told] = {}
    for folder in given.folders:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            made[folder.name] = fresh.submit(tell, folder, asked).result()
    say = Console(soft_wrap=True, markup=False, highlight=False).print
    for columns in (
        {name: told_.own for name, told_ in made.items()},
        {name: _copies_told(told_.copies) for name, told_ in made.items()},
    ):
        say("\n".join(_lines(columns)) + "\n")


_WHO: Final = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu() -> float:
    """CPU seconds of this process and of those it started."""
    used = [resource.getrusage(who) for who in _WHO]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


if __name__ == "__main__":
    main()
