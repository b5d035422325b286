"""What `tests.benches.presets` compares: Salon's networks, and two that people would else take.

Each takes the same pictures and a budget of CPU time or, of Salon's own, of images, and gives the
samples it would draw at `MARKS` moments of it. Drawing does not count against the budget.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from pydantic import TypeAdapter
from torch import Tensor

from pipeline.core.errors import InterruptedRunError
from pipeline.core.params.train import Train
from pipeline.core.shards import Pixels
from tests.benches import plain_dcgan, run_lightweight_gan
from tests.benches.image_sets import ImageSet
from train.compute import device
from train.data.real_images import RealImages, to_bytes
from train.data.sampler import ShuffledSampler
from train.loop import budget
from train.loop.training import Training
from train.networks.recipe import Recipe
from train.samples import sheets

MARKS: Final = 4
"""Looks at the samples after the first."""
SHARED: Final[dict[str, Any]] = {
    "resolution": 64,
    "batch": 16,
    "learning_rate": 1e-3,
    "ema_half_life_kimg": 1.0,
    "on_unhealthy": "go_on",
    "samples_every_kimg": 1e6,
    "checkpoint_every_kimg": 1e6,
    "log_every_kimg": 0.5,
}
"""Of Salon's presets, with about 350,000 weights a network, and steps of Adam of like size beside
the weights: 0.001 where they begin at some hundredths, 0.012 where they begin at 1."""
_DCGAN: Final = {"model": "dcgan", "width": 48, "latent": 100, "kimg": 1e6}
_EQUALISED: Final = {"learning_rate": 1.2e-2, "channels_base": 512, "latent": 64}
_RESIDUAL: Final = {**_EQUALISED, "model": "residual", "channels_max": 72, "kimg": 1e6}
PRESETS: Final[dict[str, dict[str, Any]]] = {
    "dcgan 1": {**_DCGAN, "generator_batch_norm": False},
    "dcgan 2": {**_DCGAN},
    "dcgan 4": {**_DCGAN, "generator_batch_norm": False, "discriminator_batch_norm": True},
    "progan": {**_EQUALISED, "model": "progan", "channels_base": 1024, "channels_max": 64},
    "residual": {**_RESIDUAL},
    "residual, falling": {**_RESIDUAL, "learning_rate_falls_from": 0.5},
    "relativistic": {**_RESIDUAL, "loss": "relativistic"},
}
PLAIN: Final = "DCGAN of PyTorch's examples"
LIGHTWEIGHT: Final = "lightweight-gan"
CONTESTANTS: Final = (*PRESETS, PLAIN, LIGHTWEIGHT)
PACKAGES: Final = Path("work/lightweight_gan")
"""Where `make bench-presets` puts lightweight-gan and what it imports."""
_AT_ONCE: Final = 64
_CALIBRATION_IMAGES: Final = 64
"""Images a phase from which the pace of progressive growing is measured."""
_PHASES: Final = 9
"""Of progressive growing, from 4 pixels to 64."""


@dataclass(frozen=True)
class Look:
    """Samples at one moment of a training."""

    minutes: float
    """Of CPU time."""
    images: int
    """Real ones shown so far."""
    pixels: Pixels


@dataclass(frozen=True)
class Course:
    """What came of a training."""

    weights: dict[str, int]
    looks: list[Look]


class Budget:
    """CPU seconds of this process that were spent on training, or images, where ``kimg`` says."""

    def __init__(self, seconds: float, kimg: float | None = None) -> None:
        self.seconds = seconds
        self.kimg = kimg
        self._started = time.process_time()

    @property
    def spent(self) -> float:
        """Seconds spent so far."""
        return time.process_time() - self._started

    def share(self, images: int) -> float:
        """Of the budget that is spent after ``images``."""
        if self.kimg is not None:
            return images / (1000 * self.kimg)
        return self.spent / self.seconds

    def looking(
        self, look: Callable[[float], Look], looks: list[Look], shown: Callable[[], int]
    ) -> Callable[[], bool]:
        """A function to ask before each step: it takes the looks that are due into ``looks``.

        It says whether the budget is spent; ``shown`` counts images. The time of a look does not
        count.
        """

        def is_over() -> bool:
            if self.share(shown()) >= len(looks) / MARKS:
                before = time.process_time()
                looks.append(look(self.spent / 60))
                self._started += time.process_time() - before
            return len(looks) > MARKS

        return is_over


@dataclass(frozen=True)
class _LoopBudget(budget.Budget):
    """For the loop, which asks it how far the training is: by CPU time, not by the clock."""

    cpu: Budget

    def share(self, images: int, seconds: float) -> float:
        """How far a training is, 0..1; it ends when the last look was taken, and not before."""
        del seconds
        return min(0.999999, self.cpu.share(images))


@dataclass(frozen=True)
class Terms:
    """On which all contestants train."""

    seconds: float
    """Of CPU time."""
    count: int
    """Samples a look."""
    kimg: float | None = None
    """Thousands of images instead of CPU time; of Salon's own trainings only."""
    seed: int = 1


