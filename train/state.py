"""What a training is between two steps: what a checkpoint holds, and what becomes of it again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import nn

from pipeline.core.errors import TrainingError
from pipeline.core.params.train import Train
from train import checkpoint, snapshot
from train.chance import Purpose, latents
from train.checkpoint import Checkpoint
from train.data import Variants
from train.device import Compute
from train.ema import Average, measure_batch_norm
from train.journal import Row
from train.recipes import recipe_for
from train.schedule import images
from train.tally import Tally
from train.watcher import Watcher

BATCH_NORM_LATENTS: Final = 512
"""Drawn images from which the average's batch norm is measured."""

SLOW_DOWN: Final = 0.5
"""By what the learning rates are multiplied when a training is set back."""


class State:
    """Networks, optimizers, average, counters and history; ``folder`` holds the checkpoints."""

    def __init__(self, params: Train, compute: Compute, variants: Variants, folder: Path) -> None:
        """As before the first step; nothing is read from ``folder`` yet.

        Raises:
            TrainingError: the batch cannot be shared evenly by the processes.
        """
        least = params.inseparable * compute.ranks.count
        if params.batch % least:
            raise TrainingError(
                f"train.batch: {params.batch} images cannot be shared evenly by "
                f"{compute.ranks.count} processes; make it a multiple of {least}"
            )
        self.params = params
        self.compute = compute
        self.folder = folder
        classes = len(variants.classes) if params.is_conditional else 0
        self.recipe = recipe_for(params, compute, classes)
        self.average = Average(self.recipe.generator, images(params.ema_half_life_kimg))
        self.images_seen = 0
        self.images_before = 0
        """Images seen by the trainings whose weights a warm start took."""
        self.steps = 0
        self.rows: list[Row] = []
        self.tally = Tally()
        self.watcher = Watcher(params.on_unhealthy, len(variants) / self.recipe.reals_per_step)
        self.nearest: float | None = None
        """Distance from real images of the best checkpoint."""

    def parameters(self) -> dict[str, int]:
        """How many weights each network learns."""
        return {
            part: sum(weight.numel() for weight in network.parameters())
            for part, network in self.recipe.networks().items()
        }

    @torch.no_grad()
    def averaged_generator(self) -> nn.Module:
        """The moving average, ready to draw."""
        size = self.params.latent
        drawn = latents(self.params.seed, Purpose.CALIBRATION, BATCH_NORM_LATENTS, size)
        measure_batch_norm(self.average.network, drawn.to(self.compute.device))
        return self.average.network

    def save(self, *, best: bool = False) -> None:
        """Write a checkpoint, which may be the ``best`` so far; the first process does it.

        All processes must ask: what each has summed up by itself becomes their mean first, so that
        a training goes on from the sums of all.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        self.compute.ranks.average([*self.tally.sums.values(), *self.recipe.state.values()])
        if not self.compute.ranks.first:
            return
        record = {
            "steps": self.steps,
            "images_before": self.images_before,
            "rows": self.rows,
            "tally": self.tally.record(),
            "compute": self.compute.description,
            "watcher": self.watcher.record(),
            "nearest": self.nearest,
        }
        numbers = {"sums": self.tally.sums, "state": self.recipe.state}
        tensors = snapshot.pack(self._networks(), self.recipe.optimizers(), numbers)
        saved = Checkpoint(self.images_seen, tensors, record)
        checkpoint.save(self.folder, saved, self.params.keep_checkpoints, best=best)

    def restore(self, saved: Checkpoint) -> None:
        """Become what ``saved`` was."""
        self.images_seen = saved.images_seen
        self.images_before = saved.record["images_before"]
        self.steps = saved.record["steps"]
        self.rows = saved.record["rows"]
        self.nearest = saved.record["nearest"]
        parts = snapshot.parts(saved.tensors)
        self.tally.restore(saved.record["tally"], parts.get("sums", {}), self.compute.device)
        for name, tensor in self.recipe.state.items():
            tensor.copy_(parts["state"][name])
        for part, network in self._networks().items():
            network.load_state_dict(parts[part])
        for part, optimizer in self.recipe.optimizers().items():
            snapshot.restore_optimizer(optimizer, parts.get(part, {}))
        self.watcher.restore(saved.record["watcher"])
        self.recipe.set_pace(SLOW_DOWN**self.watcher.setbacks)

    def restore_slower(self, saved: Checkpoint) -> None:
        """Become what ``saved`` was, but slower, and remember why."""
        setbacks, findings, nearest = self.watcher.setbacks, self.watcher.findings, self.nearest
        self.restore(saved)
        self.watcher.setbacks, self.watcher.findings, self.nearest = setbacks, findings, nearest
        self.recipe.set_pace(SLOW_DOWN**setbacks)

    def take_best(self) -> None:
        """Take the average of the best checkpoint, to publish it.

        Raises:
            TrainingError: it is missing or torn.
        """
        path = self.folder / checkpoint.BEST
        saved = checkpoint.load(path)
        if saved is None:
            raise TrainingError(f"{path}: missing or torn; set train.publish to last")
        self.average.network.load_state_dict(snapshot.parts(saved.tensors)["average"])
        self.images_seen, self.steps = saved.images_seen, saved.record["steps"]

    def start_warm(self, saved: Checkpoint) -> None:
        """Take the weights of ``saved`` as first weights, and nothing else of it.

        The average goes on as that of a training in its middle: its half life is not short again,
        or it would forget within some steps what it is taken over for.

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
        self.images_before = saved.images_seen + saved.record["images_before"]

    def _networks(self) -> dict[str, nn.Module]:
        return self.recipe.networks() | {"average": self.average.network}
