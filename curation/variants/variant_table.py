"""The variants of the images that stay: which symmetries of each are pictures of their own.

Two variants s(x) and t(x) of an image x are the same picture if t⁻¹s leaves x as it is, for
symmetries only move pixels: the mean difference of s(x) and t(x) is that of t⁻¹s(x) and x. So the
eight distances that `ingest` measured answer for all pairs, and no pixel is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.evidence import BY_RULE, NAMELESS, Mask, rows_of
from curation.selection.rules.other_causes import (
    CLASS_BALANCE,
    CURATOR_REMOVED,
    SAME_AS_OTHER_VARIANT,
)
from curation.variants.split import held_out, over_cap
from pipeline.core.params.augment import Augment
from pipeline.core.schema import VARIANTS, Split, Status
from pipeline.core.transforms import SYMMETRIES, Symmetry, compose, inverse

IMAGES_AT_ONCE: Final = 32_768
"""Whose variants are in memory together."""

Distances = npt.NDArray[np.float32]
Words = dict[int, tuple[str, str]]
"""What curators say about one transform: by row of the image the action and the curator."""


def variants(
    selection: pa.Table, images: pa.Table, decisions: pa.Table, params: Augment
) -> Iterator[pa.Table]:
    """VARIANTS: for each image that stays the identity and every transform, kept or rejected.

    A curator's word about a variant comes first; then all variants of an image go that is too many
    in its class, and a variant that equals an earlier one which stays.

    The rows come in the order of their key if those of ``selection`` do, some thousand images at a
    time, because there are several times as many variants as images.
    """
    kept = selection.filter(pc.equal(selection["status"], Status.KEEP.value))
    distances = _distances(images, kept)
    by_curator = pc.not_equal(kept["decided_by"], BY_RULE).to_numpy()
    surplus = over_cap(
        kept["image_id"], kept["creator"], by_curator, params.max_images_per_creator, params.seed
    )
    about_variants = decisions.filter(pc.equal(decisions["scope"], "variant"))
    for start in range(0, kept.num_rows, IMAGES_AT_ONCE):
        part = slice(start, start + IMAGES_AT_ONCE)
        yield _variants(kept[part], distances[part], surplus[part], about_variants, params)


def _variants(
    kept: pa.Table, distances: Distances, surplus: Mask, decisions: pa.Table, params: Augment
) -> pa.Table:
    split = _splits(kept, params)
    overrides = _overrides(decisions, kept)
    stay: dict[Symmetry, Mask] = {}
    made = {}
    for transform in (Symmetry.IDENTITY, *params.transforms):
        words = overrides.get(transform, {})
        same = _same(transform, stay, distances, params.min_difference)
        kept_by_curator = _rows(words, "keep", kept.num_rows)
        reasons = {
            CURATOR_REMOVED.name: _rows(words, "remove", kept.num_rows),
            CLASS_BALANCE.name: surplus & ~kept_by_curator,
            SAME_AS_OTHER_VARIANT.name: same & ~kept_by_curator,
        }
        stay[transform] = ~np.logical_or.reduce(list(reasons.values()))
        made[transform] = _of_transform(kept, transform, reasons, words, split)
    by_transform = pa.concat_tables([made[transform] for transform in sorted(made)])
    by_image = np.arange(by_transform.num_rows).reshape(len(made), -1).T
    return by_transform.take(pa.array(by_image.ravel()))


def _distances(images: pa.Table, kept: pa.Table) -> Distances:
    """How far each image is from itself under each symmetry: (rows, 8), NaN if unknown."""
    rows = rows_of(images, kept["image_id"], "selection")
    column = images["symmetry_distances"].take(pa.array(rows)).combine_chunks()
    known = pc.is_valid(column).to_numpy(zero_copy_only=False)
    distances = np.full((len(rows), len(SYMMETRIES)), np.nan, np.float32)
    distances[known] = column.flatten().to_numpy().reshape(-1, len(SYMMETRIES))
    return distances


def _same(
    transform: Symmetry, stay: dict[Symmetry, Mask], distances: Distances, min_difference: float
) -> Mask:
    """Images of which an earlier variant that stays looks like this one."""
    same = np.zeros(len(distances), bool)
    for earlier, stays in stay.items():
        between = SYMMETRIES.index(compose(inverse(transform), earlier))
        same |= stays & (distances[:, between] < min_difference)
    return same


def _splits(kept: pa.Table, params: Augment) -> pa.Array:
    unit = pc.coalesce(kept["group"], kept["image_id"])
    back = held_out(unit, params.held_out_share, params.seed)
    return pc.if_else(back, Split.HELD_OUT.value, Split.TRAIN.value)


def _overrides(decisions: pa.Table, kept: pa.Table) -> dict[str, Words]:
    """What curators say about variants, by transform."""
    rows = np.flatnonzero(pc.is_in(kept["image_id"], value_set=decisions["target"]))
    row_of = dict(zip(kept["image_id"].take(rows).to_pylist(), rows.tolist(), strict=True))
    overrides: dict[str, Words] = {}
    for decision in decisions.select(["target", "other", "action", "by"]).to_pylist():
        if decision["target"] in row_of:
            word = (decision["action"], decision["by"] or NAMELESS)
            overrides.setdefault(decision["other"], {})[row_of[decision["target"]]] = word
    return overrides


def _rows(words: Words, action: str, rows: int) -> Mask:
    mask = np.zeros(rows, bool)
    mask[[row for row, (decided, _) in words.items() if decided == action]] = True
    return mask


def _of_transform(
    kept: pa.Table,
    transform: Symmetry,
    reasons: dict[str, Mask],
    words: Words,
    split: pa.Array,
) -> pa.Table:
    rows = kept.num_rows
    goes = np.logical_or.reduce(list(reasons.values()))
    reason = np.select(list(reasons.values()), range(len(reasons)))
    by = np.full(rows, BY_RULE, object)
    for row, (_, name) in words.items():
        by[row] = name
    columns = {
        "image_id": kept["image_id"],
        "transform": pa.repeat(transform.value, rows),
        "status": pc.if_else(goes, Status.REJECT.value, Status.KEEP.value),
        "reason": pa.array(list(reasons)).take(pa.array(reason, mask=~goes)),
        "decided_by": pa.array(by, pa.string()),
        "split": split,
        "creator": kept["creator"],
        "rights": kept["rights"],
        "shard": kept["shard"],
        "row": kept["row"],
    }
    return pa.table(columns, schema=VARIANTS.arrow)
