"""A collection as a translation sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.core.schema import Split
from train.data.variants import Variants


@dataclass(frozen=True)
class Curated:
    """The images of a collection that were kept."""

    pixels: Path
    train: Variants
    held_out: Variants
    all: Variants
    """Both."""

    @classmethod
    def of(cls, pixels: Path, table: pa.Table) -> Curated:
        """Those in a ``table`` of variants."""
        splits = (Split.TRAIN, Split.HELD_OUT, None)
        return cls(pixels, *(Variants.of(table, split) for split in splits))

    @property
    def judged(self) -> Variants:
        """Those that are held out, or all, where none is."""
        return self.held_out if len(self.held_out) else self.train

    @property
    def judged_split(self) -> Split:
        """Which they are."""
        return Split.HELD_OUT if len(self.held_out) else Split.TRAIN
