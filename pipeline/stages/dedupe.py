"""`dedupe`: measure which images show the same picture, also mirrored or turned.

It decides nothing: which member of a group stays is for `select`, and what a curator calls
distinct is distinct there, so that no list edit measures anything again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.duplicates import candidates as search
from curation.duplicates.borders import trimmed
from curation.duplicates.candidates import Candidates
from curation.duplicates.confirmation import Likeness, compare
from curation.duplicates.judgement import judge, suspect, table
from curation.duplicates.lab import Lab
from curation.duplicates.neighbours import Hashes, Indices
from curation.duplicates.second_look import overlooked
from curation.duplicates.views import Views, joined, views_of
from pipeline.core import engine, shards, tables
from pipeline.core.log import say
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import SMALL
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, PAIRS, PairKind
from pipeline.core.shards import Pixels
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
class ViewTask:
    """Images of which the views are wanted, those without borders only if asked for."""

    pixels: Path
    places: list[tuple[str, int]]
    rows: Indices
    phashes: Hashes
    also_trimmed: bool


@dataclass(frozen=True)
class PairTask:
    """Pairs of images to be compared, the first of each under its symmetry."""

    pixels: Path
    first: list[tuple[str, int]]
    second: list[tuple[str, int]]
    symmetries: npt.NDArray[np.uint8]
    is_trimmed: npt.NDArray[np.bool_]
    """Whether the borders of the first, and of the second, are to be cut off (pairs, 2)."""
    params: Dedupe


def run(paths: Paths, params: Dedupe) -> None:
    """Write ``pairs.parquet``: every pair found to be equal, near or doubtful.

    Raises:
        TableError: ``images.parquet`` or a pixel shard is missing or torn.
    """
    images = tables.read(paths.table("images"), IMAGES, COLUMNS)
    images = images.filter(pc.is_valid(images["shard"]))
    views = look(images, paths.pixels, params)
    found = find_candidates(images, views, params)
    likeness = measure(images, found, paths.pixels, params)
    judged = judge(found, likeness, images["pixel_digest"].to_numpy(), params)
    parts, compared = [judged], len(found)
    if params.second_look:
        again, trim = overlooked(views, _featureless(images), judged.pairs)
        likeness = measure(images, again, paths.pixels, params, trim)
        parts.append(suspect(again, likeness, trim, params))
        compared += len(again)
    phashes = _phashes(images)
    pairs = table(parts, images["image_id"].to_numpy(), phashes)
    tables.write(paths.table("pairs"), PAIRS, pairs)
    _tell(pairs, phashes, compared)


def look(images: pa.Table, pixels: Path, params: Dedupe) -> Views:
    """What all ``images`` look like at a glance: as they are, then what has borders without."""
    phashes, everything = _phashes(images)[:, 0], np.arange(images.num_rows)
    tasks = [
        ViewTask(pixels, _places(images, rows), rows, phashes[rows], params.second_look)
        for rows in _lots(everything, IMAGES_OF_ONE_TASK)
    ]
    return joined(list(engine.run(views_in, tasks, title="colours")))


def views_in(task: ViewTask) -> Views:
    """The views of the task's images."""
    pictures = shards.gather(task.pixels, SMALL, task.places)
    return views_of(pictures, task.rows, task.phashes, also_trimmed=task.also_trimmed)


def find_candidates(images: pa.Table, views: Views, params: Dedupe) -> Candidates:
    """The pairs of ``images`` that are worth a comparison, by hash and by colour."""
    phashes = _phashes(images)
    grids = views.grids[: len(phashes)]
    symmetries = range(len(SYMMETRIES)) if params.symmetries else range(1)
    lots = [tuple(symmetries)] if len(phashes) <= HASHES_OF_ONE_TASK else [(s,) for s in symmetries]
    tasks = [HashTask(phashes, grids, params, lot) for lot in lots]
    by_hash = engine.run(search_hashes, tasks, title="near hashes")

    aspects = images["width"].to_numpy() / images["height"].to_numpy()
    by_colour = search.by_colour(grids, aspects, _featureless(images), symmetries)
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


def measure(
    images: pa.Table,
    found: Candidates,
    pixels: Path,
    params: Dedupe,
    is_trimmed: npt.NDArray[np.bool_] | None = None,
) -> Likeness:
    """Compare all pairs of ``found`` on their small pixels, with borders or without (pairs, 2)."""
    trim = np.zeros((len(found), 2), bool) if is_trimmed is None else is_trimmed
    tasks = [
        PairTask(
            pixels,
            _places(images, found.first[lot]),
            _places(images, found.second[lot]),
            found.symmetry[lot],
            trim[lot],
            params,
        )
        for lot in _lots(np.arange(len(found)), PAIRS_OF_ONE_TASK)
    ]
    return Likeness.concatenated(engine.run(compare_pairs, tasks, title="compare pairs"))


def compare_pairs(task: PairTask) -> Likeness:
    """Compare the pairs of one task, a few at a time."""
    parts = []
    for start in range(0, len(task.first), PAIRS_AT_ONCE):
        chosen = slice(start, start + PAIRS_AT_ONCE)
        first, second = (
            _seen(shards.gather(task.pixels, SMALL, places[chosen]), trim)
            for places, trim in zip(
                (task.first, task.second), task.is_trimmed[chosen].T, strict=True
            )
        )
        parts.append(compare(first, second, task.symmetries[chosen], task.params))
    return Likeness.concatenated(parts)


def _seen(pictures: Pixels, trim: npt.NDArray[np.bool_]) -> Pixels:
    """``pictures``, some of them without their borders."""
    if trim.any():
        pictures[trim] = trimmed(pictures[trim])
    return pictures


def _tell(pairs: pa.Table, phashes: Hashes, compared: int) -> None:
    kinds = tables.counts(pairs, "kind")
    crowded = search.crowded(phashes[:, 0])
    say(
        f"{len(phashes):,} images, {compared:,} comparisons: "
        + ", ".join(f"{kinds.get(kind, 0):,} {kind}" for kind in PairKind)
        + " pairs"
        + (f"; {crowded:,} images share their hash with over {search.LINKS}" if crowded else "")
    )


def _phashes(images: pa.Table) -> Hashes:
    """One row an image, one column a symmetry: (n, 8)."""
    flat = images["phashes"].combine_chunks().flatten().to_numpy()
    hashes: Hashes = flat.reshape(-1, len(SYMMETRIES))
    return hashes


def _featureless(images: pa.Table) -> npt.NDArray[np.bool_]:
    flags: npt.NDArray[np.bool_] = images["featureless"].to_numpy().astype(bool)
    return flags


def _places(images: pa.Table, chosen: Indices) -> list[tuple[str, int]]:
    """Pixel shard and row of each of the ``chosen`` images."""
    rows = images.select(["shard", "row"]).take(pa.array(chosen))
    return list(zip(rows["shard"].to_pylist(), rows["row"].to_pylist(), strict=True))


def _lots(rows: Indices, size: int) -> list[Indices]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
