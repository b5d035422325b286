"""A training in TensorBoard: its losses, samples, the balance in words, what the monitor found."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from train.loop.history import WHEN
from train.loop.training import Training
from train.monitor.balance import balance
from train.monitor.rules import Row
from train.samples import sheets

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

FOLDER: Final = "tensorboard"
"""Within that of the training."""


def new_board(folder: Path) -> SummaryWriter:
    """A writer of events into ``folder``, from which earlier ones are deleted."""
    # Imported here: it takes a second that tests of the loop save.
    from torch.utils.tensorboard import SummaryWriter

    shutil.rmtree(folder, ignore_errors=True)
    return SummaryWriter(str(folder))


class Curves:
    """Live curves in TensorBoard, beside each other what the page of `--watch` shows.

    They are written anew from what there is so far, so that a resumed training shows one curve
    without a seam. The judges are asked by whoever watches (`train.watch.judge_curves`).
    """

    def __init__(self, training: Training) -> None:
        self._training = training
        self._board = new_board(training.folder / FOLDER)
        self._samples = self._findings = 0
        """How many are written."""
        for count in range(1, len(training.rows) + 1):
            self._add_row(training.rows[:count])
        self._add_news()

    def __enter__(self) -> Curves:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._add_news()  # what was found at the very end
        self._board.close()

    def add(self, _row: Row) -> None:
        """Add the latest row of the history, at its number of images, and what is new beside it."""
        self._add_row(self._training.rows)
        self._add_news()

    def _add_row(self, rows: list[Row]) -> None:
        """Add the last of ``rows``."""
        step = int(rows[-1]["images"])
        for name, value in rows[-1].items():
            if name not in WHEN:
                self._scalar(name, value, step)
        if words := balance(rows, self._training.recipe.objective):
            self._text("balance", words, step)

    def _add_news(self) -> None:
        seen = self._training.monitor.seen
        for measured in seen.sample_metrics[self._samples :]:
            step = int(measured["images"])
            for name, value in measured.items():
                if name not in WHEN:
                    self._scalar(f"samples/{name}", value, step)
            path = self._training.folder / "samples" / f"{step:09d}.png"
            if path.is_file():
                self._board.add_image("samples", sheets.read_png(path), step, dataformats="HWC")
        for found in seen.findings[self._findings :]:
            words = f"{found['rule']}: {found['saw']}; what usually helps: {found['remedy']}"
            self._text("the monitor found", words, int(found["images"]))
        self._samples, self._findings = len(seen.sample_metrics), len(seen.findings)
        self._board.flush()

    def _scalar(self, name: str, value: float, step: int) -> None:
        self._board.add_scalar(name, value, step)

    def _text(self, name: str, words: str, step: int) -> None:
        self._board.add_text(name, words, step)
