"""Which of the verified pairs are exact, near or doubtful, as rows of PAIRS.

A picture without features is never decided: nothing on it could disagree; nor is one that is
turned on plain ground, as another photograph may be. What agrees in its edges and is not near is
for a person, by its chance.

`python -m tests.benches.duplicate_bounds FOLDER --vary classification.NAME VALUE ...` finds its
constants again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.duplicates.bounds import LEAST_FEATURES, MAX_SHIFT, is_near, turned_on_plain_ground
from curation.duplicates.calibration import chances, lookalikes, neighbours
from curation.duplicates.candidate_hashes import Indices
from curation.duplicates.candidates import SQUARES, WHOLES, Candidates, view_of
from curation.duplicates.descriptors import BORDERED
from curation.duplicates.verification import Likeness
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.schema import PAIRS, PairKind, Suspicion
from pipeline.core.transforms import SYMMETRIES

FLAT_CHANCE: Final = 0.5
"""Of two flat pictures in one colour: a re-saved copy, or nothing like it. No measure tells."""
LEAST_QUEUE: Final = 20
"""Doubtful pairs for which there is room in any collection, however small."""
OTHER_COLOURS: Final = 8.0
"""`region_distance` from which on colours are what a pair differs in."""
GREY: Final = 0.05
"""Mean chroma below which a picture has no colours: a copy in grey has none at all, steel watches
on white .1 and more."""

Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Classified:
    """Pairs of images that are more than a coincidence."""

    pairs: Candidates
    kind: Texts
    """PairKind of each."""
    likeness: Likeness
    lookalikes: Indices
    neighbours: Indices
    chance: npt.NDArray[np.float32]
    suspicion: Texts
    """Suspicion of each, or None."""

    def only(self, chosen: npt.NDArray[np.integer] | Flags) -> Classified:
        """Some of them."""
        return Classified(
            self.pairs.only(chosen),
            self.kind[chosen],
            self.likeness.only(chosen),
            self.lookalikes[chosen],
            self.neighbours[chosen],
            self.chance[chosen],
            self.suspicion[chosen],
        )


def classify(
    candidates: Candidates, likeness: Likeness, digests: Texts, colourless: Flags, params: Dedupe
) -> Classified:
    """Each pair of ``candidates`` that is exact, near or doubtful once, in its best placement.

    Args:
        candidates: pairs of images, some under several symmetries or in several lyings.
        likeness: of each.
        digests: of the decoded pixels, by row of the image.
        colourless: which images are in grey.
        params: the thresholds.
    """
    equal = (digests[candidates.first] == digests[candidates.second]) & (candidates.symmetry == 0)
    is_flat = likeness.features < LEAST_FEATURES
    near = is_near(likeness, params)
    is_open = (
        is_flat
        | turned_on_plain_ground(likeness)
        | (candidates.placement == WHOLES)
        | (likeness.shift > MAX_SHIFT)
    )
    decided = near & ~is_open
    rank = np.select([equal, decided], [0, 1], 2)
    closeness = -likeness.gradient_correlation
    order = np.lexsort(
        (
            candidates.placement,
            candidates.symmetry,
            closeness,
            rank,
            candidates.second,
            candidates.first,
        )
    )
    best = _firsts(candidates, order)
    pairs, measured = candidates.only(best), likeness.only(best)
    counts = {
        "lookalikes": lookalikes(pairs, measured.gradient_correlation),
        "neighbours": neighbours(candidates, pairs),
    }
    kinds = np.array([PairKind.EXACT, PairKind.NEAR, PairKind.DOUBTFUL], object)
    flat = near[best] & is_flat[best]
    suspicion = _suspicions(pairs, measured, flat)
    suspicion[rank[best] < 2] = None
    greys = {
        "suspicion": suspicion,
        "greys": np.full(len(pairs), colourless.sum() / max(len(colourless), 1)),
    }
    chance = chances({**measured.columns_by_name, **counts, **greys})
    chance[flat] = FLAT_CHANCE
    chance[rank[best] < 2] = 1
    classified = Classified(
        pairs, kinds[rank[best]], measured, **counts, chance=chance, suspicion=suspicion
    )
    return classified.only(_within_budget(classified, len(digests), params))


def queue_size(count: int, params: Dedupe) -> int:
    """For how many doubtful pairs there is room in a collection of ``count`` images."""
    return max(LEAST_QUEUE, math.ceil(params.max_doubtful_per_thousand * count / 1000))


def _within_budget(classified: Classified, count: int, params: Dedupe) -> Indices:
    """What is decided, and of the doubtful pairs the likeliest for which there is room."""
    doubtful = classified.kind == PairKind.DOUBTFUL
    measured = np.isfinite(classified.likeness.lab_distance)
    is_likely = classified.chance >= params.min_doubtful_chance
    open_ = np.flatnonzero(doubtful & measured & is_likely)
    if not params.second_look:
        open_ = open_[classified.pairs.placement[open_] == SQUARES]
    ranked = np.lexsort(
        (classified.pairs.second[open_], classified.pairs.first[open_], -classified.chance[open_])
    )
    return np.sort(
        np.concatenate([np.flatnonzero(~doubtful), open_[ranked[: queue_size(count, params)]]])
    )


def _suspicions(pairs: Candidates, likeness: Likeness, is_flat: Flags) -> Texts:
    """Why each pair is not decided."""
    view, _ = view_of(pairs.placement)
    agrees = likeness.light_distance <= 4.0
    # Two black watches on white both have no colours, and differ in something else.
    lacks_colours = (likeness.least_chroma < GREY) & (
        likeness.chroma_distance > likeness.least_chroma
    )
    in_colours = likeness.light_distance <= 0.6 * likeness.region_distance
    conditions = [
        (is_flat, Suspicion.FLAT),
        (pairs.placement == WHOLES, Suspicion.SQUASHED),
        (view == BORDERED, Suspicion.BORDER),
        (agrees & in_colours & lacks_colours, Suspicion.GREY),
        (in_colours & (likeness.region_distance > OTHER_COLOURS), Suspicion.COLOURS),
        (likeness.shift > 1.0, Suspicion.CROP),
    ]
    names = [np.full(len(pairs), str(name), object) for _, name in conditions]
    chosen: Texts = np.select(
        [which for which, _ in conditions], names, str(Suspicion.DETAIL)
    ).astype(object)
    return chosen


def table(classified: Classified, ids: Texts, phashes: npt.NDArray[np.uint64]) -> pa.Table:
    """All pairs as a table of PAIRS.

    Args:
        classified: the pairs.
        ids: by row of the image.
        phashes: by row of the image, one column a symmetry (n, 8).
    """
    pairs, likeness = classified.pairs, classified.likeness
    first, second, symmetry = pairs.first, pairs.second, pairs.symmetry
    bits = np.bitwise_count(phashes[first, symmetry] ^ phashes[second, 0])
    columns = {
        "a": ids[first],
        "b": ids[second],
        "kind": classified.kind,
        "symmetry": [str(SYMMETRIES[place]) for place in symmetry],
        "phash_distance": bits.astype(np.int32),
        "lab_distance": likeness.lab_distance,
        "gradient_correlation": likeness.gradient_correlation,
        "chroma_distance": likeness.chroma_distance,
        "region_distance": likeness.region_distance,
        "edge_distance": likeness.edge_distance,
        "light_distance": likeness.light_distance,
        "lookalikes": classified.lookalikes.astype(np.int32),
        "neighbours": classified.neighbours.astype(np.int32),
        "chance": classified.chance,
        "suspicion": classified.suspicion,
    }
    return pa.table(columns, schema=PAIRS.arrow)


def _firsts(candidates: Candidates, order: Indices) -> Indices:
    """The first of ``order`` for each two images of ``candidates``, which it keeps together."""
    key = np.stack([candidates.first[order], candidates.second[order]])
    is_first = np.ones(len(order), bool)
    is_first[1:] = np.any(key[:, 1:] != key[:, :-1], axis=0)
    return order[is_first]
