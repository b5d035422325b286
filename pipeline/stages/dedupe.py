"""`dedupe`: measure which images show the same picture, also mirrored or turned.

It decides nothing: which member of a group stays is for `select`, and what a curator calls
distinct is distinct there, so that no list edit measures anything again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.duplicates import candidates as search
from curation.duplicates.candidates import Candidates
from curation.duplicates.confirmation import Likeness, compare
from curation.duplicates.lab import Lab
from curation.duplicates.neighbours import Hashes, Indices
from pipeline.core import engine, shards, tables
from pipeline.core.log import say
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import SMALL
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, PAIRS, PairKind
from pipeline.core.symmetries import SYMMETRIES

COLUMNS: Final = (
    "image_id", "shard", "row", "width", "height", "pixel_digest", "phashes", "featureless",
)  # fmt: skip

HASHES_OF_ONE_TASK: Final = 100_000
"""Up to so many hashes, all symmetries are one task: another process would take longer to start."""
IMAGES_OF_ONE_TASK: Final = 4096
PAIRS_OF_ONE_TASK: Final = 8192
PAIRS_AT_ONCE: Final = 128
"""In memory, at about 300 kB each."""


@dataclass(frozen=True)
class HashTask:
    """All images, and the symmetries (as indices) under which to look for pairs."""

    phashes: Hashes
    grids: Lab
    params: Dedupe
    symmetries: tuple[int, ...]


@dataclass(frozen=True)
class GridTask:
    """Images of which the colour grid is wanted."""

    pixels: Path
    places: list[tuple[str, int]]


@dataclass(frozen=True)
class PairTask:
    """Pairs of images to be compared, the first of each under its symmetry."""

    pixels: Path
    first: list[tuple[str, int]]
    second: list[tuple[str, int]]
    symmetries: npt.NDArray[np.uint8]
    params: Dedupe


def run(paths: Paths, params: Dedupe) -> None:
    """Write ``pairs.parquet``: every pair found to be equal, near or doubtful.

    Raises:
        TableError: ``images.parquet`` or a pixel shard is missing or torn.
    """
    images = tables.read(paths.table("images"), IMAGES, COLUMNS)
    images = images.filter(pc.is_valid(images["shard"]))
    found = find_candidates(images, paths.pixels, params)
    likeness = measure(images, found, paths.pixels, params)
    pairs = judge(images, found, likeness, params)
    tables.write(paths.table("pairs"), PAIRS, pairs)
    kinds = tables.counts(pairs, "kind")
    crowded = search.crowded(_phashes(images)[:, 0])
    say(
        f"{images.num_rows:,} images, {len(found):,} comparisons: "
        + ", ".join(f"{kinds.get(kind, 0):,} {kind}" for kind in PairKind)
        + " pairs"
        + (f"; {crowded:,} images share their hash with over {search.LINKS}" if crowded else "")
    )


def find_candidates(images: pa.Table, pixels: Path, params: Dedupe) -> Candidates:
    """The pairs of ``images`` that are worth a comparison, by hash and by colour."""
    phashes = _phashes(images)
    grids = _grids(_places(images, np.arange(len(phashes))), pixels)
    symmetries = range(len(SYMMETRIES)) if params.symmetries else range(1)
    lots = [tuple(symmetries)] if len(phashes) <= HASHES_OF_ONE_TASK else [(s,) for s in symmetries]
    tasks = [HashTask(phashes, grids, params, lot) for lot in lots]
    by_hash = engine.run(search_hashes, tasks, title="near hashes")

    aspects = images["width"].to_numpy() / images["height"].to_numpy()
    featureless = images["featureless"].to_numpy().astype(bool)
    by_colour = search.by_colour(grids, aspects, featureless, symmetries)
    alike = (found.only(search.may_be_alike(found, grids, params)) for found in by_colour)
    return search.merged([*by_hash, *alike])


def search_hashes(task: HashTask) -> Candidates:
    """Pairs of near hashes under the task's symmetries that their colours do not rule out."""
    upright, radius = task.phashes[:, 0], task.params.max_phash_distance
    return search.merged(
        found.only(search.may_be_alike(found, task.grids, task.params))
        for symmetry in task.symmetries
        for found in search.by_hash(task.phashes[:, symmetry], upright, radius, symmetry)
    )


