"""The models side by side on one budget of CPU time, on a collection of this project.

``make bench-presets`` trains each of `PRESETS` on the images of ``--collection`` until it has
used ``--minutes`` of CPU time, draws samples of its moving average eight times on the way, and
writes their distances by the three judges of `evaluate` as a table, KID as curves, and the last
samples of all models on one sheet, under ``work/bench/presets/``. A model's worst rank is its place
by the judge that likes it least. Sampling and measuring do
not count against the budget. Several processes may take some models each; ``--again`` then draws
together what was found on the same images with the same params and budget. All have one batch, one
half life of the average and about 350,000 weights a network, and steps of Adam of like size beside
the weights: 0.001 where weights begin at some hundredths, 0.012 where they begin at 1 (equalised
learning rate).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from matplotlib.figure import Figure
from PIL import Image
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from pipeline.core import tables
from pipeline.core.errors import InterruptedRunError, UnhealthyError
from pipeline.core.files import write_bytes
from pipeline.core.ids import sha256_hex
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from train.compute import device
from train.data.images import Images, to_bytes
from train.data.variants import Variants
from train.loop.training import Training
from train.metrics import distances
from train.metrics.evaluation import draw_reals
from train.metrics.features import Extractor, Features
from train.metrics.mobilenet import Mobilenet
from train.metrics.pyramid import Pyramid
from train.networks.recipe import Recipe
from train.samples import sheets

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
_ENDLESS: Final = 1e6
_EQUALISED: Final = {"learning_rate": 1.2e-2}
_DCGAN: Final = {"model": "dcgan", "width": 48, "latent": 100, "kimg": _ENDLESS}
_RESIDUAL: Final = {
    **_EQUALISED,
    "model": "residual",
    "channels_base": 512,
    "channels_max": 72,
    "latent": 64,
    "kimg": _ENDLESS,
}
PRESETS: Final[dict[str, dict[str, Any]]] = {
    "dcgan 1": {**_DCGAN, "generator_batch_norm": False},
    "dcgan 2": {**_DCGAN},
    "dcgan 4": {**_DCGAN, "generator_batch_norm": False, "discriminator_batch_norm": True},
    "progan": {
        **_EQUALISED,
        "model": "progan",
        "channels_base": 1024,
        "channels_max": 64,
        "latent": 64,
    },
    "residual": {**_RESIDUAL},
    "relativistic": {**_RESIDUAL, "loss": "relativistic"},
}
JUDGES: Final = ("kid", "kid_mobilenet", "sliced_wasserstein")
MARKS: Final = 8
"""Looks at the samples after the first."""
_AT_ONCE: Final = 64
_CALIBRATION_IMAGES: Final = 64
"""Images a phase from which the pace of progressive growing is measured."""


class Budget:
    """CPU seconds of this process that were spent on training."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._started = time.process_time()

    @property
    def spent(self) -> float:
        """Seconds spent so far."""
        return time.process_time() - self._started

    def aside(self, work: Callable[[], None]) -> None:
        """Do ``work`` without counting it."""
        before = time.process_time()
        work()
        self._started += time.process_time() - before


