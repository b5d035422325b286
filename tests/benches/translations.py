"""What each translation comes to in some minutes, and without a part of its losses.

Run as ``python -m tests.benches.translations``. The gallery's faultless paintings, and photographs
of the same works on walls, are made below ``--out`` (once), without a crawl; with ``--project``
the pairs are those of a collection of yours for which ``dvc repro augment`` has run.

Each training is judged as ``evaluate-translation`` does it, and becomes a row of the table
``translations.csv`` below ``--out``, or two where it goes both ways; its sheets stand beside it. A
training whose row is there already is not run again. Minutes are those of the process on the CPU,
without judging, so that other work beside it counts little.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from pipeline.core import tables
from pipeline.core.known_pairs import known_pairs
from pipeline.core.params.translation import Translation
from pipeline.core.paths import TranslationPaths
from pipeline.core.schema import VARIANTS
from tests.benches.gallery_collections import PAINTINGS, PHOTOGRAPHS, make_both
from train.compute import device
from train.loop.training import Training
from train.metrics.features import Extractor
from train.metrics.mobilenet import Mobilenet
from train.samples import sheets
from train.translation.curated import Curated
from train.translation.evaluation import Evaluation
from train.translation.evaluation_both_ways import WAYS
from train.translation.evaluations import EVALUATED
from train.translation.subject import subject_of
from train.translation.tasks import TASKS

UNPAIRED: Final = "unpaired"
PARTS: Final[dict[str, dict[str, dict[str, float]]]] = {
    "paired": {
        "nothing": {},
        "L1": {"l1_weight": 0.0},
        "adversary": {"adversarial_weight": 0.0},
    },
    UNPAIRED: {
        "nothing": {},
        "cycle": {"cycle_weight": 0.0},
        "identity": {"identity_weight": 0.0},
        "pool": {"pool": 0},
    },
}
"""By kind, what can be left out, and the params that leave it out."""
COLUMNS: Final = (
    "translation", "left_out", "collection", "kimg", "channels", "minutes", "pictures",
    "psnr", "trivial_psnr", "mean_colour_psnr", "ssim", "trivial_ssim", "mean_colour_ssim",
    "kid", "trivial_kid", "floor_kid", "kid_mobilenet", "trivial_kid_mobilenet",
    "floor_kid_mobilenet", "patches", "trivial_patches", "floor_patches", "there_and_back_psnr",
    "recognised", "trivial_recognised", "recognised_of",
)  # fmt: skip
_KEY: Final = ("left_out", "collection", "kimg", "channels")
"""Of one translation's trainings; cells of the table are text."""
_JUDGES: Final[dict[str, str]] = {
    "kid": "kid",
    "kid_mobilenet": "kid_mobilenet",
    "patches": "sliced_wasserstein",
}
Row = dict[str, str]


@dataclass(frozen=True)
class _Trained:
    """A training and what was said of it."""

    minutes: float
    outcome: Evaluation


def trained(paths: TranslationPaths, params: Translation, out: Path) -> _Trained:
    """Train, judge on held-out pictures, write the sheets into ``out``."""
    inputs, targets = (
        Curated.of(each.pixels, tables.read(each.table("variants"), VARIANTS))
        for each in (paths.source, paths.aim)
    )
    compute = device.find()
    subject = subject_of(paths.name, params, inputs, targets)
    training = Training(params, compute, inputs.pixels, inputs.train, out, subject)
    begun = time.process_time()
    training.run(lambda _row: None, lambda: False)
    minutes = (time.process_time() - begun) / 60
    game = training.recipe
    game.generator.load_state_dict(training.state.averaged_generator().state_dict())
    judges = (Extractor(compute), Mobilenet(compute))
    known = known_pairs(paths, params)
    outcome = EVALUATED[params.kind](game, inputs, targets, known, judges, params.seed)
    for name, paper in outcome.sheets.items():
        sheets.write_png(out / f"{name}.png", paper)
    return _Trained(minutes, outcome)


def cells(results: dict[str, Any]) -> Iterator[Row]:
    """The measured cells of a row, from the results of an evaluation: one row a direction."""
    if results["kind"] != UNPAIRED:
        yield {"pictures": str(results["pairs"]["count"]), **_near(results), **_judged(results)}
        return
    for way in WAYS:
        there = results[way]
        share = there["truth"]["recognised"]
        yield {
            "pictures": str(there["pictures"]["count"]),
            **_near(there["truth"]),
            **_judged(there),
            "there_and_back_psnr": str(there["cycle_psnr"]),
            "recognised": str(share["translated"]),
            "trivial_recognised": str(share["trivial"]),
            "recognised_of": str(share["of"]),
        }


