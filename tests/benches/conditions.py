"""Are pictures drawn of what their sheets say? With what teaches it, and without.

``python -m tests.benches.conditions PROJECT`` takes the collection ``watches`` of a project whose
stages were run up to `condition` with recipes/sheet.yaml: its pixels, and the vectors of its data
sheets. It trains three times for ``--minutes`` of CPU time: as the recipe has it; without real
images that are judged with the sheet of another one; and with all sheets shuffled among the images,
so that nothing can be learnt of them. For each it prints how often a probe that was fitted to real
images reads from a drawn picture what was asked, beside chance, and writes a sheet of samples to
``--out``. ``--only`` takes one of the three; Ctrl-C judges what a training has come to. Figures
stand in docs/training.md.
"""

from __future__ import annotations

import argparse
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from pipeline.core import tables
from pipeline.core.errors import InterruptedRunError
from pipeline.core.files import write_json
from pipeline.core.params.load import load_params
from pipeline.core.params.train import ResidualTrain
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from train.bases.base_catalogue import base_of, weights_of
from train.compute import device
from train.conditions.condition_table import ConditionTable, read_conditions
from train.conditions.data_sheet import read_sheet
from train.data.real_images import RealImages
from train.data.variants import Variants
from train.export.model_file import Model
from train.loop import checkpoint
from train.loop.training import Training
from train.metrics.attributes import Seen, judge_attributes
from train.metrics.distances import kid
from train.metrics.features import Extractor
from train.metrics.sheet_attributes import sheet_attributes
from train.samples import sheets

COLLECTION: Final = "watches"
DRAWN: Final = 256
"""Pictures that the probe reads."""
ARMS: Final[dict[str, dict[str, Any]]] = {
    "as it is": {},
    "none mismatched": {"mismatched": False},
    "shuffled": {},
}


@dataclass(frozen=True)
class Whole:
    """The collection, and what its images are of."""

    paths: Paths
    params: ResidualTrain
    conditions: ConditionTable
    shown: Variants
    held_out: Variants

    @classmethod
    def of(cls, root: Path) -> Whole:
        """As the stages of the project at ``root`` left it."""
        paths = Paths(root, COLLECTION)
        params = load_params(root / "params.yaml", only=COLLECTION).collection(COLLECTION).train
        assert isinstance(params, ResidualTrain)
        conditions = read_conditions(paths, params)
        assert conditions is not None
        table = tables.read(paths.table("variants"), VARIANTS)
        shown, held_out = (
            Variants.of(table, split).with_vectors(conditions)
            for split in (Split.TRAIN, Split.HELD_OUT)
        )
        return cls(paths, params, conditions, shown, held_out)


def trained(whole: Whole, arm: str, minutes: float, place: Path) -> Training:
    """A training after so many minutes of CPU time."""
    changes = {"kimg": 1e6, "samples_every_kimg": 1e6, "checkpoint_every_kimg": 1e6}
    params = whole.params.model_copy(update={**changes, **ARMS[arm]})
    variants = whole.shown
    if arm == "shuffled":
        assert variants.vectors is not None
        order = np.random.default_rng(1).permutation(len(variants.vectors.values))
        mixed = replace(variants.vectors, values=variants.vectors.values[order])
        variants = replace(variants, vectors=mixed)
    training = Training(params, device.find(), whole.paths.pixels, variants, place)
    if (base := base_of(params)) is not None:
        saved = checkpoint.load_checkpoint(weights_of(base[0]))
        assert saved is not None
        training.start_warm(saved)
    before, wishes = time.process_time(), []
    earlier = signal.signal(signal.SIGINT, lambda *_: wishes.append(True))
    with suppress(InterruptedRunError):
        training.run(
            lambda _row: None,
            lambda: bool(wishes) or time.process_time() - before > 60 * minutes,
        )
    signal.signal(signal.SIGINT, earlier)
    training.clock.set(time.process_time() - before)
    return training


def judged(whole: Whole, training: Training, extract: Extractor) -> tuple[dict[str, Any], Model]:
    """What the probe reads, and the model, which draws of real rows in turn."""
    vectors = whole.shown.vectors
    assert vectors is not None
    assert whole.held_out.vectors is not None
    asked = vectors.at(np.random.default_rng(2).permutation(len(whole.shown))[:DRAWN])
    model = Model(
        whole.params, training.state.averaged_generator(), device.find(), {},
        condition=whole.conditions.description, vectors=torch.from_numpy(asked),
    )  # fmt: skip
    fakes = model.draw(DRAWN, seed=3)
    (shown, _), (held_out, _) = whole.shown.originals(), whole.held_out.originals()
    reals = _pixels(whole, shown)
    seen = Seen.of(reals, _pixels(whole, held_out), fakes)
    sheet = read_sheet(whole.conditions.description)
    everywhere = [np.arange(len(each)) for each in (shown, held_out)]
    assert shown.vectors is not None
    assert held_out.vectors is not None
    attributes = sheet_attributes(
        sheet, shown.vectors.at(everywhere[0]), held_out.vectors.at(everywhere[1]), asked
    )
    numbers = judge_attributes(seen, attributes)
    numbers["KID"] = kid(extract(fakes), extract(reals[:DRAWN]), 1).mean
    return numbers, model


def _pixels(whole: Whole, variants: Variants) -> Any:
    images = RealImages(whole.paths.pixels, variants, whole.params.resolution)
    return images.pictures(np.arange(len(variants)))


def main() -> None:
    """Train and judge each, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0, help="CPU minutes each")
    parser.add_argument("--only", choices=ARMS)
    parser.add_argument("--out", type=Path, default=Path("work/bench/conditions"))
    args = parser.parse_args()
    device.make_deterministic()
    whole, extract = Whole.of(args.project), Extractor(device.find())
    table = Table("arm", "kimg", "KID", "column", "right or correlation", "chance", "reals")
    for arm in [args.only] if args.only else ARMS:
        place = args.out / arm.replace(" ", "-")
        training = trained(whole, arm, args.minutes, place)
        numbers, model = judged(whole, training, extract)
        sheets.write_png(place / "samples.png", sheets.sheet(model.draw(64, seed=3), 8))
        kimg = training.state.images_seen / 1000
        spent = {"kimg": kimg, "cpu_minutes": training.clock.seconds / 60}
        write_json(place / "judged.json", numbers | spent)
        for name, each in numbers.items():
            if isinstance(each, dict):
                score = each.get("right", each.get("correlation"))
                chance = each.get("chance", 0.0)
                row = (score, chance, each["reals"])
                cells = [f"{value:.2f}" for value in row]
                table.add_row(arm, f"{kimg:.1f}", f"{numbers['KID']:.3f}", name, *cells)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