class Project:
    """The images of one collection, and how far samples are from them."""

    def __init__(self, collection: str, count: int) -> None:
        self.paths = Paths(Path(), collection)
        self.out = self.paths.root / "work/bench/presets"
        self.compute = device.find()
        table = tables.read(self.paths.table("variants"), VARIANTS)
        self._data = sha256_hex(self.paths.table("variants").read_bytes())
        self.variants = Variants.of(table, Split.TRAIN)
        held_out = Variants.of(table, Split.HELD_OUT)
        chosen = draw_reals(self.variants, count, seed=1)
        self.reals = self._pixels(self.variants.taken(chosen.reference))
        self._extract = Extractor(self.compute)
        self._features = self._extract(self.reals)
        self._held_out = self._extract(self._pixels(held_out))
        self._second = Mobilenet(self.compute)
        self._second_features = self._second(self.reals)
        self._pyramid = Pyramid(self.reals)
        self.floor = distances.kid(
            self._extract(self._pixels(self.variants.taken(chosen.other))), self._features, 1
        ).mean

    def terms(self, name: str, seconds: float) -> dict[str, Any]:
        """On what a model is measured: the same terms, and the same code, find the same."""
        held = {
            "judges": [*JUDGES],
            "seconds": seconds,
            "data": self._data,
            "samples": len(self.reals),
        }
        return {**SHARED, **PRESETS[name], **held}

    def _pixels(self, variants: Variants) -> Pixels:
        images = Images(self.paths.pixels, variants, SHARED["resolution"])
        return images.pictures(np.arange(len(variants)))

    def samples(self, training: Training) -> Pixels:
        """As many samples of the moving average as there are reals, at full resolution."""
        generator = training.state.averaged_generator()
        phase = training.state.latest_phase
        source = torch.Generator().manual_seed(7)
        assert isinstance(training.recipe, Recipe)
        latents = torch.randn(len(self.reals), training.recipe.latent, generator=source)
        no_class = torch.zeros(_AT_ONCE, dtype=torch.int64, device=self.compute.device)
        with torch.no_grad():
            fakes = [
                to_bytes(
                    training.recipe.draw(
                        generator, part.to(self.compute.device), phase, no_class[: len(part)]
                    )
                )
                for part in latents.split(_AT_ONCE)  # type: ignore[no-untyped-call] # torch leaves it untyped
            ]
        return sheets.enlarged(np.concatenate(fakes), SHARED["resolution"])

    def distances(self, pixels: Pixels) -> dict[str, float]:
        """How far ``pixels`` are from images shown and not shown, and how unlike each other."""
        features: Features = self._extract(pixels)
        levels = self._pyramid.distances(pixels)
        return {
            "kid": distances.kid(features, self._features, 1).mean,
            "kid_mobilenet": distances.kid(self._second(pixels), self._second_features, 1).mean,
            "sliced_wasserstein": float(np.mean(list(levels.values()))),
            "kid_held_out": distances.kid(features, self._held_out, 1).mean,
            "precision": float(distances.precision(self._features, features)),
            "recall": float(distances.precision(features, self._features)),
            "diversity": distances.diversity(features) / distances.diversity(self._features),
        }


def run(project: Project, name: str, params: Train, seconds: float) -> dict[str, Any]:
    """Train one model for ``seconds`` of CPU time and measure it on the way."""
    folder = project.out / name.replace(" ", "_")
    training = Training(params, project.compute, project.paths.pixels, project.variants, folder)
    curve: list[dict[str, Any]] = []

    def measure() -> None:
        pixels = project.samples(training)
        mark = {
            "minutes": budget.spent / 60,
            "images": training.state.images_seen,
            **project.distances(pixels),
        }
        curve.append(mark)
        sheets.write_png(folder / f"{len(curve) - 1}.png", sheets.sheet(pixels[:64], 8))

    def is_over() -> bool:
        if budget.spent >= len(curve) * seconds / MARKS:
            budget.aside(measure)
        return len(curve) > MARKS

    budget = Budget(seconds)
    ended = "budget spent"
    try:
        training.run(lambda _row: None, is_over)
        budget.aside(measure)
        ended = "schedule ended"
    except InterruptedRunError:
        pass  # by is_over, as it should
    except UnhealthyError as error:
        ended = str(error)
    measured = {
        "terms": project.terms(name, seconds),
        "weights": training.state.parameters(),
        "ended": ended,
        "warnings": training.monitor.seen.model_dump(),
        "curve": curve,
        "history": training.rows,
    }
    write_bytes(folder / "found.json", json.dumps(measured, indent=1).encode())
    return measured


def earlier(project: Project, name: str, seconds: float) -> dict[str, Any] | None:
    """What `run` found before on the same terms, where it did."""
    path = project.out / name.replace(" ", "_") / "found.json"
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found if found.get("terms") == project.terms(name, seconds) else None


