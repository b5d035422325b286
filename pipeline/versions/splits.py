"""Which images are trained on and which are held out, and where both are true of one picture.

All variants of an image, and all images of a duplicate group, fall on one side of the split. An
image that changes sides from one version to the next makes their models incomparable: the one was
trained on what the other is judged by.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.schema import VARIANTS, Split, Status
from pipeline.versions.old_tables import as_today, batches_of
from pipeline.versions.row_matching import aligned_rows

_ASKED = pa.schema([VARIANTS.arrow.field(name) for name in ("image_id", "status", "split")])


@dataclass(frozen=True)
class Sides:
    """The sides on which the images of one version stand."""

    images: pa.Table
    """``image_id`` and ``split`` of each image of which a variant stays; a row for each split."""
    variants: dict[str, int]
    """Variants that stay, by split."""


@dataclass(frozen=True)
class Crossing:
    """An image that was on one side and is on the other."""

    image_id: str
    before: str
    after: str


def sides(path: Path) -> Sides:
    """Read the sides from the table of variants at ``path``.

    Raises:
        TableError: it is torn.
    """
    of_images, counted = [], dict.fromkeys((split.value for split in Split), 0)
    for part in batches_of(path, _ASKED.names):  # there are up to eight times as many as images
        table, _ = as_today(part, _ASKED)
        is_kept = pc.equal(table["status"], Status.KEEP.value)
        for split in counted:
            of_split = pc.and_(is_kept, pc.equal(table["split"], split))
            counted[split] += pc.sum(of_split).as_py() or 0
        of_images.append(table.filter(pc.and_(is_kept, _run_starts(table))).drop_columns("status"))
    images = pa.concat_tables(of_images).combine_chunks()
    return Sides(images.filter(_run_starts(images)), counted)


def _run_starts(table: pa.Table) -> pa.ChunkedArray:
    """Which rows do not repeat the one before them; variants are sorted by image."""
    if table.num_rows < 2:
        return pa.chunked_array([pa.repeat(True, table.num_rows)])
    earlier, later = table.slice(0, table.num_rows - 1), table.slice(1)
    repeats = pc.equal(earlier["image_id"], later["image_id"])
    for name in table.column_names[1:]:
        repeats = pc.and_(repeats, pc.equal(earlier[name], later[name]))
    return pa.chunked_array([pa.array([True]), *pc.invert(pc.fill_null(repeats, False)).chunks])


def crossings(old: pa.Table, new: pa.Table) -> list[Crossing]:
    """The images on another side than before, by id."""
    rows = aligned_rows(old["image_id"], new["image_id"])
    both = rows.in_both
    before, after = old.take(rows.old[both]), new.take(rows.new[both])
    moved = pc.not_equal(before["split"], after["split"])
    crossed = zip(
        before["image_id"].filter(moved).to_pylist(),
        before["split"].filter(moved).to_pylist(),
        after["split"].filter(moved).to_pylist(),
        strict=True,
    )
    return sorted(
        (Crossing(*crossing) for crossing in crossed), key=lambda crossing: crossing.image_id
    )


def astride(images: pa.Table, selection: pa.Table) -> list[tuple[str, str]]:
    """Pictures on both sides at once: the id of an image that is trained on, and of one held out.

    ``images`` is that of `Sides`; ``selection`` has ``image_id`` and ``group``.
    """
    groups = selection["group"].take(pc.index_in(images["image_id"], selection["image_id"]))
    pictures = pc.coalesce(groups, images["image_id"]).combine_chunks().dictionary_encode()
    codes = pictures.indices.to_numpy()
    is_held_out = pc.equal(images["split"], Split.HELD_OUT.value).to_numpy()
    count = len(pictures.dictionary)
    on_both = np.flatnonzero(
        (np.bincount(codes[is_held_out], minlength=count) > 0)
        & (np.bincount(codes[~is_held_out], minlength=count) > 0)
    )
    ids = images["image_id"]
    first = {
        side: dict(zip(codes[rows[::-1]].tolist(), rows[::-1].tolist(), strict=True))
        for side, rows in (
            (side, np.flatnonzero((is_held_out == side) & np.isin(codes, on_both)))
            for side in (False, True)
        )
    }
    return [
        (ids[first[False][code]].as_py(), ids[first[True][code]].as_py())
        for code in on_both.tolist()
    ]
