"""Fits the chance of a doubtful pair (`curation.duplicates.calibration`) to real pictures.

    python -m tests.benches.calibration FOLDER... [--same FILE] [--vary NAME VALUE...]

Copies of all kinds are planted in each folder, and together count for as many pairs as there may be
copies in a collection that nobody planted: `RATE` of its images. Every other doubtful pair counts
as two pictures, but for those of ``--same`` (two file names a line, looked at by eye). Folders
count alike, as if each held a thousand pictures; those of fewer than `FEW` count for less.

It prints the coefficients, how many pairs of each chance are right, and of each folder how many
copies and how many other pairs have a chance of .05 to .5 and more: where `min_doubtful_chance`
may stand. Then a table of each folder by a fit to all, and by one to the other folders alone, which
is what a collection may expect that nobody has looked at. Then, for several values of `SPREAD`,
what the first dozen answers of a folder make of its other pairs: how many of the next fifty are
right, before and after. With ``--vary`` it prints that table alone, for each value of a constant of
`curation.duplicates.calibration`, such as ``LEAST_GREY .1 .2 .4`` (or of another module, such as
``regions.ONE_COLOUR 6 12``).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rich.console import Console
from sklearn.linear_model import LogisticRegression

from curation.duplicates import calibration
from curation.duplicates.calibration import FEATURES, chances, features, with_answers
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.schema import PairKind, Suspicion
from tests.benches.constants import with_value
from tests.benches.planted import (
    COPIES,
    Item,
    Measured,
    Task,
    examined,
    files_in,
    listed,
    measured,
    rounds,
)

COPIES_OF_A_KIND: Final = 100
RATE: Final = 0.02
"""Planted copies that are doubtful, in units of the images of a folder, by their weight."""
LOOKED_AT: Final = 20
"""What the pairs of a folder that are one by eye count for together, at least: there are few
reproductions by other cameras, and no copy can be planted that is like them."""
FEW: Final = 300
"""Pictures up to which a folder counts for less."""
CHANCES: Final = (0.05, 0.1, 0.2, 0.5)
SPREADS: Final = (0.3, 1.0, 3.0)
ANSWERED, NEXT = 12, 50
SHOWN: Final = 5
"""Highest chances that are told."""

Columns = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Labelled:
    """Doubtful pairs of one folder."""

    folder: str
    columns: Columns
    is_same: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64]

    @property
    def is_planted(self) -> npt.NDArray[np.bool_]:
        """Which are pairs of a picture and its planted copy."""
        planted: npt.NDArray[np.bool_] = self.columns["copy"] != ""
        return planted


def doubtful(collection: Measured) -> Columns:
    """What is known of the doubtful pairs whose chance is not set."""
    columns = collection.columns(collection.classified())
    chosen = (
        (columns["kind"] == PairKind.DOUBTFUL)
        & (columns["suspicion"] != Suspicion.FLAT)
        & np.isfinite(columns["lab_distance"])
    )
    return {name: column[chosen] for name, column in columns.items()}


def labelled(folder: Path, same: set[frozenset[str]]) -> Labelled:
    """The doubtful pairs of a folder as it is, and of its pictures with planted copies."""
    items = examined(Task(files_in(folder), "", 0))
    own = doubtful(measured(items, {}))
    parts, labels = [own], [np.array([pair in same for pair in own["names"]], bool)]
    for planted in _planted(items):
        pairs = doubtful(measured(items, planted))
        is_copy = pairs["copy"] != ""
        parts.append({name: column[is_copy] for name, column in pairs.items()})
        labels.append(np.ones(int(is_copy.sum()), bool))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in own}
    is_same, is_copy = np.concatenate(labels), columns["copy"] != ""
    weights = np.where(is_copy, RATE * len(items) / max(is_copy.sum(), 1), 1.0)
    looked_at = is_same & ~is_copy
    weights[looked_at] = max(1.0, LOOKED_AT / max(looked_at.sum(), 1))
    return Labelled(folder.name, columns, is_same, weights * 1000 / max(len(items), FEW))


def _planted(items: Sequence[Item]) -> Iterator[dict[str, list[Item]]]:
    for number, chosen in enumerate(rounds([Path(item.name) for item in items], COPIES_OF_A_KIND)):
        yield {kind: examined(Task(files, kind, number)) for kind, files in chosen.items()}


def fitted(parts: Sequence[Labelled]) -> npt.NDArray[np.float64]:
    """The coefficients."""
    rows = np.concatenate([features(part.columns) for part in parts])
    is_same = np.concatenate([part.is_same for part in parts])
    weights = np.concatenate([part.weights for part in parts])
    model = LogisticRegression(C=3.0, fit_intercept=False, max_iter=5000)
    model.fit(rows, is_same, sample_weight=weights)
    made: npt.NDArray[np.float64] = model.coef_[0]
    return made


def report(parts: Sequence[Labelled], coefficients: npt.NDArray[np.float64]) -> None:
    """Print what is said above."""
    say = Console(soft_wrap=True, markup=False, highlight=False).print
    for name, coefficient in zip(("1", *FEATURES), coefficients, strict=True):
        say(f"{coefficient:8.3f}  {name}")
    by_part = [chances(part.columns, coefficients) for part in parts]
    everything = np.concatenate(by_part)
    is_same, weights = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("is_same", "weights")
    )
    for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.01)):
        chosen = (everything >= low) & (everything < high)
        right = np.average(is_same[chosen], weights=weights[chosen]) if chosen.any() else 0
        say(f"{low} to {high}: {chosen.sum():,} pairs, right {right:.2f} by weight")
    for part, chance in zip(parts, by_part, strict=True):
        for least in CHANCES:
            likely, own = chance >= least, ~part.is_planted
            kinds = ", ".join(
                f"{kind} {likely[part.columns['copy'] == kind].sum()}"
                f"/{(part.columns['copy'] == kind).sum()}"
                for kind in COPIES
            )
            say(
                f"{part.folder}, {least} and more: {(likely & own & part.is_same).sum()} right and "
                f"{(likely & own & ~part.is_same).sum()} wrong of its own; {kinds}"
            )


def held_out(parts: Sequence[Labelled], coefficients: npt.NDArray[np.float64]) -> Iterator[str]:
    """A table of each folder's own pairs and copies, by a fit to all and to the others."""
    columns = (
        f"highest chances | asked about | right of them | right of the first {NEXT} | "
        "sum of chances | copies asked about"
    )
    yield f"| folder | fitted to | {columns} |"
    yield "|---" * (columns.count("|") + 3) + "|"
    for part in parts:
        others = [other for other in parts if other is not part]
        yield f"| {part.folder} | all | {_queue(part, coefficients)} |"
        yield f"| | the others | {_queue(part, fitted(others))} |"


