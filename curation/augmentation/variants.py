"""The variants of the images that stay: which symmetries of each are pictures of their own.

Two variants s(x) and t(x) of an image x are the same picture if t⁻¹s leaves x as it is, for
symmetries only move pixels: the mean difference of s(x) and t(x) is that of t⁻¹s(x) and x. So the
eight distances that `ingest` measured answer for all pairs, and no pixel is opened.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.augmentation.split import held_out, over_cap
from curation.selection.evidence import BY_RULE, NAMELESS, Mask, rows_of
from pipeline.core.params.augment import Augment
from pipeline.core.schema import VARIANTS, Reason, Split, Status
from pipeline.core.symmetries import SYMMETRIES, Symmetry, compose, inverse

Distances = npt.NDArray[np.float32]


def variants(
    selection: pa.Table, images: pa.Table, decisions: pa.Table, params: Augment
) -> pa.Table:
    """VARIANTS: for each image that stays the identity and every transform, kept or rejected.

    A curator's word about a variant comes first; then all variants of an image go that is too many
    in its class, and a variant that equals an earlier one which stays.
    """
    kept = selection.filter(pc.equal(selection["status"], Status.KEEP.value))
    distances = _distances(images, kept)
    split = _splits(kept, params)
    by_curator = pc.not_equal(kept["decided_by"], BY_RULE).to_numpy()
    surplus = over_cap(
        kept["image_id"], kept["creator"], by_curator, params.max_images_per_creator, params.seed
    )
    stay: dict[Symmetry, Mask] = {}
    parts = []
    for transform in (Symmetry.IDENTITY, *params.transforms):
        said = _said(decisions, kept, transform)
        same = _same(transform, stay, distances, params.min_difference)
        removed = _rows(said, "remove", kept.num_rows)
        wanted = _rows(said, "keep", kept.num_rows)
        reasons = {
            Reason.CURATOR_REMOVED: removed,
            Reason.CLASS_BALANCE: surplus & ~wanted,
            Reason.SAME_AS_OTHER_VARIANT: same & ~wanted,
        }
        stay[transform] = ~np.logical_or.reduce(list(reasons.values()))
        parts.append(_part(kept, transform, reasons, said, split))
    return pa.concat_tables(parts)


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
    return pa.array(np.where(back, Split.HELD_OUT.value, Split.TRAIN.value), pa.string())


def _said(decisions: pa.Table, kept: pa.Table, transform: Symmetry) -> dict[int, tuple[str, str]]:
    """What curators say about one variant: row of the image, action, curator."""
    about = pc.and_(
        pc.equal(decisions["scope"], "variant"), pc.equal(decisions["other"], transform.value)
    )
    here = decisions.filter(about)
    rows = pc.index_in(here["target"], value_set=kept["image_id"]).to_pylist()
    said = zip(rows, here["action"].to_pylist(), here["by"].to_pylist(), strict=True)
    return {row: (action, by or NAMELESS) for row, action, by in said if row is not None}


def _rows(said: dict[int, tuple[str, str]], action: str, rows: int) -> Mask:
    mask = np.zeros(rows, bool)
    mask[[row for row, (wanted, _) in said.items() if wanted == action]] = True
    return mask


def _part(
    kept: pa.Table,
    transform: Symmetry,
    reasons: dict[Reason, Mask],
    said: dict[int, tuple[str, str]],
    split: pa.Array,
) -> pa.Table:
    rows = kept.num_rows
    goes = np.logical_or.reduce(list(reasons.values()))
    names = [reason.value for reason in reasons]
    reason = np.select(list(reasons.values()), names, default=names[-1])
    by = np.full(rows, BY_RULE, object)
    for row, (_, name) in said.items():
        by[row] = name
    columns = {
        "image_id": kept["image_id"],
        "transform": pa.repeat(transform.value, rows),
        "status": pa.array(np.where(goes, Status.REJECT.value, Status.KEEP.value), pa.string()),
        "reason": pa.array(reason, pa.string(), mask=~goes),
        "decided_by": pa.array(by, pa.string()),
        "split": split,
        "creator": kept["creator"],
        "rights": kept["rights"],
        "shard": kept["shard"],
        "row": kept["row"],
    }
    return pa.table(columns, schema=VARIANTS.arrow)
