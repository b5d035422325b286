"""What a running translation makes again and again, and what is measured on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.core.params.translation import Translation
from pipeline.core.shards import Pixels
from train.data.real_images import RealImages, to_bytes
from train.data.variants import Indices, Variants
from train.metrics.distances import diversity, sliced_wasserstein
from train.metrics.fidelity import psnr, ssim
from train.metrics.nearest import thumbnails
from train.metrics.sample_metrics import COMPARED
from train.networks.phase import Phase
from train.samples import sheets
from train.translation.curated import Curated
from train.translation.game import TranslationGame
from train.translation.tasks import Task

ROWS: Final = 3
"""Of a pair in a sheet: its input, what was made of it, and the truth."""
_AT_ONCE: Final = 32


@dataclass(frozen=True)
class Pairs:
    """Inputs and their truths."""

    inputs: Tensor
    """(n, c, r, r) in -1..1."""
    truths: Pixels
    """uint8 (n, r, r, 3)."""
    task: Task

    def pictures(self) -> Pixels:
        """The inputs to look at; what is missing is grey."""
        shown = self.inputs[:, :3]
        return to_bytes(shown.expand(-1, 3, -1, -1) if shown.shape[1] == 1 else shown)

    def guesses(self) -> Pixels:
        """The trivial answers."""
        return to_bytes(self.task.guess(self.inputs))

    def unknown(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Where (n, r, r) the pixels are not given by the input."""
        return (~self.task.known(self.inputs))[:, 0].cpu().numpy()

    def made_by(self, generator: nn.Module) -> Pixels:
        """What ``generator`` makes of the inputs."""
        return to_bytes(applied(generator, self.inputs))


@torch.no_grad()
def applied(network: nn.Module, inputs: Tensor) -> Tensor:
    """What ``network`` makes of ``inputs`` (n, c, r, r), not all at once."""
    parts = inputs.split(_AT_ONCE)  # type: ignore[no-untyped-call] # torch leaves it untyped
    return torch.cat([network(part).float() for part in parts])


def pairs_of(game: TranslationGame, pixels: Path, variants: Variants, places: Indices) -> Pairs:
    """The pairs of the variants at ``places``.

    Raises:
        TrainingError, TableError: pixels are missing.
    """
    device = game.compute.device
    images = RealImages(pixels, variants.taken(places), game.resolution)
    reals = images.batch(np.arange(len(places)), device)
    ids = torch.from_numpy(variants.numbers(places)).to(device)
    return Pairs(game.inputs(reals, ids), to_bytes(reals), game.task)


def some(variants: Variants, most: int, seed: int) -> Indices:
    """At most ``most`` places among ``variants``, of as many different images as there are."""
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(variants))
    _, image = variants.originals()
    _, turn = np.unique(image[shuffled], return_index=True)
    first = np.sort(turn)
    order = np.concatenate([shuffled[first], np.delete(shuffled, first)])
    return order[:most]


class PairDrawing:
    """Fixed pairs, of images that are held out where there are any."""

    classes: Sequence[str] = ()

    def __init__(
        self,
        params: Translation,
        game: TranslationGame,
        inputs: Curated,
        targets: Curated,
    ) -> None:
        """Of one collection, which is both; nothing is read yet."""
        del targets
        self._params = params
        self._game = game
        self._source = inputs

    @cached_property
    def _pairs(self) -> Pairs:
        grid = self._params.sample_grid
        shown = self._source.judged
        places = some(shown, grid * max(1, grid // ROWS), self._params.seed)
        return pairs_of(self._game, self._source.pixels, shown, places)

    @cached_property
    def _compared(self) -> Pairs:
        places = some(self._source.train, COMPARED, self._params.seed)
        return pairs_of(self._game, self._source.pixels, self._source.train, places)

    def draw(self, generator: nn.Module, phase: Phase) -> Pixels:
        """What is made of the inputs: uint8 (n, r, r, 3)."""
        del phase  # there is but one
        return self._pairs.made_by(generator)

    def write(self, path: Path, grid: Pixels) -> None:
        """Write what `draw` drew in rows between its inputs and its truths."""
        sheet = pair_sheet([self._pairs.pictures(), grid, self._pairs.truths], self.columns)
        sheets.write_png(path, sheet)

    @property
    def columns(self) -> int:
        """Pairs beside each other in a sheet."""
        return min(self._params.sample_grid, len(self._pairs.truths))

    def draw_classes(self, generator: nn.Module, phase: Phase) -> None:
        """No classes are told apart."""
        del generator, phase

    def measure(self, grid: Pixels, of_classes: Pixels | None) -> dict[str, float]:
        """Nearness to the truth, and how unlike each other the pictures are, as a share of it."""
        del of_classes
        truths = self._pairs.truths
        measured = {
            "psnr": float(psnr(grid, truths, self._pairs.unknown()).clip(max=100).mean()),
            "ssim": float(ssim(grid, truths).mean()),
        }
        between = spread(truths)
        if between > 0:
            measured["diversity"] = spread(grid) / between
        return measured

    def distance(self, generator: nn.Module, phase: Phase) -> float:
        """How far pictures made of training images are from these, as sets of thumbnails."""
        del phase
        made = self._compared.made_by(generator)
        return apart(made, self._compared.truths)


def pair_sheet(rows: Sequence[Pixels], columns: int) -> Pixels:
    """Pictures of each of ``rows`` under each other, ``columns`` pairs wide; pairs may be over."""
    count = len(rows[0]) // columns * columns
    size = rows[0].shape[1]
    parts = [row[:count].reshape(-1, columns, size, size, 3) for row in rows]
    stacked = np.stack(parts, axis=1).reshape(-1, size, size, 3)
    return sheets.sheet(stacked, columns)


def film_strip(papers: Sequence[Pixels], size: int) -> Pixels:
    """Of some pictures the input, what was made of it at each moment, and the last row of the end.

    ``papers`` are sheets in groups of `ROWS`, a moment each; the last row is the truth of pairs,
    and of others what came back.
    """
    columns = papers[0].shape[1] // (size + sheets.GAP_PX)
    parted = [
        sheets.tiles(paper, size).reshape(-1, ROWS, columns, size, size, 3) for paper in papers
    ]
    inputs, last = (parted[-1][:, row].reshape(-1, size, size, 3) for row in (0, ROWS - 1))
    made = [part[:, 1].reshape(-1, size, size, 3) for part in parted]
    shown = sheets.evenly(range(len(inputs)), sheets.STRIP_ROWS)
    moments = np.stack([part[shown] for part in (inputs, *made, last)], axis=1)
    return sheets.strip(moments, size)


def spread(pixels: Pixels) -> float:
    """How unlike each other pictures are."""
    return diversity(_vectors(pixels)) if len(pixels) > 1 else 0.0


def apart(made: Pixels, reals: Pixels) -> float:
    """How far two sets of as many pictures are from each other."""
    return sliced_wasserstein(_vectors(made), _vectors(reals))


def _vectors(pixels: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return thumbnails(pixels).astype(np.float64)