def _near(results: dict[str, Any]) -> Row:
    return {
        f"{prefix}{number}": str(results[number][who])
        for number in ("psnr", "ssim")
        for who, prefix in (
            ("translated", ""), ("trivial", "trivial_"), ("mean_colour", "mean_colour_"),
        )
    }  # fmt: skip


def _judged(results: dict[str, Any]) -> Row:
    """The distances; none, where there were too few pictures."""
    return {
        f"{prefix}{column}": str(results[judge][who]["mean"])
        for column, judge in _JUDGES.items()
        if judge in results
        for who, prefix in (("translated", ""), ("trivial", "trivial_"), ("floor", "floor_"))
    }


class _Table:
    """The file of rows, which is written after each training."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[Row] = []
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                self._rows = list(csv.DictReader(file))

    def has(self, row: Row, names: tuple[str, ...]) -> bool:
        """Whether rows of these ``names`` with the key of ``row`` are there."""
        same = {each["translation"] for each in self._rows if all(each[k] == row[k] for k in _KEY)}
        return same.issuperset(names)

    def add(self, row: Row) -> None:
        self._rows.append(row)
        with self._path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="")
            writer.writeheader()
            writer.writerows(self._rows)


def _settings(arguments: argparse.Namespace, translation: str, left_out: str) -> dict[str, Any]:
    """The params of a training."""
    unpaired = translation == UNPAIRED
    kind = UNPAIRED if unpaired else "paired"
    ends = (PHOTOGRAPHS, PAINTINGS) if unpaired else (arguments.collection, arguments.collection)
    own = {"truth": "listing_id"} if unpaired else {"task": translation}
    return {
        "collection": ends[0], "target": ends[1], "kind": kind, **own,
        "kimg": arguments.unpaired_kimg if unpaired else arguments.kimg,
        "channels": arguments.channels, "channels_max": 8 * arguments.channels,
        "ema_half_life_kimg": 0.25, "log_every_kimg": 0.25,
        "samples_every_kimg": 100.0, "checkpoint_every_kimg": 100.0,
        **PARTS[kind][left_out],
    }  # fmt: skip


def _run(arguments: argparse.Namespace, table: _Table, translation: str, left_out: str) -> None:
    """One training, if its row is not there yet."""
    settings = _settings(arguments, translation, left_out)
    both_ways = tuple(f"{UNPAIRED} {way}" for way in WAYS)
    names = both_ways if translation == UNPAIRED else (translation,)
    row = {
        "left_out": left_out,
        **{name: str(settings[name]) for name in ("collection", "kimg", "channels")},
    }
    if table.has(row, names):
        return
    params: Translation = TypeAdapter(Translation).validate_python(settings)
    root = arguments.project or arguments.out
    paths = TranslationPaths(root, "bench", params.collection, params.target)
    folder = f"{params.collection}-{translation}-without-{left_out}-{params.kimg:g}"
    out = arguments.out / folder
    shutil.rmtree(out, ignore_errors=True)
    training = trained(paths, params, out)
    for name, measured in zip(names, cells(training.outcome.results), strict=True):
        table.add({"translation": name, **row, "minutes": f"{training.minutes:.2f}", **measured})
    print(f"{folder}: {training.minutes:.2f} min, {training.outcome.words}", flush=True)  # noqa: T201


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    every = [*TASKS, UNPAIRED]
    without = list(dict.fromkeys(name for parts in PARTS.values() for name in parts))
    parser.add_argument("--translations", nargs="+", choices=every, default=every)
    parser.add_argument(
        "--without", nargs="+", choices=without, default=["nothing", "cycle", "L1", "adversary"]
    )
    parser.add_argument("--kimg", type=float, default=4.0, help="of pairs")
    parser.add_argument("--unpaired-kimg", type=float, default=1.0)
    parser.add_argument("--channels", type=int, default=12)
    parser.add_argument("--works", type=int, default=240, help="of the gallery")
    parser.add_argument("--project", type=Path)
    parser.add_argument("--collection", default=PAINTINGS, help="of pairs")
    parser.add_argument("--out", type=Path, default=Path("work/benches/translations"))
    return parser.parse_args()


def main() -> None:
    """Write a row for each translation and each part that is left out of it."""
    arguments = _arguments()
    if arguments.project is not None and UNPAIRED in arguments.translations:
        raise SystemExit("--project is for pairs: name tasks by --translations")
    device.make_deterministic()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.project is None:
        make_both(arguments.out, arguments.works)
    table = _Table(arguments.out / "translations.csv")
    for left_out in arguments.without:
        for translation in arguments.translations:
            kind = UNPAIRED if translation == UNPAIRED else "paired"
            if left_out in PARTS[kind]:
                _run(arguments, table, translation, left_out)


if __name__ == "__main__":
    main()
