"""Which images there are to train on, each under the symmetries that were kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.schema import Split, Status
from pipeline.core.transforms import SYMMETRIES
from train.conditions.vectors import Floats, Vectors

if TYPE_CHECKING:
    from train.conditions.condition_table import ConditionTable

Indices = npt.NDArray[np.int64]

NAMELESS: Final = "unknown"
_ID_DIGITS: Final = 15
"""As many hexadecimal digits as 63 bits hold."""


@dataclass(frozen=True)
class Variants:
    """Images under symmetries, one entry each."""

    shard_names: tuple[str, ...]
    image_id: npt.NDArray[np.object_]
    shard: Indices
    """Place in ``shard_names``."""
    row: Indices
    symmetry: Indices
    """Place in `SYMMETRIES`."""
    classes: tuple[str, ...]
    """Creators by name; `NAMELESS` stands for all that are not known."""
    of_class: Indices
    """Place in ``classes``."""
    vectors: Vectors | None = None
    """What each is of in numbers, where the training asks for it (`train.conditions`)."""

    @classmethod
    def of(cls, table: pa.Table, split: Split | None) -> Variants:
        """The kept rows of ``split`` (None: of all) in a table of variants, in its order."""
        kept = table.filter(pc.equal(table["status"], Status.KEEP))
        if split is not None:
            kept = kept.filter(pc.equal(kept["split"], split))
        names = sorted(pc.unique(kept["shard"]).to_pylist())
        creators = pc.fill_null(kept["creator"], NAMELESS)
        classes = sorted(pc.unique(creators).to_pylist())
        return cls(
            tuple(names),
            kept["image_id"].to_numpy(),
            _places(kept["shard"], names),
            kept["row"].to_numpy().astype(np.int64),
            _places(kept["transform"], [str(symmetry) for symmetry in SYMMETRIES]),
            tuple(classes),
            _places(creators, classes),
        )

    def __len__(self) -> int:
        return len(self.row)

    def taken(self, places: Indices) -> Variants:
        """The entries at the places ``places``."""
        return Variants(
            self.shard_names,
            self.image_id[places],
            self.shard[places],
            self.row[places],
            self.symmetry[places],
            self.classes,
            self.of_class[places],
            None if self.vectors is None else self.vectors.taken(places),
        )

    def conditions(self, places: Indices) -> Indices | Floats:
        """What the entries at ``places`` are of: their vectors (n, k), or else their classes."""
        return self.of_class[places] if self.vectors is None else self.vectors.at(places)

    def with_vectors(self, table: ConditionTable | None) -> Variants:
        """The same, each of the vector that its image has in ``table``, if there is one.

        Raises:
            TrainingError: an image has none.
        """
        return self if table is None else replace(self, vectors=table.of(self.image_id))

    def numbers(self, places: Indices) -> Indices:
        """A number for each entry at ``places``, from the first digits of its image's id."""
        ids = self.image_id[places]
        return np.array([int(image_id[:_ID_DIGITS], 16) for image_id in ids], np.int64)

    def originals(self) -> tuple[Variants, Indices]:
        """Each image once, as it was stored, and the place among them of each variant's image."""
        _, first, place = np.unique(
            self.shard << 32 | self.row, return_index=True, return_inverse=True
        )
        originals = self.taken(first)
        return replace(originals, symmetry=np.zeros_like(originals.symmetry)), place

    def class_sizes(self) -> Indices:
        """How many entries there are of each class."""
        return np.bincount(self.of_class, minlength=len(self.classes))


@dataclass(frozen=True)
class Source:
    """Curated images of a collection."""

    pixels: Path
    """The folder of its shards."""
    variants: Variants


def _places(column: pa.ChunkedArray, names: list[str]) -> Indices:
    places = pc.index_in(column, pa.array(names, pa.string()))
    return np.asarray(places.to_numpy(), np.int64)
