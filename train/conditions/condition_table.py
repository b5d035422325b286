"""What stage `condition` left: the vectors of a collection's images, and what they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.core import tables
from pipeline.core.errors import TrainingError
from pipeline.core.files import read_object
from pipeline.core.params.train import LoopParams
from pipeline.core.paths import Paths
from pipeline.core.schema import CONDITIONS
from train.conditions.vectors import Floats, Ids, Vectors

_AGAIN: Final = "run `dvc repro`, or `salon condition` of its collection, to make it anew"


@dataclass(frozen=True)
class ConditionTable:
    """Vectors by image id."""

    path: Path
    ids: Ids
    """Sorted."""
    values: Floats
    """(images, k)"""
    description: dict[str, Any]

    def of(self, image_ids: Ids) -> Vectors:
        """The vectors of variants of the images ``image_ids``.

        Raises:
            TrainingError: an image has none.
        """
        try:
            return Vectors.by_id(self.ids, self.values, image_ids)
        except LookupError as error:
            raise TrainingError(
                f"{self.path}: has no vector of the image {error.args[0]}; {_AGAIN}"
            ) from error


def read_conditions(paths: Paths, params: LoopParams) -> ConditionTable | None:
    """The vectors that ``params`` ask for; None: pictures are drawn of none.

    Raises:
        TableError: the table is missing or torn.
        TrainingError: it was made for other params.
    """
    if params.vectors_of is None:
        return None
    path = paths.table("conditions")
    table = tables.read(path, CONDITIONS)
    description = read_object(paths.condition)
    if description.get("kind") != params.vectors_of or not table.num_rows:
        raise TrainingError(f"{path}: made for other params; {_AGAIN}")
    ids = table["image_id"].to_numpy()
    values = table["vector"].combine_chunks().flatten().to_numpy()
    return ConditionTable(path, ids, values.reshape(len(ids), -1).astype(np.float32), description)
