"""What a warm start saves when a dataset gets 5 % new images; `make bench-presets` runs it.

A model is trained on 95 % of a collection's images; then one training on all of them starts from
its weights and another from scratch. The table says how many images each was shown until its
samples were as near to all the data as the old model's (KID in the features of EfficientNet-Lite0).
The first look is after some steps: before them a warm start is the old model itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.core.errors import InterruptedRunError
from pipeline.core.params.train import Train
from tests.benches import damages
from tests.benches.contestants import Terms, params_of, samples
from tests.benches.image_sets import COLLECTION, ImageSet, image_set
from train.compute import device
from train.data.variants import Variants
from train.loop import checkpoint
from train.loop.checkpoint import Checkpoint
from train.loop.training import Training
from train.metrics.features import Extractor
from train.metrics.mobilenet import Mobilenet

Judged = Callable[[Training], float]
"""How far the samples of a training are from the data."""

OUT: Final = Path("work/bench/warm_start")
NEW_SHARE: Final = 0.05
LOOK_EVERY: Final = 1024
"""Images between two looks at the samples."""


def older(variants: Variants) -> Variants:
    """The variants of all images but one in twenty, drawn at random."""
    originals, original = variants.originals()
    is_new = np.random.default_rng(1).random(len(originals)) < NEW_SHARE
    return variants.taken(np.flatnonzero(~is_new[original]))


def train(
    images: ImageSet, params: Train, variants: Variants, name: str, start: Checkpoint | None
) -> Training:
    """A training at its beginning, from the weights of ``start`` if given."""
    training = Training(params, device.find(), images.folder, variants, OUT / name)
    if start is not None:
        training.start_warm(start)
    return training


def until(training: Training, judged: Judged, target: float, most: int) -> list[float]:
    """KID after each `LOOK_EVERY` images, until it is at most ``target`` or ``most`` are shown."""
    seen: list[float] = []

    def is_over() -> bool:
        if training.state.images_seen < (len(seen) + 1) * LOOK_EVERY:
            return False
        seen.append(judged(training))
        return seen[-1] <= target or training.state.images_seen >= most

    _run(training, is_over)
    return seen


def _run(training: Training, is_over: Callable[[], bool]) -> None:
    with suppress(InterruptedRunError):
        training.run(lambda _row: None, is_over)


def main() -> None:
    """Train old, warm and fresh, and print how long each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", default="paintings")
    parser.add_argument("--preset", default="residual")
    parser.add_argument("--kimg", type=float, default=20.0, help="images that the old model saw")
    parser.add_argument("--samples", type=int, default=256, help="most images on each side")
    args = parser.parse_args()
    device.make_deterministic()
    images = image_set(COLLECTION + args.collection, OUT, 0)
    params = params_of(args.preset, images, Terms(0.0, args.samples), OUT)
    reals = images.pictures(args.samples)
    judges = damages.Judges(reals, Extractor(device.find()), Mobilenet(device.find()))

    def judged(training: Training) -> float:
        return judges.distances(samples(training, len(reals)))["KID"]

    most = round(args.kimg * 1000)
    old = train(images, params, older(images.variants), "old", None)
    _run(old, lambda: old.state.images_seen >= most)
    target = judged(old)
    saved = checkpoint.load_checkpoint(checkpoint.path_of(old.folder, old.state.images_seen))
    table = Table(
        "start",
        "images until as near",
        "KID on the way",
        title=f"KID of the old model {target:.4f} after {most:,} images",
    )
    for name, start in (("warm", saved), ("fresh", None)):
        training = train(images, params, images.variants, name, start)
        seen = until(training, judged, target, 2 * most)
        shown = f"{training.state.images_seen:,}"
        reached = shown if seen[-1] <= target else f"not in {shown}"
        table.add_row(name, reached, " ".join(f"{kid:.3f}" for kid in seen))
        Console(width=160).print(table)


if __name__ == "__main__":
    main()
