"""The training loop: the same for every model, and able to go on after any interruption.

All that is random in a step follows from the seed and the number of the step, and the order of
the images from their position, so a training that goes on from a checkpoint makes the same
weights, on a CPU to the bit, as one that was never stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.core import log
from pipeline.core.errors import InterruptedRunError, UnhealthyError
from pipeline.core.params.train import Train
from train import checkpoint, health, sheets
from train.checkpoint import Checkpoint
from train.data import Images, Order, Variants, to_bytes
from train.device import Compute
from train.ema import Average, measure_batch_norm
from train.journal import Row
from train.recipes import recipe_for
from train.schedule import images, stage_at, total_images

BATCH_NORM_LATENTS: Final = 512
"""Drawn images from which the average's batch norm is measured."""

_LATENTS, _CALIBRATION, _STEPS = range(3)
"""Purposes of random numbers; each has a stream of its own."""

_DIGITS: Final = 6


def seeded(seed: int, *purpose: int) -> int:
    """A seed for one purpose, unlike those of all others."""
    return int(np.random.SeedSequence([seed, *purpose]).generate_state(1, np.uint64)[0] >> 1)


def latents(seed: int, purpose: int, count: int, size: int) -> Tensor:
    """``count`` latents (count, size) from N(0, 1), the same on every device."""
    return torch.randn(count, size, generator=torch.Generator().manual_seed(seeded(seed, purpose)))


