"""The judges' distances in TensorBoard, beside the curves of their training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from train.loop.tensorboard_curves import new_board

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

FOLDER: Final = "judges"
"""Within that of the training, not in that of its own curves, which it deletes when it begins."""
OF_SAMPLES: Final = "samples"
OF_REALS: Final = "reals"
"""Other real images from the same ones: a level line, as near as samples could be."""


class JudgeCurves:
    """Written by whoever watches a training, anew each time that somebody begins to."""

    def __init__(self, training: Path) -> None:
        """Nothing is written yet; ``training`` is the folder of one."""
        self._folder = training / FOLDER
        self._boards: dict[str, SummaryWriter] = {}
        self._shown: list[float] = []

    def show(self, judged: list[dict[str, float]], floor: dict[str, float]) -> None:
        """Write what is new among ``judged``, which is in the order of images shown.

        A curve only goes on: when an earlier sheet is judged late, all are written anew.
        """
        order = [look["images"] for look in judged]
        if not self._boards or order[: len(self._shown)] != self._shown:
            self.close()
            names = (OF_SAMPLES, OF_REALS)
            self._boards = {name: new_board(self._folder / name) for name in names}
            self._shown = []
        for look in judged[len(self._shown) :]:
            self._add(look, floor)
        self._shown = order
        for board in self._boards.values():
            board.flush()

    def close(self) -> None:
        """Write no more into the present files."""
        for board in self._boards.values():
            board.close()

    def _add(self, look: dict[str, float], floor: dict[str, float]) -> None:
        step = int(look["images"])
        for name, value in look.items():
            if name != "images":
                self._boards[OF_SAMPLES].add_scalar(name, value, step)
        for name, value in floor.items():
            self._boards[OF_REALS].add_scalar(name, value, step)
