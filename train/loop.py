"""The training loop: the same for every model, and able to go on after any interruption.

All that is random in a step follows from the seed and the number of the step, and the order of
the images from their position, so a training that goes on from a checkpoint makes the same
weights, on a CPU to the bit, as one that was never stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from pipeline.core import log
from pipeline.core.errors import InterruptedRunError, TrainingError
from pipeline.core.params.train import Train
from train import checkpoint, health
from train.chance import Purpose, seeded
from train.data import Images, Variants
from train.device import Compute
from train.journal import Row
from train.order import order_of
from train.recipes import Batch
from train.samples import Samples
from train.schedule import Stage, images, stage_at, total_images
from train.state import State
from train.tally import rounded


class Training(State):
    """A training in progress."""

    def __init__(
        self, params: Train, compute: Compute, pixels: Path, variants: Variants, folder: Path
    ) -> None:
        """Set up at the very beginning; nothing is read from ``folder`` yet."""
        super().__init__(params, compute, variants, folder)
        self.total = total_images(params)
        self._samples = Samples(params, self.recipe, pixels, variants)
        self._pixels = pixels
        self._variants = variants
        self._order = order_of(params, variants)
        self._images: Images | None = None

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
                    self.save(best=self._is_best())
        return True

    def _step(self) -> None:
        stage = stage_at(self.params, self.images_seen)
        shown = self.recipe.reals_per_step
        if self.steps and stage_at(self.params, self.images_seen - shown).phase != stage.phase:
            self.recipe.generator_optimizer.state.clear()
            self.recipe.discriminator_optimizer.state.clear()
        if self._images is None or self._images.resolution != stage.resolution:
            self._images = Images(self._pixels, self._variants, stage.resolution)
        torch.manual_seed(seeded(self.params.seed, Purpose.STEPS, self.steps))
        wanted = self.compute.ranks.share(self._order.take(self.images_seen, shown))
        reals = self._images.batch(wanted, self.compute.device)
        classes = torch.from_numpy(self._variants.of_class[wanted]).to(self.compute.device)
        self.tally.add(self.recipe.step(Batch(reals, classes), stage, self.steps))
        self.steps += 1
        self.images_seen += shown
        in_all = self.images_before + self.images_seen
        self.average.update(self.recipe.generator, shown, in_all)

    def _due(self, every_kimg: float) -> bool:
        """Whether the last step completed another ``every_kimg``, or the training."""
        every = max(images(every_kimg), 1)
        before = self.images_seen - self.recipe.reals_per_step
        return self.images_seen // every > before // every or self.images_seen >= self.total

    def _close_row(self) -> Row:
        """Read the losses from the device, the only time that the loop waits for it."""
        stage = self._stage_shown()
        when = {"images": self.images_seen, "step": self.steps, "steps": self.tally.steps}
        where = {"resolution": stage.resolution, "fade": rounded(stage.fade)}
        self.rows.append({**when, **where, **self.tally.close(self.compute.ranks)})
        return self.rows[-1]

    def _stage_shown(self) -> Stage:
        """The stage of the last image shown."""
        return stage_at(self.params, max(self.images_seen - 1, 0))

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
        self.restore_slower(saved)
        self._images = None
        self.compute.ranks.any(False, self.compute.device)  # until all have read the file
        if self.compute.ranks.first:
            checkpoint.forget_after(self.folder, saved.images_seen)
        self.save()

    def _leave(self) -> None:
        self.save()
        raise InterruptedRunError(
            f"training stopped after {self.images_seen:,} of {self.total:,} images; "
            f"the same command goes on from there"
        )

    def _draw_samples(self) -> None:
        drawn = self._samples.draw(self.averaged_generator(), self._stage_shown())
        self.watcher.note_vitals(self.images_seen, self._samples.vitals(drawn))
        if self.compute.ranks.first:
            self._samples.write(self.folder / "samples" / f"{self.images_seen:09d}.png", drawn)

    def _is_best(self) -> bool:
        """Whether the average draws nearer to real images than at all checkpoints before."""
        if self.params.publish == "last":
            return False
        average = self.averaged_generator()
        distance = rounded(self._samples.distance(average, self._stage_shown()))
        is_best = self.nearest is None or distance < self.nearest
        self.nearest = distance if is_best else self.nearest
        return is_best


def _summary(row: Row) -> str:
    skipped = {"images", "step", "steps", "resolution", "fade"}
    losses = [f"{name} {value:.2f}" for name, value in row.items() if name not in skipped]
    return "  ".join([f"{row['resolution']} px", *losses])
