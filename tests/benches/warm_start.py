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
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.core.errors import InterruptedRunError
from pipeline.core.params.train import Train
from tests.benches.presets import Project, params_of
from train.compute import device
from train.data.variants import Variants
from train.loop import checkpoint
from train.loop.checkpoint import Checkpoint
from train.loop.training import Training

NEW_SHARE: Final = 0.05
LOOK_EVERY: Final = 1024
"""Images between two looks at the samples."""


def older(variants: Variants) -> Variants:
    """The variants of all images but one in twenty, drawn at random."""
    originals, original = variants.originals()
    is_new = np.random.default_rng(1).random(len(originals)) < NEW_SHARE
    return variants.taken(np.flatnonzero(~is_new[original]))


def train(
    project: Project, params: Train, variants: Variants, name: str, start: Checkpoint | None
) -> Training:
    """A training at its beginning, from the weights of ``start`` if given."""
    training = Training(
        params, project.compute, project.paths.pixels, variants, project.out / "warm" / name
    )
    if start is not None:
        training.start_warm(start)
    return training


def until(training: Training, project: Project, target: float, most: int) -> list[float]:
    """KID after each `LOOK_EVERY` images, until it is at most ``target`` or ``most`` are shown."""
    seen: list[float] = []

    def is_over() -> bool:
        if training.state.images_seen < (len(seen) + 1) * LOOK_EVERY:
            return False
        seen.append(project.distances(project.samples(training))["kid"])
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
    project = Project(args.collection, args.samples)
    params = params_of(project, args.preset, 0.0)
    most = round(args.kimg * 1000)
    old = train(project, params, older(project.variants), "old", None)
    _run(old, lambda: old.state.images_seen >= most)
    target = project.distances(project.samples(old))["kid"]
    saved = checkpoint.load(checkpoint.path_of(old.folder, old.state.images_seen))
    table = Table(
        "start",
        "images until as near",
        "KID on the way",
        title=f"KID of the old model {target:.4f} after {most:,} images",
    )
    for name, start in (("warm", saved), ("fresh", None)):
        training = train(project, params, project.variants, name, start)
        seen = until(training, project, target, 2 * most)
        shown = f"{training.state.images_seen:,}"
        reached = shown if seen[-1] <= target else f"not in {shown}"
        table.add_row(name, reached, " ".join(f"{kid:.3f}" for kid in seen))
        Console(width=160).print(table)


if __name__ == "__main__":
    main()
