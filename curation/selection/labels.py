"""What listings say of the images they show: who made them, and under which rights."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.evidence import Evidence, Integers
from curation.selection.inputs import Inputs
from pipeline.core.errors import ParamsError, nearest
from pipeline.core.params.select import Select

SEPARATOR = " / "
"""Between the rights labels of an image whose listings do not agree."""

_NONE = -1


def creators(evidence: Evidence) -> pa.Array:
    """The creator of each image's first listing that names one."""
    named = evidence.listings["creator"].combine_chunks()
    rows = np.flatnonzero(pc.is_valid(named).to_numpy(zero_copy_only=False))
    return named.take(_or_null(_firsts(len(evidence), evidence.owner[rows], rows)))


def rights(evidence: Evidence) -> pa.Array:
    """The rights label of each image; all of them, sorted, where its listings do not agree."""
    labels = pc.dictionary_encode(evidence.listings["rights"].combine_chunks())
    codes = pc.fill_null(labels.indices, _NONE).to_numpy(zero_copy_only=False).astype(np.int64)
    rows = np.flatnonzero(codes != _NONE)
    owner, code = evidence.owner[rows], codes[rows]
    first = _firsts(len(evidence), owner, code)
    agreed = labels.dictionary.take(_or_null(first))
    disagreeing = np.zeros(len(evidence), bool)
    disagreeing[owner[code != first[owner]]] = True
    many = disagreeing[owner]
    codes_of: dict[int, set[int]] = {}
    for image, label in zip(owner[many].tolist(), code[many].tolist(), strict=True):
        codes_of.setdefault(image, set()).add(label)
    names = labels.dictionary.to_pylist()
    joined = [SEPARATOR.join(sorted(names[each] for each in some)) for some in codes_of.values()]
    place = np.full(len(evidence), _NONE)
    place[list(codes_of)] = np.arange(len(codes_of))
    return pc.coalesce(pa.array(joined, pa.string()).take(_or_null(place)), agreed)


def unmatched_names(inputs: Inputs, params: Select) -> list[str]:
    """Sentences about rights labels and overlays in the params that nothing here has.

    Raises:
        ParamsError: none of the rights labels is there, so that every image would be left out.
    """
    labels = _distinct_labels(inputs.listed["rights"])
    overlays = _distinct_labels(inputs.watermark["template"])
    allowed = params.rights or ()
    sentences = [_unmatched("rights", each, labels) for each in allowed if each not in labels]
    if labels and allowed and len(sentences) == len(allowed):
        raise ParamsError("\n".join(sentences))
    refused = [each for each in params.refused_overlays if each not in overlays]
    return sentences + [_unmatched("refused_overlays", each, overlays) for each in refused]


def _distinct_labels(column: pa.ChunkedArray) -> list[str]:
    return sorted(column.unique().drop_null().to_pylist())


def _unmatched(key: str, name: str, known: list[str]) -> str:
    # Labels differ in capitals more often than in letters: "public domain" is "Public domain".
    same = [each for each in known if each.casefold() == name.casefold()]
    meant = f" (did you mean {same[0]!r}?)" if same else nearest(name, known)
    there = ", ".join(map(repr, known)) or "none"
    return f"select.{key}: nothing here has {name!r}{meant}; there are: {there}"


def _firsts(rows: int, at: Integers, values: Integers) -> Integers:
    """The first of ``values`` for each row that ``at`` names, `_NONE` for the others."""
    column = np.full(rows, _NONE)
    column[at[::-1]] = values[::-1]  # the last that is written stays
    return column


def _or_null(column: Integers) -> pa.Array:
    return pa.array(column, mask=column == _NONE)
