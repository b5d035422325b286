"""`dedupe`: measure which images show the same picture, also mirrored or turned.

It decides nothing: which member of a group stays is for `select`, and what a curator calls
distinct is distinct there, so that no list edit measures anything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.duplicates import candidates as search
from curation.duplicates import comparison
from curation.duplicates.candidate_hashes import Hashes
from curation.duplicates.candidate_layouts import near_in_layout
from curation.duplicates.candidate_shortlist import shortlisted
from curation.duplicates.candidates import SQUARES, WHOLES, Candidates, Shapes
from curation.duplicates.classification import classify, table
from curation.duplicates.comparison import Known, gathered, slices
from curation.duplicates.descriptors import Descriptors, concatenated, describe
from curation.duplicates.measured_pairs import Digests, MeasuredPairs, picture_digests
from curation.images.hashes import LongHashes, long_hashes_under
from pipeline.core import engine, tables
from pipeline.core.files import exclusive
from pipeline.core.log import say
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, PAIRS, PairKind
from pipeline.core.transforms import SYMMETRIES

COLUMNS: Final = (
    "image_id", "shard", "row", "width", "height", "crop_left", "crop_top", "pixel_digest",
    "phashes", "featureless", "whole_hash",
)  # fmt: skip

TASK_HASHES: Final = 30_000
"""Up to so many hashes, all symmetries are one task: another process would take longer to start."""
TASK_IMAGES: Final = 4096
IMAGES_AT_ONCE: Final = 128
"""In memory, at about 100 kB each."""


@dataclass(frozen=True)
class Hashed:
    """All hashes of one kind."""

    hashes: LongHashes
    shapes: Shapes | None
    """Of the same images, where the hashes are of the wholes: those of one shape are left out."""


@dataclass(frozen=True)
class HashTask:
    """A kind of hashes and the symmetries (both as indices) under which to look for pairs."""

    kind: int
    radius: int
    symmetries: tuple[int, ...]


@dataclass(frozen=True)
class DescribeTask:
    """Images to describe."""

    pixels: Path
    places: pa.Table
    """Shard and row of each."""


def run(paths: Paths, params: Dedupe) -> None:
    """Write ``pairs.parquet``: every pair found to be equal, near or doubtful.

    Raises:
        TableError: ``images.parquet`` or a pixel shard is missing or torn.
    """
    images = tables.read(paths.table("images"), IMAGES, COLUMNS)
    images = images.filter(pc.is_valid(images["shard"])).combine_chunks()
    work = paths.work("dedupe")
    with exclusive(work.with_suffix(".lock"), what=f"dedupe of {paths.collection}"):
        _compare(paths, params, images, work)


def _compare(paths: Paths, params: Dedupe, images: pa.Table, work: Path) -> None:
    seen, pictures = look_at_all(images, paths.pixels)
    shapes = shapes_of(images, seen)
    candidates = find_candidates(images, seen, shapes, params)
    known = Known(MeasuredPairs(work), pictures)
    likeness = comparison.verify_all(images, candidates, shapes, paths.pixels, known)
    digests = images["pixel_digest"].to_numpy()
    classified = classify(candidates, likeness, digests, seen.colourless, params)
    phashes = _phashes(images)
    pairs = table(classified, images["image_id"].to_numpy(), phashes)
    tables.write(paths.table("pairs"), PAIRS, pairs)
    _report(pairs, seen.hashes, len(candidates))


def describe_all(images: pa.Table, pixels: Path) -> Descriptors:
    """The descriptors of all ``images``."""
    return look_at_all(images, pixels)[0]


def look_at_all(images: pa.Table, pixels: Path) -> tuple[Descriptors, Digests]:
    """The descriptors of all ``images``, and the digests of their small pixels."""
    places = images.select(["shard", "row"])
    tasks = [
        # Taken, since a slice of a table is handed over with all that it is a slice of.
        DescribeTask(pixels, places.take(pa.array(range(part.start, min(part.stop, len(places))))))
        for part in slices(images.num_rows, TASK_IMAGES)
    ]
    return _joined(engine.run(looked_at, tasks, title="describe"), images.num_rows)


def looked_at(task: DescribeTask) -> tuple[Descriptors, Digests]:
    """What is seen of the task's images, a few at a time."""
    count = task.places.num_rows
    parts = (
        gathered(task.pixels, task.places.slice(start, IMAGES_AT_ONCE))
        for start in range(0, count, IMAGES_AT_ONCE)
    )
    return _joined(((describe(pictures), picture_digests(pictures)) for pictures in parts), count)


