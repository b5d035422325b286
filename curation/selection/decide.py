"""The selection: every image stays or goes, for one reason, by one number, by somebody's word.

Rules are asked in a fixed order, and the first that rejects gives the reason. A curator's keep
sets a rule aside (but not where there is no usable image, or no leave to use it), and the row
remembers which. Duplicates are looked for last, among the images that stay, so that a copy
returns when the image kept in its place is removed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.evidence import BY_RULE, CopyPairs, Evidence, Floats, Integers, Mask, gather
from curation.selection.groups import Stars, labels, stars
from curation.selection.inputs import Inputs
from curation.selection.labels import creators, rights
from curation.selection.overrides import Override, duplicates, overrides, with_overrides
from curation.selection.preference import Preference, preference
from curation.selection.rules.declarations import REASONS, RULES
from curation.selection.rules.other_causes import CURATOR_REMOVED, EXACT_DUPLICATE, NEAR_DUPLICATE
from pipeline.core.params.select import Select
from pipeline.core.schema import SELECTION, Status

_CODE = {reason: code for code, reason in enumerate(REASONS)}
_NONE = -1


@dataclass(frozen=True)
class _Ruling:
    """What was decided so far about each image; the arrays are filled in place."""

    reason: npt.NDArray[np.int8]
    """Place among the reasons, -1 where nothing speaks against the image."""
    overruled: npt.NDArray[np.int8]
    value: Floats
    threshold: Floats

    @property
    def stays(self) -> Mask:
        stays: Mask = self.reason == _NONE
        return stays

    @property
    def undecided(self) -> Mask:
        untouched: Mask = self.overruled == _NONE
        return self.stays & untouched


def select(inputs: Inputs, params: Select) -> pa.Table:
    """SELECTION: one row for each row of IMAGES, in the same order.

    Raises:
        ListsError: entries about one duplicate group contradict each other.
        TableError: a table names an image that IMAGES does not have.
    """
    bare = gather(inputs, params.refused_overlays)
    edges = duplicates(inputs)
    by_curator = overrides(inputs, bare, edges)
    evidence = with_overrides(bare, by_curator)
    ruling = _ask_rules(evidence, params)
    order = preference(evidence, edges.among(ruling.stays))
    enabled = np.where(edges.exact, params.exact_duplicates, params.near_duplicates)
    attached, exempt = stars(edges.where(enabled).among(ruling.stays), order)
    _rule_on_copies(ruling, attached, exempt)
    group, note = _groups(edges.among(ruling.stays), attached, order)
    return _table(evidence, ruling, by_curator, group, note)


def _ask_rules(evidence: Evidence, params: Select) -> _Ruling:
    rows = len(evidence)
    ruling = _Ruling(
        np.full(rows, _NONE, np.int8),
        np.full(rows, _NONE, np.int8),
        np.full(rows, np.nan),
        np.full(rows, np.nan),
    )
    for rule in RULES:
        verdict = rule.ask(evidence, params)
        if verdict is None:
            continue
        rejected = verdict.rejected & ruling.undecided
        exempt = rejected & evidence.kept & (not rule.reason.is_final)
        ruling.reason[rejected & ~exempt] = _CODE[rule.name]
        ruling.overruled[exempt] = _CODE[rule.name]
        if verdict.value is not None:
            ruling.value[rejected] = verdict.value[rejected]
            ruling.threshold[rejected] = verdict.threshold
    return ruling


def _rule_on_copies(ruling: _Ruling, attached: Stars, exempt: Stars) -> None:
    ruling.reason[attached.leaf] = _reason_of_copies(attached)
    ruling.value[attached.leaf] = attached.distance
    first = ruling.undecided[exempt.leaf]
    ruling.overruled[exempt.leaf[first]] = _reason_of_copies(exempt)[first]
    ruling.value[exempt.leaf[first]] = exempt.distance[first]


def _reason_of_copies(copies: Stars) -> npt.NDArray[np.int8]:
    exact, near = _CODE[EXACT_DUPLICATE.name], _CODE[NEAR_DUPLICATE.name]
    return np.where(copies.exact, exact, near).astype(np.int8)


def _groups(
    edges: CopyPairs, attached: Stars, order: Preference
) -> tuple[Integers, dict[int, str]]:
    """The row of the preferred member of each image's group, -1 without a group, and notes.

    ``edges`` join images that all stay: they are in one group because a curator keeps both, or
    because the rule is off.
    """
    label = labels(edges, order)
    group = np.full(len(label), _NONE)
    for rows in (edges.a, edges.b, attached.centre):
        group[rows] = label[rows]
    group[attached.leaf] = label[attached.centre]
    members = np.flatnonzero(group != _NONE)
    others = members[group[members] != members]
    note = {row: order.why(int(group[row]), row) for row in others.tolist()}
    by_rank = others[np.argsort(order.rank(others)[others])]
    for preferred, place in zip(*np.unique(group[by_rank], return_index=True), strict=True):
        note[int(preferred)] = note[int(by_rank[place])]  # against the best of the others
    return group, note


def _table(
    evidence: Evidence,
    ruling: _Ruling,
    by_curator: dict[int, Override],
    group: Integers,
    note: dict[int, str],
) -> pa.Table:
    images = evidence.images
    stays = ruling.stays
    ids = images["image_id"].combine_chunks()
    columns = {
        "image_id": ids,
        "status": pa.array(np.where(stays, Status.KEEP.value, Status.REJECT.value)),
        "reason": _names(ruling.reason),
        "value": _or_null(ruling.value),
        "threshold": _or_null(ruling.threshold),
        "decided_by": _decided_by(evidence, ruling, by_curator),
        "overruled": _names(ruling.overruled),
        "group": ids.take(pa.array(group, mask=group == _NONE)),
        "group_note": _sparse(note, len(evidence)),
        "creator": creators(evidence),
        "rights": rights(evidence),
        "shard": images["shard"],
        "row": images["row"],
    }
    return pa.table(columns, schema=SELECTION.arrow)


def _decided_by(evidence: Evidence, ruling: _Ruling, overrides: dict[int, Override]) -> pa.Array:
    removed = ruling.reason == _CODE[CURATOR_REMOVED.name]
    by_curator = removed | (evidence.kept & ruling.stays)
    names = {row: overrides[row].by for row in np.flatnonzero(by_curator).tolist()}
    return pc.fill_null(_sparse(names, len(evidence)), BY_RULE)


def _names(codes: npt.NDArray[np.int8]) -> pa.Array:
    names = pa.array(list(REASONS))
    return names.take(pa.array(codes, mask=codes == _NONE))


def _or_null(values: Floats) -> pa.Array:
    return pa.array(values.astype(np.float32), mask=np.isnan(values))


def _sparse(values: dict[int, str], rows: int) -> pa.Array:
    """A column with a few values: a text for some rows, null for the others."""
    names = pa.array(list(values.values()), pa.string())
    place = np.full(rows, _NONE)
    place[list(values)] = np.arange(len(values))
    return names.take(pa.array(place, mask=place == _NONE))