class Training:
    """A training in progress; ``folder`` holds its checkpoints and samples."""

    def __init__(
        self, params: Train, compute: Compute, pixels: Path, variants: Variants, folder: Path
    ) -> None:
        """Set up at the very beginning; nothing is read from ``folder`` yet."""
        self.params = params
        self.compute = compute
        self.folder = folder
        self.recipe = recipe_for(params, compute)
        self.average = Average(self.recipe.generator, images(params.ema_half_life_kimg))
        self.total = total_images(params)
        self.images_seen = 0
        self.steps = 0
        self.rows: list[Row] = []
        self._sums: dict[str, Tensor] = {}
        self._steps_in_sums = 0
        self._pixels = pixels
        self._variants = variants
        self._order = Order(params.seed, len(variants))
        self._images: Images | None = None
        shown = latents(params.seed, _LATENTS, params.sample_grid**2, params.latent)
        self._shown_latents = shown.to(compute.device)

    def run(self, note: Callable[[Row], None], stop: Callable[[], bool]) -> None:
        """Train to the end; ``note`` gets each row of the history, ``stop`` is asked each step.

        Raises:
            InterruptedRunError: ``stop`` said so; a checkpoint was written.
            UnhealthyError: the monitor gave up; the last good checkpoint stays.
            TrainingError, TableError: pixels are missing.
        """
        if self.images_seen == 0:
            self._draw_samples()
        with log.progress("train", self.total) as bar:
            bar.advance(self.images_seen)
            while self.images_seen < self.total:
                if stop():
                    self._leave()
                self._step()
                bar.advance(self.recipe.reals_per_step)
                if self._due(self.params.log_every_kimg):
                    note(self._close_row())
                    bar.advance(0, note=_summary(self.rows[-1]))
                if self._due(self.params.samples_every_kimg):
                    self._draw_samples()
                if self._due(self.params.checkpoint_every_kimg):
                    self._save()

    def _step(self) -> None:
        stage = stage_at(self.params, self.images_seen)
        shown = self.recipe.reals_per_step
        if self.steps and stage_at(self.params, self.images_seen - shown).phase != stage.phase:
            self.recipe.generator_optimizer.state.clear()
            self.recipe.discriminator_optimizer.state.clear()
        if self._images is None or self._images.resolution != stage.resolution:
            self._images = Images(self._pixels, self._variants, stage.resolution)
        torch.manual_seed(seeded(self.params.seed, _STEPS, self.steps))
        reals = self._images.batch(self._order.take(self.images_seen, shown), self.compute.device)
        for name, value in self.recipe.step(reals, stage).items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._steps_in_sums += 1
        self.steps += 1
        self.images_seen += shown
        self.average.update(self.recipe.generator, shown, self.images_seen)

    def _due(self, every_kimg: float) -> bool:
        """Whether the last step completed another ``every_kimg``, or the training."""
        every = max(images(every_kimg), 1)
        before = self.images_seen - self.recipe.reals_per_step
        return self.images_seen // every > before // every or self.images_seen >= self.total

    def _close_row(self) -> Row:
        """Read the losses from the device, the only time that the loop waits for it."""
        stage = stage_at(self.params, self.images_seen - 1)
        means = torch.stack(list(self._sums.values())).double() / self._steps_in_sums
        named = dict(zip(self._sums, means.tolist(), strict=True))
        self.rows.append(
            {
                "images": self.images_seen,
                "step": self.steps,
                "steps": self._steps_in_sums,
                "resolution": stage.resolution,
                "fade": _rounded(stage.fade),
                **{name: _rounded(value) for name, value in named.items()},
            }
        )
        self._sums, self._steps_in_sums = {}, 0
        self._check_health()
        return self.rows[-1]

    def _check_health(self) -> None:
        finite = health.all_finite(self.recipe.generator, self.recipe.discriminator)
        try:
            health.check(self.rows, finite=finite)
        except UnhealthyError as error:
            good = checkpoint.found(self.folder)
            kept = f"; the last good checkpoint is {good[0]}" if good else ""
            raise UnhealthyError(
                f"{error}{kept}; lower train.learning_rate and run again"
            ) from error

    def _leave(self) -> None:
        self._save()
        raise InterruptedRunError(
            f"training stopped after {self.images_seen:,} of {self.total:,} images; "
            f"the same command goes on from there"
        )

    def parameters(self) -> dict[str, int]:
        """How many weights each network learns."""
        return {
            part: sum(weight.numel() for weight in network.parameters())
            for part, network in self._networks().items()
            if part != "average"
        }

    @torch.no_grad()
    def averaged_generator(self) -> nn.Module:
        """The moving average, ready to draw."""
        drawn = latents(self.params.seed, _CALIBRATION, BATCH_NORM_LATENTS, self.params.latent)
        measure_batch_norm(self.average.network, drawn.to(self.compute.device))
        return self.average.network

    @torch.no_grad()
    def _draw_samples(self) -> None:
        stage = stage_at(self.params, max(self.images_seen - 1, 0))
        drawn = self.recipe.draw(self.averaged_generator(), self._shown_latents, stage)
        pixels = sheets.enlarged(to_bytes(drawn), self.params.resolution)
        path = self.folder / "samples" / f"{self.images_seen:09d}.png"
        sheets.write_png(path, sheets.sheet(pixels, self.params.sample_grid))

    def _save(self) -> None:
        record = {
            "steps": self.steps,
            "rows": self.rows,
            "steps_in_sums": self._steps_in_sums,
            "losses": list(self._sums),  # in their order, which a file of tensors does not keep
            "compute": self.compute.description,
        }
        tensors = {f"sums/{name}": value for name, value in self._sums.items()}
        for part, network in self._networks().items():
            tensors |= {f"{part}/{name}": value for name, value in network.state_dict().items()}
        for part, optimizer in self._optimizers().items():
            tensors |= {
                f"{part}/{index}/{name}": value
                for index, values in optimizer.state_dict()["state"].items()
                for name, value in values.items()
            }
        checkpoint.save(self.folder, Checkpoint(self.images_seen, tensors, record))

    def restore(self, saved: Checkpoint) -> None:
        """Become what ``saved`` was."""
        self.images_seen = saved.images_seen
        self.steps = saved.record["steps"]
        self.rows = saved.record["rows"]
        self._steps_in_sums = saved.record["steps_in_sums"]
        parts: dict[str, dict[str, Tensor]] = {}
        for path, tensor in saved.tensors.items():
            part, _, name = path.partition("/")
            parts.setdefault(part, {})[name] = tensor
        self._sums = {
            name: parts["sums"][name].to(self.compute.device) for name in saved.record["losses"]
        }
        for part, network in self._networks().items():
            network.load_state_dict(parts[part])
        for part, optimizer in self._optimizers().items():
            _restore_optimizer(optimizer, parts.get(part, {}))

    def _networks(self) -> dict[str, nn.Module]:
        return {
            "generator": self.recipe.generator,
            "discriminator": self.recipe.discriminator,
            "average": self.average.network,
        }

    def _optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {
            "generator_optimizer": self.recipe.generator_optimizer,
            "discriminator_optimizer": self.recipe.discriminator_optimizer,
        }


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for path, tensor in tensors.items():
        index, _, name = path.partition("/")
        if tensor.dim():  # the moments lie in memory as the weights do
            tensor = torch.empty_like(weights[int(index)]).copy_(tensor)
        state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _summary(row: Row) -> str:
    skipped = {"images", "step", "steps", "resolution", "fade"}
    losses = [f"{name} {value:.2f}" for name, value in row.items() if name not in skipped]
    return "  ".join([f"{row['resolution']} px", *losses])
