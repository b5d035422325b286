"""Comparing pairs of images on their small pixels, each pair once and no pair a second time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.duplicates import candidates as search
from curation.duplicates.candidates import Candidates, Shapes
from curation.duplicates.descriptors import INNER
from curation.duplicates.measured_pairs import Digests, Keys, MeasuredPairs, pair_keys
from curation.duplicates.verification import Likeness, verify
from pipeline.core import engine
from pipeline.core.params.ingest import SMALL
from pipeline.core.shards import Pixels, Shards
from pipeline.core.transforms import SYMMETRIES, apply

TASK_PAIRS: Final = 8192
PAIRS_AT_ONCE: Final = 128
"""In memory, at about 400 kB each where they are measured to the end."""


@dataclass(frozen=True)
class Known:
    """The pairs that were measured before, and the digests by which they are known."""

    pairs: MeasuredPairs
    pictures: Digests
    """Of all images."""

    def keys_of(self, candidates: Candidates, warps: npt.NDArray[np.float64]) -> Keys:
        """The key of each of ``candidates``."""
        first, second = self.pictures[candidates.first], self.pictures[candidates.second]
        return pair_keys(first, second, candidates.symmetry, warps)


@dataclass(frozen=True)
class PairTask:
    """Pairs of images to be compared, the first of each under its symmetry."""

    pixels: Path
    first: pa.Table
    """Shard and row of each."""
    second: pa.Table
    symmetries: npt.NDArray[np.uint8]
    warps: npt.NDArray[np.float64]
    """Where each pixel of the second is looked for in the first (pairs, 6)."""


def verify_all(
    images: pa.Table,
    candidates: Candidates,
    shapes: Shapes,
    pixels: Path,
    known: Known | None = None,
) -> Likeness:
    """Compare all pairs of ``candidates`` on their small pixels, but for those that are ``known``.

    What was compared is kept as soon as it is, so that a run that is killed goes on there.
    """
    warps = search.warps(candidates, shapes, INNER)
    if known is None:
        return Likeness.concatenated(_verified(images, candidates, warps, pixels))
    keys = known.keys_of(candidates, warps)
    before = known.pairs.find(keys)
    new = np.flatnonzero(~before.is_known)
    parts = _verified(images, candidates.only(new), warps[new], pixels)
    made = [before.likeness]
    for place, likeness in zip(slices(len(new), TASK_PAIRS), parts, strict=True):
        known.pairs.add(keys[new[place]], likeness)
        made.append(likeness)
    order = np.argsort(np.concatenate([np.flatnonzero(before.is_known), new]))
    together = Likeness.concatenated(made).only(order)
    known.pairs.tidy(keys, together)
    return together


def _verified(
    images: pa.Table, candidates: Candidates, warps: npt.NDArray[np.float64], pixels: Path
) -> Iterator[Likeness]:
    """The likeness of ``candidates``, `TASK_PAIRS` at a time."""
    places = images.select(["shard", "row"])
    tasks = [
        PairTask(
            pixels,
            places.take(candidates.first[part]),
            places.take(candidates.second[part]),
            candidates.symmetry[part],
            warps[part],
        )
        for part in slices(len(candidates), TASK_PAIRS)
    ]
    return engine.run(verify_pairs, tasks, title="verify")


def verify_pairs(task: PairTask) -> Likeness:
    """Compare the pairs of one task, a few at a time."""
    made = []
    opened = Shards(task.pixels, SMALL)
    for part in slices(task.first.num_rows, PAIRS_AT_ONCE):
        first, second = (
            _taken(opened, places.slice(part.start, PAIRS_AT_ONCE))
            for places in (task.first, task.second)
        )
        made.append(
            verify(_under_symmetries(first, task.symmetries[part]), second, task.warps[part])
        )
    return Likeness.concatenated(made)


def _under_symmetries(pictures: Pixels, symmetries: npt.NDArray[np.uint8]) -> Pixels:
    """Each of ``pictures`` (n, side, side, 3) under its own symmetry."""
    made = np.empty_like(pictures)
    for index in np.unique(symmetries):
        chosen = symmetries == index
        turned = apply(SYMMETRIES[index], pictures[chosen].transpose(1, 2, 0, 3))
        made[chosen] = turned.transpose(2, 0, 1, 3)
    return made


def gathered(pixels: Path, places: pa.Table) -> Pixels:
    """The small pixels at ``places`` (shard, row)."""
    return _taken(Shards(pixels, SMALL), places)


def _taken(opened: Shards, places: pa.Table) -> Pixels:
    columns = (places[name].to_pylist() for name in ("shard", "row"))
    return opened.take(zip(*columns, strict=True))


def slices(count: int, size: int) -> list[slice]:
    """Slices of ``size`` that cover ``count`` rows."""
    return [slice(start, start + size) for start in range(0, count, size)]