def params_of(project: Project, name: str, seconds: float) -> Train:
    """The params of a preset; progressive growing gets phases that fill the budget."""
    settings = {**SHARED, **PRESETS[name]}
    if settings["model"] != "progan":
        return _read(settings)
    phase = _CALIBRATION_IMAGES / 1000
    short = _read({**settings, "fade_kimg": phase, "stable_kimg": phase})
    training = Training(
        short, project.compute, project.paths.pixels, project.variants, project.out / "pace"
    )
    budget = Budget(seconds)
    training.run(lambda _row: None, lambda: False)
    # A twentieth too long, so that the budget ends in the last phase and not the schedule.
    phase *= 1.05 * seconds / budget.spent
    return _read({**settings, "fade_kimg": phase, "stable_kimg": phase})


def _read(values: dict[str, Any]) -> Train:
    params: Train = TypeAdapter(Train).validate_python(values)
    return params


def draw_curves(found: dict[str, dict[str, Any]], floor: float, path: Path) -> None:
    """KID against CPU minutes, one line a model."""
    figure = Figure((8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for name, each in found.items():
        curve = each["curve"]
        axes.plot([mark["minutes"] for mark in curve], [mark["kid"] for mark in curve], label=name)
    axes.axhline(floor, color="grey", linestyle=":", label="reals against reals")
    axes.set(xlabel="CPU minutes", ylabel="KID (effnet-lite0)", ylim=(0, None))
    axes.legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def main() -> None:
    """Train and measure every preset, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=list(PRESETS))
    parser.add_argument("--collection", default="paintings")
    parser.add_argument("--minutes", type=float, default=10.0, help="CPU minutes a model")
    parser.add_argument("--samples", type=int, default=256, help="most images on each side")
    parser.add_argument("--again", action="store_true", help="take over what was found before")
    args = parser.parse_args()
    device.make_deterministic()
    project = Project(args.collection, args.samples)
    scores = {}
    seconds = args.minutes * 60
    for name in args.presets:
        known = earlier(project, name, seconds) if args.again else None
        scores[name] = known or run(project, name, params_of(project, name, seconds), seconds)
        Console(width=120).print(_table(scores, project.floor))
    draw_curves(scores, project.floor, project.out / "curves.png")
    last = [project.out / name.replace(" ", "_") / f"{MARKS}.png" for name in scores]
    parts = [np.asarray(Image.open(path)) for path in last if path.is_file()]
    reals = sheets.sheet(project.reals[:64], 8)
    sheets.write_png(project.out / "samples.png", sheets.beside([*parts, reals]))


def worst_ranks(found: dict[str, dict[str, Any]]) -> dict[str, int]:
    """The worst place of each model in the orders of the three judges, 1 for the nearest."""
    last = {name: each["curve"][-1] for name, each in found.items()}
    ranks = dict.fromkeys(found, 1)
    for judge in JUDGES:
        by_distance = sorted((mark[judge], name) for name, mark in last.items())
        for rank, (_, name) in enumerate(by_distance, 1):
            ranks[name] = max(ranks[name], rank)
    return ranks


def _table(found: dict[str, dict[str, Any]], floor: float) -> Table:
    table = Table(
        "model",
        "weights G",
        "weights D",
        "kimg",
        "worst rank",
        "KID",
        "by MobileNetV2",
        "sliced Wasserstein",
        "best KID",
        "KID held out",
        "precision",
        "recall",
        "diversity",
        title=f"reals against reals: KID {floor:.4f}",
    )
    ranks = worst_ranks(found)
    for name, each in found.items():
        last = each["curve"][-1]
        table.add_row(
            name,
            *(f"{count:,}" for count in each["weights"].values()),
            f"{last['images'] / 1000:.1f}",
            str(ranks[name]),
            *(f"{last[judge]:.4f}" for judge in JUDGES),
            f"{min(mark['kid'] for mark in each['curve'][1:]):.4f}",
            f"{last['kid_held_out']:.4f}",
            *(f"{last[key]:.2f}" for key in ("precision", "recall", "diversity")),
        )
    return table


if __name__ == "__main__":
    main()
