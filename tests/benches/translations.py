"""What each task of a translation comes to in some minutes, and without each of its two losses.

Run as ``python -m tests.benches.translations PROJECT`` where ``dvc repro augment`` has run. Prints
one row a training; sheets of input, trivial guess, output and truth go to ``--out``. Minutes are
those of the process on the CPU, so that other work beside it counts little.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.core import tables
from pipeline.core.params.translation import PairedTranslation
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS
from train.compute import device
from train.loop.training import Training
from train.metrics.pyramid import Pyramid
from train.samples import sheets
from train.translation.curated import Curated
from train.translation.drawing import pair_sheet, pairs_of, some
from train.translation.judging import fidelity
from train.translation.paired import PairedGame
from train.translation.subject import subject_of
from train.translation.tasks import TASKS

LOSSES: Final[dict[str, dict[str, float]]] = {
    "both": {},
    "no L1": {"l1_weight": 0.0},
    "no adversary": {"adversarial_weight": 0.0},
}
_JUDGED: Final = 128
_SHOWN: Final = 16


def measured(params: PairedTranslation, paths: Paths, out: Path, name: str) -> dict[str, float]:
    """Train, judge on held-out pairs, write a sheet."""
    table = tables.read(paths.table("variants"), VARIANTS)
    source = Curated.of(paths.pixels, table)
    shown, held_out = source.train, source.held_out
    folder = out / name.replace(" ", "_")
    subject = subject_of(name, params, source, source)
    training = Training(params, device.find(), paths.pixels, shown, folder, subject)
    begun = time.process_time()
    training.run(lambda _row: None, lambda: False)
    minutes = (time.process_time() - begun) / 60
    game = training.recipe
    assert isinstance(game, PairedGame)
    pairs = pairs_of(game, paths.pixels, held_out, some(held_out, _JUDGED, 1))
    others = pairs_of(game, paths.pixels, shown, some(shown, len(pairs.truths), 2))
    made = pairs.made_by(training.state.averaged_generator())
    pyramid = Pyramid(pairs.truths)
    rows = [pairs.pictures(), pairs.guesses(), made, pairs.truths]
    sheet = pair_sheet([row[:_SHOWN] for row in rows], min(8, len(made)))
    sheets.write_png(out / f"{name.replace(' ', '_')}.png", sheet)
    near = fidelity(pairs, made, others)
    numbers: dict[str, float] = {"minutes": minutes, "pairs": len(made)}
    for kind in ("translated", "trivial", "mean_colour"):
        numbers |= {f"{kind}_psnr": near["psnr"][kind], f"{kind}_ssim": near["ssim"][kind]}
    for kind, pixels in (("translated", made), ("trivial", pairs.guesses())):
        numbers[f"{kind}_patches"] = float(np.mean(list(pyramid.distances(pixels).values())))
    return numbers


def main() -> None:
    """Print one row for each task and each choice of losses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--collection", default="paintings")
    parser.add_argument("--tasks", nargs="+", choices=sorted(TASKS), default=list(TASKS))
    parser.add_argument("--losses", nargs="+", choices=list(LOSSES), default=list(LOSSES))
    parser.add_argument("--kimg", type=float, default=8.0)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--out", type=Path, default=Path("work/benches/translations"))
    arguments = parser.parse_args()
    device.make_deterministic()
    paths = Paths(arguments.project, arguments.collection)
    for task in arguments.tasks:
        for losses in arguments.losses:
            settings: dict[str, Any] = {
                "collection": arguments.collection, "target": arguments.collection,
                "kind": "paired", "task": task,
                "kimg": arguments.kimg, "channels": arguments.channels,
                "channels_max": 8 * arguments.channels, "ema_half_life_kimg": 0.25,
                "log_every_kimg": 0.5, "samples_every_kimg": 100.0,
                "checkpoint_every_kimg": 100.0,
            }  # fmt: skip
            params = PairedTranslation.model_validate(settings | LOSSES[losses])
            numbers = measured(params, paths, arguments.out, f"{task} {losses}")
            row = "  ".join(f"{name} {value:.4g}" for name, value in numbers.items())
            print(f"{task:7}{losses:13}{row}", flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
