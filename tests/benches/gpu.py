"""What training costs on a GPU; `make bench-gpu` prints the tables, on any CUDA device.

For each of `PRESETS`, as it runs and in other `WAYS`: images a second, share of the time spent on
reading and sending real images, peak memory; the largest batch that fits; and how long WatchGAN's
schedule (recipes/watchgan.yaml) would take at the rates measured at each resolution, beside the
two weeks on a GeForce RTX 2080 Ti. ``--tiny`` runs all of it on small networks, for a CPU.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from unittest import mock

import torch
import yaml
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from pipeline.core.errors import InterruptedRunError
from pipeline.core.params.train import Train
from tests.benches.train import collection
from train.compute import device
from train.compute.device import Compute
from train.data.real_images import RealImages
from train.loop.training import Training

WATCHGAN: Final = Path("recipes/watchgan.yaml")
WARM_UP: Final = 8
"""Steps before the clock starts: kernels are chosen, memory is taken, graphs are compiled."""
STEPS: Final = 48
"""Steps that are timed: three rounds of lazy penalties."""
STORED: Final = 512
LARGEST_BATCH: Final = 4096
NEVER: Final = 1e6
PRESETS: Final[dict[str, dict[str, Any]]] = {
    "dcgan, 64 px": {"model": "dcgan", "resolution": 64},
    "progan, 64 px": {"model": "progan", "resolution": 64},
    "progan, 256 px": {"model": "progan", "resolution": 256, "batch": 16},
    "residual, 64 px": {"model": "residual", "resolution": 64},
    "residual, 256 px": {"model": "residual", "resolution": 256, "batch": 32},
}
TINY: Final[dict[str, dict[str, Any]]] = {
    "dcgan, 32 px": {"model": "dcgan", "resolution": 32, "width": 8, "batch": 4},
    "progan, 16 px": {
        "model": "progan", "resolution": 16, "batch": 4, "channels_base": 32, "channels_max": 16,
    },
    "residual, 32 px": {
        "model": "residual", "resolution": 32, "batch": 4, "channels_base": 32, "channels_max": 16,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """How a training runs, where it may differ from how Salon runs it."""

    deterministic: bool = True
    bfloat16: bool = True
    channels_last: bool = True
    compiled: bool = False
    """The generator, of which no second derivative is asked."""


WAYS: Final = {
    "as it runs": Way(),
    "not deterministic": Way(deterministic=False),
    "32 bits": Way(bfloat16=False),
    "planes, not channels last": Way(channels_last=False),
    "generator compiled": Way(deterministic=False, compiled=True),
}


@dataclass(frozen=True)
class Cost:
    """What some steps of a training took."""

    images_a_second: float
    waiting: float
    """Share of the time spent on getting real images to the device."""
    peak_gib: float | None
    """Memory of the device; None on a CPU."""


class Bench:
    """One device, and images to train on."""

    def __init__(self, root: Path, presets: dict[str, dict[str, Any]], steps: int) -> None:
        self.root = root
        self.presets = presets
        self.steps = steps
        device.make_deterministic()
        self.compute = device.find()

    def cost(self, settings: dict[str, Any], way: Way) -> Cost:
        """Take some steps at the end of the schedule that ``settings`` describe."""
        torch.set_deterministic_debug_mode("error" if way.deterministic else "default")
        torch.backends.cudnn.benchmark = not way.deterministic
        training = self._training(settings, way)
        clock: list[float] = []
        reading: list[float] = []
        read = RealImages.batch

        def timed(images: RealImages, *arguments: Any) -> torch.Tensor:
            start = self._now()
            batch = read(images, *arguments)
            reading.append(self._now() - start)
            return batch

        def is_over() -> bool:
            clock.append(self._now())
            return len(clock) > WARM_UP + self.steps

        with mock.patch.object(RealImages, "batch", timed):
            try:
                training.run(lambda _row: None, is_over)
            except InterruptedRunError:
                pass
            else:
                raise AssertionError("the schedule ended before it was measured")
        seconds = clock[-1] - clock[WARM_UP]
        shown = self.steps * training.recipe.reals_per_step
        peak = torch.cuda.max_memory_allocated() / 2**30 if self._is_gpu else None
        return Cost(shown / seconds, sum(reading[WARM_UP:]) / seconds, peak)

    def largest_batch(self, settings: dict[str, Any]) -> int:
        """The largest power of two that fits into memory as Salon runs; 0 if none does."""
        largest = 0
        for power in itertools.count(2):
            batch = 2**power
            if batch > LARGEST_BATCH:
                break
            try:
                self.cost({**settings, "batch": batch}, Way())
            except torch.cuda.OutOfMemoryError:
                break
            largest = batch
        return largest

    def schedule_hours(self, settings: dict[str, Any]) -> Iterator[tuple[int, float, float]]:
        """For each resolution of a growing schedule: its side, images a second, and hours."""
        params = _params(settings)
        assert params.model == "progan"
        side = 4
        while side <= params.resolution:
            kimg = params.stable_kimg + (params.fade_kimg if side > 4 else 0)
            rate = self.cost({**settings, "resolution": side}, Way()).images_a_second
            yield side, rate, kimg * 1000 / rate / 3600
            side *= 2

    @property
    def _is_gpu(self) -> bool:
        return self.compute.device.type == "cuda"

    def _now(self) -> float:
        if self._is_gpu:
            torch.cuda.synchronize()
        return time.perf_counter()

    def _training(self, settings: dict[str, Any], way: Way) -> Training:
        if self._is_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        params = _params(settings)
        compute: Compute = replace(self.compute, bfloat16=self.compute.bfloat16 and way.bfloat16)
        pixels = self.root / "pixels"
        variants = collection(pixels, STORED, max(params.resolution, 16))
        training = Training(params, compute, pixels, variants, self.root / "run")
        total = training.budget.images or 0
        training.state.images_seen = max(0, total - training.recipe.reals_per_step * 4096)
        networks = training.recipe.networks().values()
        if not way.channels_last:
            for network in networks:
                network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        if way.compiled:
            training.recipe.generator.compile()
        return training


def _params(settings: dict[str, Any]) -> Train:
    quiet = dict.fromkeys(("log_every_kimg", "checkpoint_every_kimg", "samples_every_kimg"), NEVER)
    params: Train = TypeAdapter(Train).validate_python({**settings, **quiet})
    return params


def costs(bench: Bench) -> Table:
    """Each preset in each way."""
    table = Table("preset", "way", "images/s", "times", "waiting for data", "peak GiB")
    for name, settings in bench.presets.items():
        usual = None
        for way, how in WAYS.items():
            if how.compiled and not torch.cuda.is_available():
                continue  # a CPU compiles for minutes
            cost = bench.cost(settings, how)
            usual = usual or cost.images_a_second
            peak = "" if cost.peak_gib is None else f"{cost.peak_gib:.2f}"
            rate = f"{cost.images_a_second:,.1f}"
            times = f"{cost.images_a_second / usual:.2f}"
            table.add_row(name, way, rate, times, f"{cost.waiting:.1%}", peak)
    return table


def batches(bench: Bench) -> Table:
    """The largest batch of each preset."""
    table = Table("preset", "largest batch")
    for name, settings in bench.presets.items():
        table.add_row(name, str(bench.largest_batch(settings)))
    return table


def schedule(bench: Bench, settings: dict[str, Any]) -> Table:
    """Hours of WatchGAN's schedule, by resolution and in all."""
    table = Table("resolution", "images/s", "hours", title="WatchGAN's schedule; 2080 Ti: 336 h")
    total = 0.0
    for side, rate, hours in bench.schedule_hours(settings):
        total += hours
        table.add_row(str(side), f"{rate:,.1f}", f"{hours:,.2f}")
    table.add_row("all", "", f"{total:,.2f}")
    return table


def main() -> None:
    """Print the tables for the device that is here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="small networks and few steps")
    args = parser.parse_args()
    console = Console(width=110)
    if not (args.tiny or torch.cuda.is_available()):
        console.print(
            "No CUDA device is here; `python -m tests.benches.gpu --tiny` tries the script."
        )
        return
    with tempfile.TemporaryDirectory() as root:
        presets, steps = (TINY, 2) if args.tiny else (PRESETS, STEPS)
        bench = Bench(Path(root), presets, steps)
        console.print(str(bench.compute.description))
        console.print(costs(bench))
        if torch.cuda.is_available():
            console.print(batches(bench))
        recipe = yaml.safe_load(WATCHGAN.read_text())["collections"]["watches"]["train"]
        if args.tiny:
            recipe |= {"resolution": 16, "channels_base": 32, "channels_max": 16, "batch": 4}
        console.print(schedule(bench, recipe))


if __name__ == "__main__":
    main()