def _queue(part: Labelled, coefficients: npt.NDArray[np.float64]) -> str:
    chance, own = chances(part.columns, coefficients), ~part.is_planted
    likely = chance >= Dedupe().min_doubtful_chance
    order = np.flatnonzero(own)[np.argsort(-chance[own], kind="stable")]
    highest = " ".join(f"{value:.2f}" for value in chance[order[:SHOWN]])
    right = part.is_same[order[likely[order]]].sum()
    first = part.is_same[order[:NEXT]].sum()
    copies = f"{(likely & ~own).sum()} of {(~own).sum()}"
    numbers = f"{(likely & own).sum()} | {right} | {first} | {chance[own].sum():.1f}"
    return f"{highest} | {numbers} | {copies}"


def learning(part: Labelled, coefficients: npt.NDArray[np.float64]) -> Iterator[str]:
    """What answers to the first pairs of a folder's queue make of the next ones."""
    own = ~part.is_planted
    columns = {name: column[own] for name, column in part.columns.items()}
    columns["chance"] = chances(columns, coefficients)
    is_same, order = part.is_same[own], np.argsort(-columns["chance"], kind="stable")
    answers = np.full(len(order), np.nan)
    answers[order[:ANSWERED]] = is_same[order[:ANSWERED]]
    before = is_same[order[ANSWERED:][:NEXT]].sum()
    for spread in SPREADS:
        calibration.SPREAD = spread  # type: ignore[misc]
        moved = with_answers(columns, answers)
        ranked = np.argsort(-moved, kind="stable")
        after = is_same[ranked[np.isnan(answers[ranked])][:NEXT]].sum()
        yield f"{part.folder}, spread {spread}: {before} right of the next {NEXT}, now {after}"


def table(folders: Sequence[Path], same: Path | None) -> list[str]:
    """The table of `held_out`, with the constants as they are."""
    parts = [labelled(folder, listed(same)) for folder in folders]
    return list(held_out(parts, fitted(parts)))


def main() -> None:
    """Fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--same", type=Path)
    parser.add_argument("--vary", nargs="+", metavar=("NAME", "VALUE"))
    asked = parser.parse_args()
    say = Console(soft_wrap=True, markup=False, highlight=False).print
    if asked.vary:
        name, *values = asked.vary
        name = name if "." in name else f"calibration.{name}"
        for value in values:
            say(f"{name} = {value}")
            told = with_value(f"duplicates.{name}", value, table, asked.folders, asked.same)
            say("\n".join(told))
        return
    parts = [labelled(folder, listed(asked.same)) for folder in asked.folders]
    coefficients = fitted(parts)
    report(parts, coefficients)
    say("\n".join(held_out(parts, coefficients)))
    for part in parts:
        for line in learning(part, coefficients):
            say(line)


if __name__ == "__main__":
    main()
