"""The training loop: the same for every model, and able to go on after any interruption.

All that is random in a step follows from the seed and the number of the step, and the order of
the images from their position, so a training that goes on from a checkpoint makes the same
weights, on a CPU to the bit, as one that was never stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.core import log
from pipeline.core.errors import InterruptedRunError, TrainingError
from pipeline.core.params.train import Train
from train import checkpoint, health, sheets, snapshot
from train.checkpoint import Checkpoint
from train.data import Images, Order, Variants, to_bytes
from train.device import Compute
from train.ema import Average, measure_batch_norm
from train.journal import Row
from train.recipes import recipe_for
from train.schedule import images, stage_at, total_images
from train.vitals import Vitals
from train.watcher import Watcher

BATCH_NORM_LATENTS: Final = 512
"""Drawn images from which the average's batch norm is measured."""

_LATENTS, _CALIBRATION, _STEPS = range(3)
"""Purposes of random numbers; each has a stream of its own."""

SLOW_DOWN: Final = 0.5
"""By what the learning rates are multiplied when a training is set back."""

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
        self.watcher = Watcher(params.on_unhealthy, len(variants) / self.recipe.reals_per_step)
        self._sums: dict[str, Tensor] = {}
        self._steps_in_sums = 0
        self._vitals: Vitals | None = None
        self._pixels = pixels
        self._variants = variants
        self._order = Order(params.seed, len(variants))
        self._images: Images | None = None
        shown = latents(params.seed, _LATENTS, params.sample_grid**2, params.latent)
        self._shown_latents = shown.to(compute.device)

    def run(self, note: Callable[[Row], None], stop: Callable[[], bool]) -> bool:
        """Train to the end; ``note`` gets each row of the history, ``stop`` is asked each step.

        Returns:
            Whether the end was reached; if not, the training was set back and its history is
            shorter than what ``note`` was told.

        Raises:
            InterruptedRunError: ``stop`` said so; a checkpoint was written.
            UnhealthyError: the watcher gave up; the last good checkpoint stays.
            TrainingError, TableError: pixels are missing.
        """
        if self.images_seen == 0:
            self._draw_samples()
        with log.progress("train", self.total) as bar:
            bar.advance(self.images_seen)
            while self.images_seen < self.total:
                if self.compute.ranks.any(stop(), self.compute.device):
                    self._leave()
                self._step()
                bar.advance(self.recipe.reals_per_step)
                if self._due(self.params.samples_every_kimg):
                    self._draw_samples()
                if self._due(self.params.log_every_kimg):
                    note(self._close_row())
                    bar.advance(0, note=_summary(self.rows[-1]))
                    if not self._examine():
                        return False
                if self._due(self.params.checkpoint_every_kimg):
                    self._save()
        return True

    def _step(self) -> None:
        stage = stage_at(self.params, self.images_seen)
        shown = self.recipe.reals_per_step
        if self.steps and stage_at(self.params, self.images_seen - shown).phase != stage.phase:
            self.recipe.generator_optimizer.state.clear()
            self.recipe.discriminator_optimizer.state.clear()
        if self._images is None or self._images.resolution != stage.resolution:
            self._images = Images(self._pixels, self._variants, stage.resolution)
        torch.manual_seed(seeded(self.params.seed, _STEPS, self.steps))
        wanted = self.compute.ranks.share(self._order.take(self.images_seen, shown))
        reals = self._images.batch(wanted, self.compute.device)
        for name, value in self.recipe.step(reals, stage, self.steps).items():
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
        self.compute.ranks.average([means])
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
        return self.rows[-1]

    def _examine(self) -> bool:
        """Whether the training may go on; otherwise it was set back.

        Raises:
            UnhealthyError: it must end.
        """
        finite = health.all_finite(self.recipe.generator, self.recipe.discriminator)
        kept = checkpoint.found(self.folder)
        if self.watcher.may_go_on(self.rows, kept, finite=finite):
            return True
        self._set_back(kept[-1])
        return False

    def _set_back(self, path: Path) -> None:
        """Go on from the checkpoint in ``path``, but slower."""
        saved = checkpoint.load(path)
        if saved is None:
            raise TrainingError(f"{path}: torn; delete it and run the same command again")
        setbacks, findings = self.watcher.setbacks, self.watcher.findings
        self.restore(saved)
        self.watcher.setbacks, self.watcher.findings = setbacks, findings
        self.recipe.set_pace(SLOW_DOWN**setbacks)
        self._images = None
        self.compute.ranks.any(False, self.compute.device)  # until all have read the file
        if self.compute.ranks.first:
            checkpoint.forget_after(self.folder, saved.images_seen)
        self._save()

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
        drawn = to_bytes(self.recipe.draw(self.averaged_generator(), self._shown_latents, stage))
        if self._vitals is None:
            self._vitals = Vitals(self._pixels, self._variants, self.params.seed)
        self.watcher.note_vitals(self.images_seen, self._vitals.measure(drawn))
        if not self.compute.ranks.first:
            return
        pixels = sheets.enlarged(drawn, self.params.resolution)
        path = self.folder / "samples" / f"{self.images_seen:09d}.png"
        sheets.write_png(path, sheets.sheet(pixels, self.params.sample_grid))

    def _save(self) -> None:
        if not self.compute.ranks.first:
            return
        record = {
            "steps": self.steps,
            "rows": self.rows,
            "steps_in_sums": self._steps_in_sums,
            "losses": list(self._sums),  # in their order, which a file of tensors does not keep
            "compute": self.compute.description,
            "watcher": self.watcher.record(),
        }
        tensors = snapshot.pack(self._networks(), self._optimizers(), {"sums": self._sums})
        saved = Checkpoint(self.images_seen, tensors, record)
        checkpoint.save(self.folder, saved, self.params.keep_checkpoints)

    def restore(self, saved: Checkpoint) -> None:
        """Become what ``saved`` was."""
        self.images_seen = saved.images_seen
        self.steps = saved.record["steps"]
        self.rows = saved.record["rows"]
        self._steps_in_sums = saved.record["steps_in_sums"]
        parts = snapshot.parts(saved.tensors)
        self._sums = {
            name: parts["sums"][name].to(self.compute.device) for name in saved.record["losses"]
        }
        for part, network in self._networks().items():
            network.load_state_dict(parts[part])
        for part, optimizer in self._optimizers().items():
            snapshot.restore_optimizer(optimizer, parts.get(part, {}))
        self.watcher.restore(saved.record["watcher"])
        self.recipe.set_pace(SLOW_DOWN**self.watcher.setbacks)

    def start_warm(self, saved: Checkpoint) -> None:
        """Take the weights of ``saved`` as first weights, and nothing else of it.

        Raises:
            TrainingError: they are of other networks.
        """
        parts = snapshot.parts(saved.tensors)
        try:
            for part, network in self._networks().items():
                network.load_state_dict(parts.get(part, {}))
        except RuntimeError as error:
            raise TrainingError(
                f"train.warm_start: {self.params.warm_start} holds the weights of other networks; "
                f"name a checkpoint of model: {self.params.model} with the same sizes"
            ) from error

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


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _summary(row: Row) -> str:
    skipped = {"images", "step", "steps", "resolution", "fade"}
    losses = [f"{name} {value:.2f}" for name, value in row.items() if name not in skipped]
    return "  ".join([f"{row['resolution']} px", *losses])
