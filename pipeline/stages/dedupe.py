"""`dedupe`: measure which images show the same picture, also mirrored or turned.

It decides nothing: which member of a group stays is for `select`, and what a curator calls
distinct is distinct there, so that no list edit measures anything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from curation.duplicates.candidate_shortlist import Shortlist, shortlisted, together
from curation.duplicates.candidates import Candidates, Shapes, Side
from curation.duplicates.classification import classify, table
from curation.duplicates.comparison import Known, gathered, slices
from curation.duplicates.descriptors import Descriptors, Layouts, concatenated, describe
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
class HashTask:
    """Under which symmetries (their indices) to look for pairs of near hashes."""

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
    # What the table was before is kept for other tables, and there are none: 200 MB of a million.
    pa.default_memory_pool().release_unused()
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
    tasks = [HashTask(params.max_hash_distance, group) for group in groups]
    layouts = np.ascontiguousarray(seen.layouts[:, 0])
    near_squares = partial(search_squares, hashes=seen.hashes, layouts=layouts)
    lists = engine.run(near_squares, tasks, title="near squares")
    squares = together(lists, images.num_rows).pairs
    if not params.second_look:
        return squares
    near_wholes = partial(search_wholes, hashes=_whole_hashes(images), shapes=shapes)
    wholes = search.merged(engine.run(near_wholes, tasks, title="near wholes"))
    featureless = images["featureless"].to_numpy().astype(bool)
    if not params.symmetries:
        featureless = np.zeros_like(featureless)
    settled = squares.only(squares.symmetry == 0)
    return search.merged([squares, wholes, near_in_layout(seen, featureless, settled)])


def search_squares(task: HashTask, hashes: LongHashes, layouts: Layouts) -> Shortlist:
    """Pairs of squares whose hashes are near under the task's symmetries."""
    upright = Side(np.arange(len(hashes)), hashes)
    return shortlisted(
        (
            pairs
            for symmetry in task.symmetries
            for pairs in search.by_hash(
                Side(upright.images, long_hashes_under(hashes, symmetry)),
                upright,
                task.radius,
                symmetry,
            )
        ),
        layouts,
    )


def search_wholes(task: HashTask, hashes: LongHashes, shapes: Shapes) -> Candidates:
    """Pairs of wholes of two shapes whose hashes are near under the task's symmetries."""
    return search.merged(
        pairs
        for symmetry in task.symmetries
        for pairs in search.by_whole_hash(
            long_hashes_under(hashes, symmetry), hashes, task.radius, symmetry, shapes
        )
    )


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
