"""A vector for each image, and which of them each variant is drawn of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Ids = npt.NDArray[np.object_]


class Conditioned(NamedTuple):
    """What images are drawn of, and what it means."""

    vectors: Floats
    """(images, k), in the order of the facts."""
    description: dict[str, Any]
    """From which a vector can be made again of what a user asks for; JSON can hold it."""


@dataclass(frozen=True)
class Vectors:
    """The vectors of some variants; those of one image share theirs."""

    values: Floats
    """(vectors, k)."""
    place: Indices
    """Of each variant's vector among ``values``."""

    @classmethod
    def by_id(cls, ids: Ids, values: Floats, asked: Ids) -> Vectors:
        """The vectors of the images ``asked``, where those of ``ids`` (n,), sorted, are ``values``.

        Raises:
            LookupError: an image has none; the error names it.
        """
        place = np.searchsorted(ids, asked).astype(np.int64)
        has_one = np.zeros(len(asked), bool)
        within = place < len(ids)
        has_one[within] = ids[place[within]] == asked[within]
        if not has_one.all():
            raise LookupError(asked[np.argmin(has_one)])
        return cls(values, place)

    @property
    def numbers(self) -> int:
        """How long a vector is."""
        width: int = self.values.shape[1]
        return width

    def at(self, places: Indices) -> Floats:
        """The vectors of the variants at ``places``: (n, k)."""
        return self.values[self.place[places]]

    def taken(self, places: Indices) -> Vectors:
        """Those of the variants at ``places`` alone."""
        return replace(self, place=self.place[places])
