"""Fits the chance of a doubtful pair (`curation.duplicates.chance`) to folders of real pictures.

    python -m tests.benches.chance FOLDER... [--same FILE]

Copies of all kinds are planted in each folder; every other doubtful pair
counts as two pictures, but for those of ``--same`` (two file names a line, looked at by eye).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from sklearn.linear_model import LogisticRegression

from curation.duplicates.chance import NAMES, evidence
from pipeline.core.ids import image_id_of
from pipeline.core.schema import PairKind
from tests.benches.real_copies import (
    COPIES,
    ENDINGS,
    EVERYTHING,
    Item,
    Task,
    build,
    examined,
    pairs_of,
)

KINDS: Final = tuple(COPIES)
COPIES_OF_A_KIND: Final = 100
WEIGHT_OF_LOOKED_AT: Final = 100.0
"""Of all pairs of a folder that were looked at, together: there are few reproductions by other
cameras, and copies cannot be planted that are like them."""


def labelled(folder: Path, same: set[frozenset[str]]) -> Iterator[tuple[dict[str, Any], float]]:
    """Doubtful pairs of a folder, and what each counts for: above 0 where it is one picture."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in ENDINGS)
    items = examined(Task(files, "", 0))
    pairs = list(_pairs(items, {}, same))
    looked_at = sum(weight == WEIGHT_OF_LOOKED_AT for _, weight in pairs)
    for row, weight in pairs:
        yield row, weight / (looked_at if weight == WEIGHT_OF_LOOKED_AT else 1)
    copies = _planted([Path(item.name) for item in items])
    originals = {str(image_id_of(copy.facts["sha256"])): copy.name for copy in copies}
    for row, weight in _pairs([*items, *copies], originals, same):
        if weight == 1 and (row["a"] in originals or row["b"] in originals):
            yield row, weight


def _planted(files: Sequence[Path]) -> list[Item]:
    """Copies of all kinds, at most one of each picture, and as many of each kind."""
    order = np.random.default_rng(7).permutation(len(files))
    count = min(COPIES_OF_A_KIND, len(files) // len(KINDS))
    return [
        item
        for number, kind in enumerate(KINDS)
        for item in examined(
            Task([files[place] for place in order[number * count :][:count]], kind, number)
        )
    ]


def _pairs(
    items: Sequence[Item], originals: dict[str, str], same: set[frozenset[str]]
) -> Iterator[tuple[dict[str, Any], float]]:
    with tempfile.TemporaryDirectory() as folder:
        paths, names = build(items, Path(folder))
        rows = pairs_of(paths, EVERYTHING)
    for row in rows:
        if row["kind"] != PairKind.DOUBTFUL:
            continue
        first, second = names[row["a"]][0], names[row["b"]][0]
        if first == second:
            yield row, 1.0
        elif frozenset((Path(first).name, Path(second).name)) in same:
            yield row, WEIGHT_OF_LOOKED_AT
        elif not (row["a"] in originals or row["b"] in originals):
            yield row, -1.0


def main() -> None:
    """Print the coefficients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--same", type=Path)
    asked = parser.parse_args()
    lines = asked.same.read_text().splitlines() if asked.same else []
    same = {frozenset(line.split()[:2]) for line in lines}
    pairs = [pair for folder in asked.folders for pair in labelled(folder, same)]
    rows, weights = [row for row, _ in pairs], np.array([weight for _, weight in pairs])
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    known = evidence(columns)
    model = LogisticRegression(C=10.0, fit_intercept=False)
    model.fit(known, weights > 0, sample_weight=np.abs(weights))
    chances = model.predict_proba(known)[:, 1]
    say = Console().print
    say(f"{len(rows):,} pairs, {(weights > 0).sum():,} of them one picture")
    for name, coefficient in zip(("1", *NAMES), model.coef_[0], strict=True):
        say(f"{coefficient:8.3f}  {name}")
    for low in np.arange(0, 1, 0.2):
        part = (chances >= low) & (chances < low + 0.2)
        say(f"{low:.1f} to {low + 0.2:.1f}: {part.sum():,}, right {(weights[part] > 0).mean():.2f}")


if __name__ == "__main__":
    main()
