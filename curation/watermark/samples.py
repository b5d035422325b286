"""Images in which a mark is sought: where their pixels are, and how they lie on one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from curation.watermark.anchors import Tie
from curation.watermark.layout import Geometry, Layout
from pipeline.core import shards
from pipeline.core.shards import Pixels

Place = tuple[str, int]
"""Shard and row of an image's pixels."""

IMAGES_OF_ONE_TASK: Final = 512
_IMAGES_AT_ONCE: Final = 32
"""In memory, at about 4 MB each while a 256-pixel image is scored."""


@dataclass(frozen=True)
class Task:
    """Some images of one group: the unit of work."""

    pixels: Path
    places: Sequence[Place]
    size: int
    layout: Layout

    def batches(self) -> Iterator[tuple[Pixels, Layout]]:
        """Their pixels, a few at a time, and how these are laid upon one another."""
        for start in range(0, len(self.places), _IMAGES_AT_ONCE):
            some = slice(start, start + _IMAGES_AT_ONCE)
            yield (
                shards.gather(self.pixels, self.size, self.places[some]),
                self.layout.only(some),
            )


@dataclass(frozen=True)
class Images:
    """Where the pixels of some images are, and how the pictures lie on them."""

    pixels: Path
    places: Sequence[Place]
    geometry: Geometry

    def __len__(self) -> int:
        return len(self.places)

    def take(self, rows: npt.NDArray[np.int64]) -> Images:
        """Some of them."""
        places = [self.places[row] for row in rows.tolist()]
        return Images(self.pixels, places, self.geometry.take(rows))

    def first(self, count: int) -> Images:
        """The first ``count`` of them, or all."""
        return self.take(np.arange(min(count, len(self))))

    def load(self) -> Pixels:
        """The pixels of all of them (n, side, side, 3)."""
        return shards.gather(self.pixels, self.geometry.side, self.places)

    def layout(self, tie: Tie | None = None) -> Layout:
        """How all of them are laid upon one another: as they are, or as tied."""
        return self.geometry.in_place() if tie is None else tie.layout(self.geometry)

    def tasks(self, tie: Tie | None = None) -> list[Task]:
        """All of them in tasks, laid upon one another by `layout`."""
        layout = self.layout(tie)
        parts = [
            slice(start, start + IMAGES_OF_ONE_TASK)
            for start in range(0, len(self), IMAGES_OF_ONE_TASK)
        ]
        size = self.geometry.side
        return [Task(self.pixels, self.places[part], size, layout.only(part)) for part in parts]
