"""The training loop: the same for every network, and able to go on after any interruption."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import torch

from pipeline.core import log
from pipeline.core.errors import InterruptedRunError, TrainingError
from pipeline.core.params.train import LoopParams
from train.compute.device import Compute
from train.data.variants import Source, Variants
from train.loop import checkpoint, live
from train.loop.budget import MINUTE_S, Budget, Stopwatch
from train.loop.checkpoint import Checkpoint, Record
from train.loop.loss_means import LossMeans, six_digits
from train.loop.state import State
from train.loop.step import LEARNING_RATE, Stepper
from train.loop.subject import GAN, Subject
from train.monitor import rules
from train.monitor.balance import balance
from train.monitor.monitor import Monitor, MonitorState
from train.monitor.rules import Row
from train.networks import state_dicts
from train.networks.phase import images

CLASSES: Final = "classes.png"
"""The latest sheet of all classes, a row of each, where they are told apart."""
SLOW_DOWN: Final = 0.5
"""By what the learning rates are multiplied when a training is set back."""


class Training:
    """A training in progress; ``folder`` holds its checkpoints and samples."""

    def __init__(
        self,
        params: LoopParams,
        compute: Compute,
        pixels: Path,
        variants: Variants,
        folder: Path,
        subject: Subject = GAN,
    ) -> None:
        """Set up at the very beginning; nothing is read from ``folder`` yet.

        Raises:
            TrainingError: the batch cannot be shared evenly by the processes.
        """
        least = params.inseparable * compute.ranks.count
        if params.batch % least:
            raise TrainingError(
                f"{subject.section}.batch: {params.batch} images cannot be shared evenly by "
                f"{compute.ranks.count} processes; make it a multiple of {least}"
            )
        self.params = params
        self.compute = compute
        self.variants = variants
        self.folder = folder
        self.subject = subject
        self.recipe = subject.game(params, compute, variants)
        self.budget = Budget(self.recipe.total_images, params.seconds)
        self.clock = Stopwatch()
        self.state = State(params, self.recipe)
        self.rows: list[Row] = []
        epoch_steps = len(variants) / self.recipe.reals_per_step
        self.monitor = Monitor(
            params.on_unhealthy, epoch_steps, self.recipe.objective, subject.section
        )
        self.nearest: float | None = None
        """Distance from real images of the best checkpoint."""
        self._losses = LossMeans()
        self._samples = subject.drawing(params, self.recipe, pixels, variants)
        self._stepper = Stepper(self.state, Source(pixels, variants), subject.targets)
        self._saved_at: int | None = None

    def run(self, note: Callable[[Row], None], stop: Callable[[], bool]) -> bool:
        """Train to the end; ``note`` gets each row of the history, ``stop`` is asked each step.

        Returns:
            Whether the end was reached; if not, the training was set back and its history is
            shorter than what ``note`` was told.

        Raises:
            InterruptedRunError: ``stop`` said so; a checkpoint was written.
            UnhealthyError: the monitor gave up; the last good checkpoint stays.
            TrainingError, TableError: pixels are missing.
        """
        if self.state.images_seen == 0:
            self._draw_samples()
        seen, total, stage = self.state.images_seen, self.budget.images, self.subject.stage
        with self.clock.running(), log.progress(stage, total, self._minutes, seen) as bar:
            while not self._is_over():
                if self.compute.ranks.any(stop(), self.compute.device):
                    self._leave()
                slowed = SLOW_DOWN**self.monitor.seen.setbacks
                self._losses.add(self._stepper.take(self._done(), slowed))
                bar.advance(self.recipe.reals_per_step)
                if self._due(self.params.samples_every_kimg):
                    self._draw_samples()
                if self._due(self.params.log_every_kimg):
                    note(self._close_row())
                    self._tell("running")
                    bar.advance(0, note=_summary(self.rows[-1]))
                    if not self._examine():
                        return False
                if self._due(self.params.checkpoint_every_kimg):
                    self._save(self._checkpoint(), best=self._is_best())
        return self._finish(note)

    def _is_over(self) -> bool:
        """Whether the budget is spent; all processes must ask, as each has a clock of its own."""
        spent = self.budget.is_spent(self.state.images_seen, self.clock.seconds)
        return (
            spent
            if self.budget.seconds is None
            else self.compute.ranks.any(spent, self.compute.device)
        )

    def _done(self) -> float:
        """How far it is, 0..1, where rates fall; all processes must ask, as each has a clock."""
        if self.params.learning_rate_falls_from is None:
            return 0.0
        if self.budget.seconds is None:
            return self.budget.share(self.state.images_seen, 0.0)
        done = self.budget.share(self.state.images_seen, self.clock.seconds)
        mean = torch.tensor(done, dtype=torch.float64, device=self.compute.device)
        self.compute.ranks.average([mean])
        return float(mean)

    @property
    def spent(self) -> str:
        """How much of the budget is spent, in words."""
        return self.budget.spent(self.state.images_seen, self.clock.seconds)

    def _minutes(self) -> str:
        """For the line of progress, where minutes end the training."""
        if self.budget.seconds is None:
            return ""
        spent = self.budget.counted(self.clock.seconds)
        return f"{spent / MINUTE_S:.1f} of {self.budget.seconds / MINUTE_S:g} min"

    def is_shorter_than(self, saved: Checkpoint) -> bool:
        """Whether ``saved`` has come further than this training goes."""
        shown, total = self.recipe.reals_per_step, self.budget.images
        seconds, limit = saved.record.seconds, self.budget.seconds
        if total is not None and saved.record.images_seen > -(-total // shown) * shown:
            return True
        return limit is not None and seconds > limit

    def _finish(self, note: Callable[[Row], None]) -> bool:
        """Draw, measure and save what was not due at the very end.

        The checkpoint is one of a training that goes on: should ``kimg`` be raised, no row and no
        sample of this end is in its history.
        """
        is_saved = self._saved_at == self.state.images_seen
        is_best = False if is_saved and self.nearest is not None else self._is_best()
        before = self._checkpoint()
        if not self._is_measured():
            self._draw_samples()
        if self._losses.steps:
            note(self._close_row())
            if not self._examine():
                return False
        if not is_saved or is_best:
            self._save(before, best=is_best)
        self._tell("ended")
        return True

    def restore(self, saved: Checkpoint, path: Path) -> None:
        """Become what ``saved``, read from ``path``, was.

        Raises:
            TrainingError: it is of another training.
        """
        record, parts = saved.record, state_dicts.parts(saved.tensors)
        try:
            self.state.restore(parts)
            sums = parts.get("sums", {})
            self._losses.restore(record.open_steps, record.open_losses, sums, self.compute.device)
        except (LookupError, RuntimeError, ValueError) as error:
            raise TrainingError(
                f"{path}: not a checkpoint of this training; delete it and run the same command "
                f"again"
            ) from error
        self.state.images_seen = self._saved_at = record.images_seen
        self.state.images_before = record.images_before
        self.state.steps = record.steps
        self.clock.set(record.seconds)
        self.rows = list(record.rows)
        self.nearest = record.nearest
        self._set_monitor(record.monitor)

    def start_warm(self, saved: Checkpoint) -> None:
        """Take the weights of ``saved`` as first weights, and nothing else of it.

        The average goes on as that of a training in its middle: its half life is not short again,
        or it would forget within some steps what it is taken over for.

        Raises:
            TrainingError: they are of other networks.
        """
        try:
            self.state.start_from(state_dicts.parts(saved.tensors))
        except RuntimeError as error:
            raise TrainingError(
                f"{self.subject.section}.warm_start: {self.params.warm_start} holds the weights of "
                f"other networks; name a checkpoint of a {self.params.title} with the same sizes"
            ) from error
        self.state.images_before = saved.record.images_seen + saved.record.images_before

    def take_best(self) -> None:
        """Take the average of the best checkpoint, to publish it.

        Raises:
            TrainingError: it is missing or torn.
        """
        path = self.folder / checkpoint.BEST
        saved = checkpoint.load_checkpoint(path)
        if saved is None:
            raise TrainingError(
                f"{path}: missing or torn; set {self.subject.section}.publish to last"
            )
        average = state_dicts.parts(saved.tensors)["average"]
        self.state.average.network.load_state_dict(average)
        self.state.images_seen, self.state.steps = saved.record.images_seen, saved.record.steps

    def _due(self, every_kimg: float) -> bool:
        """Whether the last step completed another ``every_kimg``."""
        every, seen = max(images(every_kimg), 1), self.state.images_seen
        return seen // every > (seen - self.recipe.reals_per_step) // every

    def _close_row(self) -> Row:
        """Read the losses from the device, the only time that the loop waits for it."""
        state, phase = self.state, self.state.latest_phase
        when = {"images": state.images_seen, "step": state.steps, "steps": self._losses.steps}
        where = {"resolution": phase.resolution, "fade": six_digits(phase.fade)}
        self.rows.append({**when, **where, **self._losses.close(self.compute.ranks)})
        return self.rows[-1]

    def _examine(self) -> bool:
        """Whether the training may go on; otherwise it was set back.

        Raises:
            UnhealthyError: it must end.
        """
        finite = rules.all_finite(self.recipe.generator, self.recipe.discriminator)
        kept = checkpoint.kept(self.folder)
        if self.monitor.may_go_on(self.rows, kept, finite=finite):
            return True
        self._set_back(kept[-1])
        return False

    def _set_back(self, path: Path) -> None:
        """Go on from the checkpoint in ``path``, but slower, and remember why."""
        saved = checkpoint.load_checkpoint(path)
        if saved is None:
            raise TrainingError(f"{path}: torn; delete it and run the same command again")
        now, nearest, seconds = self.monitor.seen, self.nearest, self.clock.seconds
        self.restore(saved, path)
        self.clock.set(seconds)  # time that was spent is spent
        remembered = {"setbacks": now.setbacks, "findings": now.findings}
        self._set_monitor(saved.record.monitor.model_copy(update=remembered))
        self.nearest = nearest
        self.compute.ranks.any(False, self.compute.device)  # until all have read the file
        if self.compute.ranks.first:
            checkpoint.delete_after(self.folder, saved.record.images_seen)
        self._save(self._checkpoint())

    def _set_monitor(self, seen: MonitorState) -> None:
        self.monitor.seen = seen.model_copy(deep=True)

    def _leave(self) -> None:
        self._save(self._checkpoint())
        self._tell("stopped")
        raise InterruptedRunError(
            f"training stopped after {self.spent}; the same command goes on from there"
        )

    def _checkpoint(self) -> Checkpoint:
        """The training as it is now.

        All processes must ask: what each has summed up by itself becomes their mean first, so that
        a training goes on from the sums of all.
        """
        sums, state = self._losses.sums, self.state
        self.compute.ranks.average([*sums.values(), *self.recipe.state.values()])
        record = Record(
            images_seen=state.images_seen,
            images_before=state.images_before,
            steps=state.steps,
            seconds=self.budget.counted(self.clock.seconds),
            rows=list(self.rows),
            open_steps=self._losses.steps,
            open_losses=list(sums),
            monitor=self.monitor.seen.model_copy(deep=True),
            nearest=self.nearest,
            compute=self.compute.description,
        )
        tensors = state.tensors() | {f"sums/{name}": value for name, value in sums.items()}
        return Checkpoint(record, tensors)

    def _save(self, saved: Checkpoint, *, best: bool = False) -> None:
        """Write a checkpoint, which may be the ``best`` so far; the first process does it.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        self._saved_at = saved.record.images_seen
        if self.compute.ranks.first:
            checkpoint.save(self.folder, saved, self.params.keep_checkpoints, best=best)

    def _draw_samples(self) -> None:
        average, phase = self.state.averaged_generator(), self.state.latest_phase
        grid = self._samples.draw(average, phase)
        of_classes = self._samples.draw_classes(average, phase)
        self.monitor.note_samples(self.state.images_seen, self._samples.measure(grid, of_classes))
        if self.compute.ranks.first:
            path = self.folder / "samples" / f"{self.state.images_seen:09d}.png"
            self._samples.write(path, grid)
            if of_classes is not None:
                self._samples.write(self.folder / CLASSES, of_classes)
        self._tell("running")

    def _tell(self, state: Literal["running", "stopped", "ended"]) -> None:
        """Say how the training stands, to whoever watches."""
        if not self.compute.ranks.first:
            return
        shown, seconds = self.state.images_seen, self.budget.counted(self.clock.seconds)
        now = live.Live(
            state=state,
            images=shown,
            steps=self.state.steps,
            seconds=seconds,
            share=self.budget.share(shown, seconds),
            spent=self.spent,
            resolution=self.recipe.resolution,
            grid=self.params.sample_grid,
            balance=balance(self.rows, self.recipe.objective),
            rows=self.rows,
            sample_metrics=self.monitor.seen.sample_metrics,
            findings=self.monitor.seen.findings,
            classes=self._samples.classes,
        )
        live.write_live(self.folder, now)

    def _is_measured(self) -> bool:
        """Whether there are samples of the latest step."""
        latest = self.monitor.seen.sample_metrics[-1:]
        return any(row["images"] == self.state.images_seen for row in latest)

    def _is_best(self) -> bool:
        """Whether the average draws nearer to real images than at all checkpoints before."""
        if self.params.publish == "last":
            return False
        average = self.state.averaged_generator()
        distance = six_digits(self._samples.distance(average, self.state.latest_phase))
        is_best = self.nearest is None or distance < self.nearest
        self.nearest = distance if is_best else self.nearest
        return is_best


def _summary(row: Row) -> str:
    skipped = {"images", "step", "steps", "resolution", "fade", LEARNING_RATE}
    losses = [f"{name} {value:.2f}" for name, value in row.items() if name not in skipped]
    return "  ".join([f"{row['resolution']} px", *losses])