def trained(name: str, images: ImageSet, terms: Terms, place: Path) -> Course:
    """The course of the contestant ``name`` on ``images``."""
    if name == LIGHTWEIGHT:
        return _lightweight(images, terms.seconds, terms.count, place)
    if name == PLAIN:
        return _plain(images, terms.seconds, terms.count)
    return salon(params_of(name, images, terms, place), images, terms, place)


def salon(params: Train, images: ImageSet, terms: Terms, place: Path) -> Course:
    """The course of one of Salon's own trainings."""
    training = Training(params, device.find(), images.folder, images.variants, place)
    looks: list[Look] = []
    spent = Budget(terms.seconds, terms.kimg)
    training.budget = _LoopBudget(training.budget.images, training.budget.seconds, spent)

    def look(minutes: float) -> Look:
        return Look(minutes, training.state.images_seen, samples(training, terms.count))

    is_over = spent.looking(look, looks, lambda: training.state.images_seen)
    with suppress(InterruptedRunError):
        training.run(lambda _row: None, is_over)
    return Course(training.state.parameters(), looks)


def samples(training: Training, count: int) -> Pixels:
    """Samples of the moving average, at full resolution."""
    generator, compute, recipe = (
        training.state.averaged_generator(),
        training.compute,
        training.recipe,
    )
    assert isinstance(recipe, Recipe)
    no_class = torch.zeros(_AT_ONCE, dtype=torch.int64, device=compute.device)

    @torch.no_grad()
    def draw(part: Tensor) -> Tensor:
        classes = no_class[: len(part)]
        part = part.to(compute.device)
        return recipe.draw(generator, part, training.state.latest_phase, classes)

    return sheets.enlarged(_drawn(draw, count, recipe.latent), SHARED["resolution"])


def _drawn(draw: Callable[[Tensor], Tensor], count: int, size: int) -> Pixels:
    latents = torch.randn(count, size, generator=torch.Generator().manual_seed(7))
    parts = latents.split(_AT_ONCE)  # type: ignore[no-untyped-call] # torch leaves it untyped
    return np.concatenate([to_bytes(draw(part)) for part in parts])


def params_of(name: str, images: ImageSet, terms: Terms, place: Path) -> Train:
    """The params of a preset; progressive growing gets phases that fill the budget."""
    settings = {**SHARED, **PRESETS[name], "seed": terms.seed}
    if settings["model"] != "progan":
        return _read(settings)
    if terms.kimg is not None:
        phase = terms.kimg / _PHASES
        return _read({**settings, "fade_kimg": phase, "stable_kimg": phase})
    phase = _CALIBRATION_IMAGES / 1000
    short = _read({**settings, "fade_kimg": phase, "stable_kimg": phase})
    training = Training(short, device.find(), images.folder, images.variants, place / "pace")
    started = time.process_time()
    training.run(lambda _row: None, lambda: False)
    # A twentieth too long, so that the budget ends in the last phase and not the schedule.
    phase *= 1.05 * terms.seconds / (time.process_time() - started)
    return _read({**settings, "fade_kimg": phase, "stable_kimg": phase})


def _read(values: dict[str, Any]) -> Train:
    params: Train = TypeAdapter(Train).validate_python(values)
    return params


def _plain(images: ImageSet, seconds: float, count: int) -> Course:
    model, batch = plain_dcgan.PlainDcgan(), plain_dcgan.BATCH
    stored = RealImages(images.folder, images.variants, SHARED["resolution"])
    order = ShuffledSampler(1, len(images.variants))
    looks: list[Look] = []
    shown = 0

    def look(minutes: float) -> Look:
        return Look(minutes, shown, _drawn(model.draw, count, plain_dcgan.LATENT))

    is_over = Budget(seconds).looking(look, looks, lambda: shown)
    while not is_over():
        model.step(stored.batch(order.take(shown, batch), torch.device("cpu")))
        shown += batch
    networks = {"generator": model.generator, "discriminator": model.discriminator}
    weights = {
        name: sum(weight.numel() for weight in network.parameters())
        for name, network in networks.items()
    }
    return Course(weights, looks)


def _lightweight(images: ImageSet, seconds: float, count: int, place: Path) -> Course:
    """The course of lightweight-gan, in a process of its own: it changes what torch is."""
    folder, out = place / "images", place / "out"
    for number, picture in enumerate(images.pictures()):
        sheets.write_png(folder / f"{number:06d}.png", picture)
    out.mkdir(parents=True, exist_ok=True)
    numbers = [str(seconds), str(MARKS), str(count)]
    program = [sys.executable, run_lightweight_gan.__file__, str(PACKAGES), str(folder), str(out)]
    subprocess.run([*program, *numbers], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    ran = json.loads((out / "ran.json").read_bytes())
    pixels = [np.load(out / f"{number}.npy") for number in range(len(ran["curve"]))]
    looks = [Look(**mark, pixels=each) for mark, each in zip(ran["curve"], pixels, strict=True)]
    return Course(ran["weights"], looks)
