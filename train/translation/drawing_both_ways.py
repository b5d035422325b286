"""What a translation between two collections makes again and again, and what is measured on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from pipeline.core.params.translation import UnpairedTranslation
from pipeline.core.shards import Pixels
from train.compute.device import Compute
from train.data.real_images import RealImages, to_bytes
from train.data.variants import Indices, Variants
from train.metrics.fidelity import psnr
from train.metrics.sample_metrics import COMPARED
from train.networks.phase import Phase
from train.samples import sheets
from train.translation.curated import Curated
from train.translation.drawing import ROWS, apart, applied, pair_sheet, some, spread
from train.translation.unpaired import BothWays, UnpairedGame


def read(pixels: Path, variants: Variants, places: Indices, size: int, compute: Compute) -> Tensor:
    """The variants at ``places`` on the device: float32 (n, 3, size, size) in -1..1.

    Raises:
        TrainingError, TableError: pixels are missing.
    """
    images = RealImages(pixels, variants.taken(places), size)
    return images.batch(np.arange(len(places)), compute.device)


class DrawingBothWays:
    """Fixed pictures of both collections, held out where there are any.

    A sheet shows of each its input, what was made of it, and what came back; first those that go
    to the target, then those that come from it.
    """

    classes: Sequence[str] = ()

    def __init__(
        self, params: UnpairedTranslation, game: UnpairedGame, inputs: Curated, targets: Curated
    ) -> None:
        """Nothing is read yet."""
        self._params = params
        self._game = game
        self._ends = (inputs, targets)

    @cached_property
    def columns(self) -> int:
        """Pictures beside each other in a sheet."""
        return min(self._params.sample_grid, *(len(end.judged) for end in self._ends))

    @cached_property
    def _inputs(self) -> tuple[Tensor, Tensor]:
        """Of the collection and of the target."""
        groups = max(2, self._params.sample_grid // ROWS)
        forth, back = (
            self._some(end.judged, end, self.columns * count)
            for end, count in zip(self._ends, (groups - groups // 2, groups // 2), strict=True)
        )
        return forth, back

    @cached_property
    def _compared(self) -> tuple[Tensor, Tensor]:
        count = min(COMPARED, *(len(end.train) for end in self._ends))
        forth, back = (self._some(end.train, end, count) for end in self._ends)
        return forth, back

    def _some(self, variants: Variants, end: Curated, most: int) -> Tensor:
        places = some(variants, most, self._params.seed)
        whole = places[: len(places) // self.columns * self.columns or len(places)]
        return read(end.pixels, variants, whole, self._game.resolution, self._game.compute)

    def draw(self, generator: nn.Module, phase: Phase) -> Pixels:
        """What is made of the inputs, then what becomes of that on its way back."""
        del phase  # there is but one
        made, again = there_and_back(generator, self._inputs)
        return np.concatenate([to_bytes(each) for each in (*made, *again)])

    def write(self, path: Path, grid: Pixels) -> None:
        """Write what `draw` drew in rows below its inputs."""
        inputs = np.concatenate([to_bytes(each) for each in self._inputs])
        made, again = np.split(grid, 2)
        sheets.write_png(path, pair_sheet([inputs, made, again], self.columns))

    def draw_classes(self, generator: nn.Module, phase: Phase) -> None:
        """No classes are told apart."""
        del generator, phase

    def measure(self, grid: Pixels, of_classes: Pixels | None) -> dict[str, float]:
        """How near pictures come back, and how unlike each other those are that were made.

        The diversity is a share of that of the pictures they should be like, in the direction
        where it is less.
        """
        del of_classes
        forth, back = (to_bytes(each) for each in self._inputs)
        made, again = np.split(grid, 2)
        returned = psnr(again, np.concatenate([forth, back])).clip(max=100)
        shares = [
            spread(each) / spread(reals)
            for each, reals in zip(np.split(made, [len(forth)]), (back, forth), strict=True)
            if spread(reals) > 0
        ]
        diversity = {"diversity": min(shares)} if shares else {}
        return {"cycle_psnr": float(returned.mean())} | diversity

    def distance(self, generator: nn.Module, phase: Phase) -> float:
        """How far pictures made of training images are from the other collection; both ways."""
        del phase
        made, _ = there_and_back(generator, self._compared)
        reals = self._compared[::-1]
        ways = zip(made, reals, strict=True)
        return float(np.mean([apart(to_bytes(each), to_bytes(real)) for each, real in ways]))


def there_and_back(
    generator: nn.Module, inputs: tuple[Tensor, Tensor]
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """What `BothWays` make of ``inputs`` of both collections, and what comes back of that."""
    if not isinstance(generator, BothWays):
        raise TypeError(f"{type(generator).__name__} knows no way back")
    forth, back = generator.forth, generator.back
    made = applied(forth, inputs[0]), applied(back, inputs[1])
    return made, (applied(back, made[0]), applied(forth, made[1]))