def _joined(
    parts: Iterable[tuple[Descriptors, Digests]], count: int
) -> tuple[Descriptors, Digests]:
    named = [np.empty((0, 2), np.uint64)]

    def descriptors() -> Iterator[Descriptors]:
        for seen, of_part in parts:
            named.append(of_part)
            yield seen

    return concatenated(descriptors(), count), np.concatenate(named)


def find_candidates(
    images: pa.Table, seen: Descriptors, shapes: Shapes, params: Dedupe
) -> Candidates:
    """The pairs of ``images`` that are worth a comparison, by hash and by layout."""
    symmetries = range(len(SYMMETRIES)) if params.symmetries else range(1)
    groups = (
        [tuple(symmetries)]
        if len(shapes.aspects) <= TASK_HASHES
        else [(symmetry,) for symmetry in symmetries]
    )
    layouts = np.ascontiguousarray(seen.layouts[:, 0])
    kinds = [Hashed(seen.hashes, None)]
    if params.second_look:
        kinds.append(Hashed(_whole_hashes(images), shapes))
    tasks = [
        HashTask(kind, params.max_hash_distance, group)
        for kind in range(len(kinds))
        for group in groups
    ]
    of_task = partial(search_hashes, kinds=kinds)
    by_hash = search.merged(engine.run(of_task, tasks, title="near hashes"))
    squares = by_hash.only(by_hash.placement == SQUARES)
    squares = squares.only(shortlisted(squares, layouts))
    wholes = by_hash.only(by_hash.placement == WHOLES)
    if not params.second_look:
        return squares
    featureless = images["featureless"].to_numpy().astype(bool)
    if not params.symmetries:
        featureless = np.zeros_like(featureless)
    settled = squares.only(squares.symmetry == 0)
    return search.merged([squares, wholes, near_in_layout(seen, featureless, settled)])


def search_hashes(task: HashTask, kinds: Sequence[Hashed]) -> Candidates:
    """Pairs of near hashes under the task's symmetries; of wholes, those of two shapes."""
    hashes, shapes = kinds[task.kind].hashes, kinds[task.kind].shapes
    placement = SQUARES if shapes is None else WHOLES
    pairs = (
        near
        for symmetry in task.symmetries
        for near in search.by_hash(
            long_hashes_under(hashes, symmetry), hashes, task.radius, symmetry, placement
        )
    )
    if shapes is None:
        return search.merged(pairs)
    return search.merged(part.only(search.differ_in_shape(part, shapes)) for part in pairs)


def shapes_of(images: pa.Table, seen: Descriptors) -> Shapes:
    """What the squares of all ``images`` show of the wholes."""
    width, height = (images[side].to_numpy().astype(float) for side in ("width", "height"))
    is_cut = images["crop_left"].is_valid().to_numpy()
    side = np.minimum(width, height)
    left, top = (
        pc.fill_null(images[name], 0).to_numpy().astype(float) for name in ("crop_left", "crop_top")
    )
    windows = np.stack(
        [left / width, top / height, (left + side) / width, (top + side) / height], axis=1
    )
    windows[~is_cut] = [0, 0, 1, 1]
    return Shapes(windows.astype(np.float32), seen.inside, width / height)


def _report(pairs: pa.Table, hashes: LongHashes, compared: int) -> None:
    kinds = tables.counts(pairs, "kind")
    crowded, most = search.crowded(hashes), search.MAX_SHARING
    say(
        f"{len(hashes):,} images, {compared:,} comparisons: "
        + ", ".join(f"{kinds.get(kind, 0):,} {kind}" for kind in PairKind)
        + " pairs"
        + (f"; {crowded:,} images share their hash with over {most}" if crowded else "")
    )


def _whole_hashes(images: pa.Table) -> LongHashes:
    flat = images["whole_hash"].combine_chunks().flatten().to_numpy()
    hashes: LongHashes = (
        flat.reshape(images.num_rows, -1) if images.num_rows else flat.reshape(0, 4)
    )
    return hashes


def _phashes(images: pa.Table) -> Hashes:
    """One row an image, one column a symmetry: (n, 8)."""
    flat = images["phashes"].combine_chunks().flatten().to_numpy()
    hashes: Hashes = flat.reshape(-1, len(SYMMETRIES))
    return hashes
