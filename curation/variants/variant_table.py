"""The variants of the images that stay: which symmetries of each are pictures of their own.

Two variants s(x) and t(x) of an image x are the same picture if t⁻¹s leaves x as it is, for
symmetries only move pixels: the mean difference of s(x) and t(x) is that of t⁻¹s(x) and x. So the
eight distances that `ingest` measured answer for all pairs, and no pixel is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.evidence import BY_RULE, NAMELESS, Mask, as_mask, rows_of
from curation.selection.rules.other_causes import (
    CLASS_BALANCE,
    CURATOR_REMOVED,
    SAME_AS_OTHER_VARIANT,
)
from curation.variants.split import held_out, over_cap
from pipeline.core.params.augment import Augment
from pipeline.core.schema import VARIANTS, Split, Status
from pipeline.core.tables import ROW_GROUP_ROWS, with_encoded_texts
from pipeline.core.transforms import SYMMETRIES, Symmetry, compose, inverse

Distances = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int32]
"""Cells as places in a list of the values of their column, one row an image."""
Words = dict[int, tuple[str, str]]
"""What curators say about one transform: by row of the image the action and the curator."""

SCHEMA: Final = with_encoded_texts(VARIANTS)
"""Of `variants`: there are several times as many rows as images, and few different texts."""
_STATUSES: Final = (Status.KEEP, Status.REJECT)
_REASONS: Final = (CURATOR_REMOVED.name, CLASS_BALANCE.name, SAME_AS_OTHER_VARIANT.name)
_SPLITS: Final = (Split.TRAIN, Split.HELD_OUT)
_NONE: Final = -1


def variants(
    selection: pa.Table, images: pa.Table, decisions: pa.Table, params: Augment
) -> Iterator[pa.Table]:
    """VARIANTS: for each image that stays the identity and every transform, kept or rejected.

    A curator's word about a variant comes first; then all variants of an image go that is too many
    in its class, and a variant that equals an earlier one which stays.

    The rows come in the order of their key if those of ``selection`` do, as `group_rows` at a time,
    because there are several times as many variants as images.
    """
    stays = as_mask(pc.equal(selection["status"], Status.KEEP.value))
    distances = _distances(images, selection, stays)
    kept = selection.filter(pa.array(stays))
    surplus = over_cap(
        kept["image_id"],
        kept["creator"],
        as_mask(pc.not_equal(kept["decided_by"], BY_RULE)),
        params.max_images_per_creator,
        params.seed,
    )
    about_variants = decisions.filter(pc.equal(decisions["scope"], "variant"))
    at_once = group_rows(params) // _variants_an_image(params)
    for start in range(0, kept.num_rows, at_once):
        part = slice(start, start + at_once)
        yield _variants(kept[part], distances[part], surplus[part], about_variants, params)


def group_rows(params: Augment) -> int:
    """How many rows come together: all variants of some images, about `ROW_GROUP_ROWS`."""
    of_image = _variants_an_image(params)
    return ROW_GROUP_ROWS // of_image * of_image


def _variants_an_image(params: Augment) -> int:
    return 1 + len(params.transforms)


def _variants(
    kept: pa.Table, distances: Distances, surplus: Mask, decisions: pa.Table, params: Augment
) -> pa.Table:
    overrides = _overrides(decisions, kept)
    stay: dict[Symmetry, Mask] = {}
    reasons: dict[Symmetry, Codes] = {}
    for transform in (Symmetry.IDENTITY, *params.transforms):
        words = overrides.get(transform, {})
        kept_by_curator = _rows(words, "keep", kept.num_rows)
        same = _same(transform, stay, distances, params.min_difference)
        rejected = {
            CURATOR_REMOVED.name: _rows(words, "remove", kept.num_rows),
            CLASS_BALANCE.name: surplus & ~kept_by_curator,
            SAME_AS_OTHER_VARIANT.name: same & ~kept_by_curator,
        }
        places = [_REASONS.index(reason) for reason in rejected]
        reasons[transform] = np.select(list(rejected.values()), places, _NONE).astype(np.int32)
        stay[transform] = reasons[transform] == _NONE
    return _table(kept, reasons, overrides, _splits(kept, params))


def _table(
    kept: pa.Table, reasons: dict[Symmetry, Codes], overrides: dict[str, Words], held_out: Mask
) -> pa.Table:
    """The variants of all images of ``kept``, those of an image side by side."""
    transforms = sorted(reasons)
    rows, each = kept.num_rows, len(transforms)
    owner = np.arange(rows, dtype=np.int32).repeat(each)
    reason = np.stack([reasons[transform] for transform in transforms], axis=1)
    curators, by = _curators(transforms, overrides, rows)
    columns = {
        "image_id": _encoded(owner, kept["image_id"].combine_chunks()),
        "transform": _encoded(np.tile(np.arange(each, dtype=np.int32), rows), transforms),
        "status": _encoded((reason != _NONE).astype(np.int32), _STATUSES),
        "reason": _encoded(reason, _REASONS),
        "decided_by": _encoded(by, curators),
        "split": _encoded(held_out.astype(np.int32).repeat(each), _SPLITS),
        "row": kept["row"].take(pa.array(owner)),
    }
    for name in ("creator", "rights", "shard"):
        columns[name] = _repeated(kept[name], owner)
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _encoded(codes: Codes, values: Sequence[str] | pa.Array) -> pa.DictionaryArray:
    """A column of texts by their places among ``values``; empty where there is none."""
    places = pa.array(codes.ravel(), mask=codes.ravel() == _NONE)
    texts = values if isinstance(values, pa.Array) else pa.array(list(values), pa.string())
    return pa.DictionaryArray.from_arrays(places, texts)


def _repeated(column: pa.ChunkedArray, owner: Codes) -> pa.DictionaryArray:
    """The text of each row's ``owner``, by its place among those that occur, in their order."""
    texts = column.cast(pa.string()).combine_chunks().dictionary_encode()
    return pa.DictionaryArray.from_arrays(texts.indices.take(pa.array(owner)), texts.dictionary)