def grids_of(task: GridTask) -> Lab:
    """The colour grids of the task's images."""
    return search.colour_grids(shards.gather(task.pixels, SMALL, task.places))


def measure(images: pa.Table, found: Candidates, pixels: Path, params: Dedupe) -> Likeness:
    """Compare all pairs of ``found`` on their small pixels."""
    tasks = [
        PairTask(
            pixels,
            _places(images, part.first),
            _places(images, part.second),
            part.symmetry,
            params,
        )
        for part in _split(found, PAIRS_OF_ONE_TASK)
    ]
    return Likeness.concatenated(engine.run(compare_pairs, tasks, title="compare pairs"))


def compare_pairs(task: PairTask) -> Likeness:
    """Compare the pairs of one task, a few at a time."""
    parts = []
    for start in range(0, len(task.first), PAIRS_AT_ONCE):
        chosen = slice(start, start + PAIRS_AT_ONCE)
        first = shards.gather(task.pixels, SMALL, task.first[chosen])
        second = shards.gather(task.pixels, SMALL, task.second[chosen])
        parts.append(compare(first, second, task.symmetries[chosen], task.params))
    return Likeness.concatenated(parts)


def judge(images: pa.Table, found: Candidates, likeness: Likeness, params: Dedupe) -> pa.Table:
    """One row for each pair that is more than a coincidence, under its best symmetry."""
    digests = images["pixel_digest"].to_numpy()
    upright = found.symmetry == 0
    equal = (digests[found.first] == digests[found.second]) & upright
    kinds = [(PairKind.EXACT, equal), (PairKind.NEAR, likeness.is_near(params)),
             (PairKind.DOUBTFUL, likeness.is_doubtful(params))]  # fmt: skip
    rank = np.select([which for _, which in kinds], range(len(kinds)), len(kinds))
    order = np.lexsort((found.symmetry, likeness.lab_distance, rank, found.second, found.first))
    order = order[rank[order] < len(kinds)]
    key = np.stack([found.first[order], found.second[order]])
    is_best = np.ones(len(order), bool)
    is_best[1:] = np.any(key[:, 1:] != key[:, :-1], axis=0)
    best = order[is_best]

    ids = images["image_id"].to_numpy()
    phashes = _phashes(images)
    first, second, symmetry = found.first[best], found.second[best], found.symmetry[best]
    tone = likeness.tone_distance[best]
    bits = np.bitwise_count(phashes[first, symmetry] ^ phashes[second, 0])
    return pa.table(
        {
            "a": ids[first],
            "b": ids[second],
            "kind": [str(kinds[place][0]) for place in rank[best]],
            "symmetry": [str(SYMMETRIES[place]) for place in symmetry],
            "phash_distance": bits.astype(np.int32),
            "lab_distance": likeness.lab_distance[best],
            "gradient_correlation": likeness.gradient_correlation[best],
            "chroma_distance": likeness.chroma_distance[best],
            "tone_distance": pa.array(tone, mask=np.isinf(tone)),
        },
        schema=PAIRS.arrow,
    )


def _phashes(images: pa.Table) -> Hashes:
    """One row an image, one column a symmetry: (n, 8)."""
    flat = images["phashes"].combine_chunks().flatten().to_numpy()
    hashes: Hashes = flat.reshape(-1, len(SYMMETRIES))
    return hashes


def _grids(places: list[tuple[str, int]], pixels: Path) -> Lab:
    tasks = [
        GridTask(pixels, places[start : start + IMAGES_OF_ONE_TASK])
        for start in range(0, len(places), IMAGES_OF_ONE_TASK)
    ]
    empty = np.empty((0, search.GRID, search.GRID, 3), np.float32)
    return np.concatenate([empty, *engine.run(grids_of, tasks, title="colours")])


def _places(images: pa.Table, chosen: Indices) -> list[tuple[str, int]]:
    """Pixel shard and row of each of the ``chosen`` images."""
    rows = images.select(["shard", "row"]).take(pa.array(chosen))
    return list(zip(rows["shard"].to_pylist(), rows["row"].to_pylist(), strict=True))


def _split(found: Candidates, size: int) -> Sequence[Candidates]:
    return [
        found.only(np.arange(start, min(start + size, len(found))))
        for start in range(0, len(found), size)
    ]
