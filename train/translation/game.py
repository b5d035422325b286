"""What the games of all kinds of translation share."""

from __future__ import annotations

from torch import Tensor

from pipeline.core.params.translation import Translation
from train.compute.device import Compute
from train.networks.phase import images
from train.networks.recipe import Game, Pair
from train.translation.chances import chances
from train.translation.tasks import Task


class TranslationGame(Game):
    """A game whose generator makes pictures of what a task makes of pictures."""

    def __init__(
        self,
        params: Translation,
        task: Task,
        compute: Compute,
        networks: Pair,
        betas: tuple[float, float],
    ) -> None:
        """Place ``networks`` on the device."""
        super().__init__(params, params.resolution, compute, networks, betas)
        self.task = task
        self.reals_per_step = params.batch
        self.total_images = images(params.kimg)
        self._seed = params.seed

    def inputs(self, pictures: Tensor, ids: Tensor) -> Tensor:
        """The inputs (n, c, r, r) made of ``pictures`` of images with ``ids`` (n,)."""
        return self.task.derive(pictures, chances(self._seed, ids))