def _distances(images: pa.Table, selection: pa.Table, stays: Mask) -> Distances:
    """How far each image that stays is from itself under each symmetry: NaN if unknown."""
    rows = rows_of(images, selection["image_id"], "selection")[stays]
    column = images["symmetry_distances"].combine_chunks()
    known = pc.is_valid(column).to_numpy(zero_copy_only=False)
    distances = np.full((len(known), len(SYMMETRIES)), np.nan, np.float32)
    distances[known] = column.flatten().to_numpy().reshape(-1, len(SYMMETRIES))
    return distances[rows]


def _same(
    transform: Symmetry, stay: dict[Symmetry, Mask], distances: Distances, min_difference: float
) -> Mask:
    """Images of which an earlier variant that stays looks like this one."""
    same = np.zeros(len(distances), bool)
    for earlier, stays in stay.items():
        between = SYMMETRIES.index(compose(inverse(transform), earlier))
        same |= stays & (distances[:, between] < min_difference)
    return same


def _splits(kept: pa.Table, params: Augment) -> Mask:
    unit = pc.coalesce(kept["group"], kept["image_id"])
    return held_out(unit, params.held_out_share, params.seed)


def _overrides(decisions: pa.Table, kept: pa.Table) -> dict[str, Words]:
    """What curators say about variants, by transform."""
    overrides: dict[str, Words] = {}
    if not decisions.num_rows:
        return overrides
    rows = np.flatnonzero(pc.is_in(kept["image_id"], value_set=decisions["target"]))
    row_of = dict(zip(kept["image_id"].take(rows).to_pylist(), rows.tolist(), strict=True))
    for decision in decisions.select(["target", "other", "action", "by"]).to_pylist():
        if decision["target"] in row_of:
            word = (decision["action"], decision["by"] or NAMELESS)
            overrides.setdefault(decision["other"], {})[row_of[decision["target"]]] = word
    return overrides


def _rows(words: Words, action: str, rows: int) -> Mask:
    mask = np.zeros(rows, bool)
    mask[[row for row, (decided, _) in words.items() if decided == action]] = True
    return mask


def _curators(
    transforms: Sequence[Symmetry], overrides: dict[str, Words], rows: int
) -> tuple[list[str], Codes]:
    """Who decides about any variant, and who about each: one column a transform."""
    names = [BY_RULE]
    by = np.zeros((rows, len(transforms)), np.int32)
    for column, transform in enumerate(transforms):
        for row, (_, name) in sorted(overrides.get(transform, {}).items()):
            if name not in names:
                names.append(name)
            by[row, column] = names.index(name)
    return names, by
