"""What a base is worth: the same minutes from a base and from scratch, on works it never saw.

``python -m tests.benches.base_start`` trains on as many whole works of a default gallery as a
default collection keeps, from ``--base`` and from scratch, until each of `--minutes` of CPU time is
spent, and prints how far samples are from other works of the gallery by all three judges, with a
sheet of samples each under ``work/bench/starts/``. Figures stand in docs/training.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import torch
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from pipeline.core import shards
from pipeline.core.errors import InterruptedRunError
from pipeline.core.params.train import Train
from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES, Symmetry
from tests.benches import damages
from tests.benches.bases import variants_of
from train.bases.base_catalogue import base_of, weights_of
from train.compute import device
from train.compute.seeds import Purpose, latents
from train.data.real_images import to_bytes
from train.loop import checkpoint
from train.loop.training import Training
from train.metrics.features import Extractor
from train.metrics.mobilenet import Mobilenet
from train.networks.recipe import Recipe
from train.samples import sheets

OUT: Final = Path("work/bench/starts")
TRAINED_ON: Final = 130
"""Works, about as many as the default collections keep for training."""
COMPARED: Final = 64
"""Samples, and as many other works."""
SOURCES: Final[dict[str, tuple[Callable[[int], damages.Pictures], Sequence[Symmetry]]]] = {
    "base:fields-64": (damages.paintings, SYMMETRIES),
    "base:watches-64": (damages.watches, (Symmetry.IDENTITY, Symmetry.FLIP_LEFT_RIGHT)),
}
_PARAMS: Final[dict[str, Any]] = {
    "model": "residual",
    "resolution": damages.SIDE,
    "channels_base": 512,
    "channels_max": 64,
    "latent": 64,
    "batch": 16,
    "ema_half_life_kimg": 1.0,
    "kimg": 1e6,
    "log_every_kimg": 0.5,
    "checkpoint_every_kimg": 1e6,
    "samples_every_kimg": 1e6,
    "on_unhealthy": "go_on",
}


def prepared(params: Train, reals: Pixels, symmetries: Sequence[Symmetry], place: Path) -> Training:
    """A training on ``reals`` at its beginning, warm where ``params`` name a base."""
    shards.write(place / str(damages.SIDE) / "0.npy", reals)
    variants = variants_of("0", len(reals), symmetries)
    training = Training(params, device.find(), place, variants, place)
    if (base := base_of(params)) is not None:
        saved = checkpoint.load_checkpoint(weights_of(base[0]))
        assert saved is not None
        training.start_warm(saved)
    return training


def samples(training: Training) -> Pixels:
    """`COMPARED` samples of the moving average."""
    assert isinstance(training.recipe, Recipe)
    shown = latents(7, Purpose.GRID, COMPARED, training.recipe.latent)
    no_class = torch.zeros(COMPARED, dtype=torch.int64)
    state = training.state
    with torch.no_grad():
        made = training.recipe.draw(state.averaged_generator(), shown, state.latest_phase, no_class)
    return to_bytes(made)


def main() -> None:
    """Train from a base and from scratch, and print how far each has come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", choices=SOURCES, default="base:fields-64")
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 4.0], help="CPU minutes")
    parser.add_argument("--warm-rate", type=float, default=5e-3, help="learning rate from the base")
    args = parser.parse_args()
    device.make_deterministic()
    source, symmetries = SOURCES[args.base]
    base_name = args.base.removeprefix("base:")
    pixels = source(TRAINED_ON + COMPARED).pixels
    shown, others = pixels[:TRAINED_ON], pixels[TRAINED_ON:]
    judges = damages.Judges(others, Extractor(device.find()), Mobilenet(device.find()))
    table = Table("start", "CPU minutes", "kimg", "KID", "by MobileNetV2", "sliced Wasserstein")
    console = Console(width=120)
    for name, start in (
        ("base", {"warm_start": args.base, "learning_rate": args.warm_rate}),
        ("scratch", {"learning_rate": 1e-2}),
    ):
        params: Train = TypeAdapter(Train).validate_python({**_PARAMS, **start})
        with TemporaryDirectory() as place:
            training = prepared(params, shown, symmetries, Path(place))
            spent = 0.0
            for minutes in [0.0, *args.minutes] if name == "base" else args.minutes:
                before = time.process_time() - spent
                with suppress(InterruptedRunError):
                    training.run(
                        lambda _row: None,
                        lambda end=before + 60 * minutes: time.process_time() >= end,  # type: ignore[misc]
                    )
                spent = time.process_time() - before
                fakes = samples(training)
                sheets.write_png(
                    OUT / base_name / f"{name}-{minutes:g}.png", sheets.sheet(fakes, 8)
                )
                distances = judges.distances(fakes).values()
                kimg = training.state.images_seen / 1000
                table.add_row(name, f"{minutes:g}", f"{kimg:.1f}", *(f"{d:.4f}" for d in distances))
        console.print(table)


if __name__ == "__main__":
    main()
