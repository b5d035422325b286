"""What is said of each pair that was measured, as rows of PAIRS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.duplicates.candidates import Candidates
from curation.duplicates.confirmation import Likeness
from curation.duplicates.neighbours import Hashes, Indices
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.schema import PAIRS, PairKind, Suspicion
from pipeline.core.symmetries import SYMMETRIES

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Judged:
    """Pairs of images that are more than a coincidence."""

    pairs: Candidates
    kind: Texts
    """PairKind of each."""
    likeness: Likeness
    suspicion: Texts
    """Suspicion of each, or None."""


def judge(
    found: Candidates, likeness: Likeness, digests: npt.NDArray[np.object_], params: Dedupe
) -> Judged:
    """Each pair of ``found`` that is exact, near or doubtful once, under its best symmetry.

    Args:
        found: pairs of images.
        likeness: of each.
        digests: of the decoded pixels, by row of the image.
        params: the thresholds.
    """
    equal = (digests[found.first] == digests[found.second]) & (found.symmetry == 0)
    kinds = [(PairKind.EXACT, equal), (PairKind.NEAR, likeness.is_near(params)),
             (PairKind.DOUBTFUL, likeness.is_doubtful(params))]  # fmt: skip
    rank = np.select([which for _, which in kinds], range(len(kinds)), len(kinds))
    order = np.lexsort((found.symmetry, likeness.lab_distance, rank, found.second, found.first))
    best = _firsts(found, order[rank[order] < len(kinds)])
    names = np.array([str(kind) for kind, _ in kinds], object)
    return Judged(
        found.only(best), names[rank[best]], likeness.only(best), np.full(len(best), None, object)
    )


def suspect(
    found: Candidates, likeness: Likeness, is_trimmed: npt.NDArray[np.bool_], params: Dedupe
) -> Judged:
    """Each pair of images that a second look shows to be alike, at its best: all of them doubtful.

    Args:
        found: pairs of images as they lie, some in several views.
        likeness: of the views.
        is_trimmed: of which of the two the borders had been cut off (pairs, 2).
        params: the thresholds.
    """
    is_near = likeness.is_near(params)
    is_alike = is_near | likeness.is_doubtful(params)
    cut, closeness = is_trimmed.sum(axis=1), -likeness.gradient_correlation
    order = np.lexsort((cut, closeness, ~is_near, found.second, found.first))
    best = _firsts(found, order[is_alike[order]])
    names = np.array([str(Suspicion.CROP), str(Suspicion.BORDER)], object)
    return Judged(
        found.only(best),
        np.full(len(best), str(PairKind.DOUBTFUL), object),
        likeness.only(best),
        names[(cut[best] > 0).astype(int)],
    )


def table(parts: Sequence[Judged], ids: npt.NDArray[np.object_], phashes: Hashes) -> pa.Table:
    """All pairs as a table of PAIRS.

    Args:
        parts: what was judged; no pair twice.
        ids: by row of the image.
        phashes: by row of the image, one column a symmetry (n, 8).
    """
    return pa.concat_tables(_rows(part, ids, phashes) for part in parts)


def _rows(part: Judged, ids: npt.NDArray[np.object_], phashes: Hashes) -> pa.Table:
    first, second, symmetry = part.pairs.first, part.pairs.second, part.pairs.symmetry
    bits = np.bitwise_count(phashes[first, symmetry] ^ phashes[second, 0])
    tone = part.likeness.tone_distance
    columns = {
        "a": ids[first],
        "b": ids[second],
        "kind": part.kind,
        "symmetry": [str(SYMMETRIES[place]) for place in symmetry],
        "phash_distance": bits.astype(np.int32),
        "lab_distance": part.likeness.lab_distance,
        "gradient_correlation": part.likeness.gradient_correlation,
        "chroma_distance": part.likeness.chroma_distance,
        "tone_distance": pa.array(tone, mask=np.isinf(tone)),
        "suspicion": part.suspicion,
    }
    return pa.table(columns, schema=PAIRS.arrow)


def _firsts(found: Candidates, order: Indices) -> Indices:
    """The first of ``order`` for each two images of ``found``, which it keeps together."""
    key = np.stack([found.first[order], found.second[order]])
    is_first = np.ones(len(order), bool)
    is_first[1:] = np.any(key[:, 1:] != key[:, :-1], axis=0)
    return order[is_first]
