"""What is said of each pair that was measured, as rows of PAIRS.

Decided is what agrees in every region, in edges and in colours; or in every region but those of
one strip, where a line of text may lie. A picture without features is never decided: nothing on
it could disagree; nor is one that is turned on plain ground, as another photograph may be. What
agrees in its edges but not in this is for a person, by its chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.duplicates.candidates import AS_THEY_LIE, WHOLES, Candidates, view_of
from curation.duplicates.chance import chances, evidence, lookalikes, neighbours
from curation.duplicates.confirmation import MAYBE_REGION, Likeness
from curation.duplicates.neighbours import Indices
from curation.duplicates.views import BORDERED
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.schema import PAIRS, PairKind, Suspicion
from pipeline.core.symmetries import SYMMETRIES

STRICT_REGION: Final = 1.3
STRICT_EDGES: Final = 0.025
"""What `region_distance` and `edge_distance` may be outside a strip that holds a mark: of 167
marked copies of real pictures all have up to 1.21 and .021 (`tests.benches.real_copies`)."""
MARKED_REGION: Final = 7.5
MARKED_EDGES: Final = 0.7
MARKED_CHROMA: Final = 1.4
MARKED_PALER: Final = 0.12
"""And within it: a mark is faint, and has no colour of its own; it pales those of the picture, so
that the worst region may lose this, and this share of the mean chroma."""
UNTONED_REGION: Final = 2.1
"""`region_distance` of pictures whose tone did not change; `Dedupe` bounds that of others."""
TONED: Final = (4.0, 12.0)
"""Levels by which a tone may have changed, and has surely changed: saving makes up to 3.9."""
LEAST_COMMON: Final = 1.0
UNCOMMON_REGION: Final = 1.4
"""`common_change` that a change of tone leaves, and `region_distance` up to which it is believed
without. A brighter copy has a brighter strap and case as well; a white dial in the place of a
silver one, on white ground, has not (`tests.benches.shop_pairs`)."""
TONED_EDGES: Final = 0.045
"""`edge_distance` where a change of tone alone explains the colours: white is not lilac."""
MOVED: Final = 0.6
"""Pixels from which on one picture had to be laid over the other; half the size moves none by more
than .3. Two sizes of one watch can be laid over each other, too, and strokes for hours over stones,
so that such pairs must agree better, and no strip of them is set aside."""
MOVED_REGION: Final = 1.1
MOVED_EDGES: Final = 0.055
MOVED_HUE: Final = 2.0
MAX_PALED: Final = 9.0
"""Of `paled_distance`: half of 128 pixels reaches 8.2, a bezel of gold beside one of steel 11."""
NOISY_HUE: Final = 4.4
"""What `hue_distance` may be at most, where saving has changed all colours: there it may be three
times `chroma_distance`."""
LEAST_FEATURES: Final = 0.03
"""Share of the regions that must have edges; below it a picture is flat."""
MAX_SHIFT: Final = 5.0
"""Pixels of 64 by which a corner of what is decided may lie elsewhere: a crop of 8 %."""
TURNED: Final = 0.5
FRAMED: Final = 0.5
"""Degrees from which on a picture is turned (other planted copies reach .2), and share of the
regions along its border that have edges, below which its ground is plain. A watch that lies turned
on white is another photograph as likely as a tilted copy (`tests.benches.shop_pairs`)."""
FLAT_CHANCE: Final = 0.5
"""Of two flat pictures in one colour: a re-saved copy, or nothing like it. No measure tells."""
LEAST_QUEUE: Final = 20
"""Doubtful pairs for which there is room in any collection, however small."""
GREY: Final = 0.05
"""Mean chroma below which a picture has no colours: a copy in grey has none at all, steel watches
on white .1 and more."""

Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Judged:
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

    def only(self, chosen: npt.NDArray[np.integer] | Flags) -> Judged:
        """Some of them."""
        return Judged(
            self.pairs.only(chosen),
            self.kind[chosen],
            self.likeness.only(chosen),
            self.lookalikes[chosen],
            self.neighbours[chosen],
            self.chance[chosen],
            self.suspicion[chosen],
        )


def is_near(likeness: Likeness, params: Dedupe) -> Flags:
    """Which pairs show the same picture, if they have features at all."""
    moved = likeness.shift > MOVED
    least = np.where(moved, min(MOVED_HUE, params.max_hue_distance), params.max_hue_distance)
    hue = np.clip(3 * likeness.chroma_distance, least, NOISY_HUE)
    toned = np.clip((likeness.tone_change - TONED[0]) / (TONED[1] - TONED[0]), 0, 1)
    still = min(UNTONED_REGION, params.max_region_distance)
    region = still + toned * (params.max_region_distance - still)
    edges = np.where(likeness.region_distance > still, TONED_EDGES, params.max_edge_distance)
    is_partial = (likeness.tone_change >= TONED[1]) & (likeness.common_change < LEAST_COMMON)
    region = np.where(is_partial, np.minimum(region, UNCOMMON_REGION), region)
    agrees = (
        (likeness.region_distance <= np.where(moved, MOVED_REGION, region))
        & (likeness.edge_distance <= np.where(moved, MOVED_EDGES, edges))
        & (likeness.hue_distance <= hue)
        & (likeness.paled_distance <= MAX_PALED)
    )
    # Letters have edges; a dial in a paler colour has none that the other has not.
    has_letters = likeness.edge_distance > STRICT_EDGES
    marked = (
        (likeness.strip_region_distance <= STRICT_REGION)
        & (likeness.strip_edge_distance <= STRICT_EDGES)
        & (likeness.region_distance <= MARKED_REGION)
        & (likeness.edge_distance <= MARKED_EDGES)
        & (likeness.region_chroma <= MARKED_CHROMA + MARKED_PALER * likeness.least_chroma)
        & (likeness.hue_distance <= MOVED_HUE)
        & ~moved
        & ~is_partial
        & (has_letters | (likeness.region_distance <= params.max_region_distance))
    )
    return agrees | marked


def turned_on_plain_ground(likeness: Likeness) -> Flags:
    """Pairs of which one picture is turned, and no ground tells that the whole picture was."""
    return (likeness.turn > TURNED) & (likeness.framing < FRAMED)


def judge(
    candidates: Candidates, likeness: Likeness, digests: Texts, count: int, params: Dedupe
) -> Judged:
    """Each pair of ``candidates`` that is exact, near or doubtful once, in its best lying.

    Args:
        candidates: pairs of images, some under several symmetries or in several lyings.
        likeness: of each.
        digests: of the decoded pixels, by row of the image.
        count: images in the collection.
        params: the thresholds.
    """
    equal = (digests[candidates.first] == digests[candidates.second]) & (candidates.symmetry == 0)
    is_flat = likeness.features < LEAST_FEATURES
    near = is_near(likeness, params)
    is_open = (
        is_flat
        | turned_on_plain_ground(likeness)
        | (candidates.lying == WHOLES)
        | (likeness.shift > MAX_SHIFT)
    )
    decided = near & ~is_open
    rank = np.select([equal, decided], [0, 1], 2)
    closeness = -likeness.gradient_correlation
    order = np.lexsort(
        (
            candidates.lying,
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
    chance = chances(evidence({**measured.columns_by_name, **counts, "suspicion": suspicion}))
    chance[flat] = FLAT_CHANCE
    chance[rank[best] < 2] = 1
    judged = Judged(
        pairs, kinds[rank[best]], measured, **counts, chance=chance, suspicion=suspicion
    )
    return judged.only(_worth(judged, count, params))


def room(count: int, params: Dedupe) -> int:
    """For how many doubtful pairs there is room in a collection of ``count`` images."""
    return max(LEAST_QUEUE, math.ceil(params.max_doubtful_per_thousand * count / 1000))


def _worth(judged: Judged, count: int, params: Dedupe) -> Indices:
    """What is decided, and of the doubtful pairs the likeliest for which there is room."""
    doubtful = judged.kind == PairKind.DOUBTFUL
    measured = np.isfinite(judged.likeness.lab_distance)
    is_likely = judged.chance >= params.min_doubtful_chance
    open_ = np.flatnonzero(doubtful & measured & is_likely)
    if not params.second_look:
        open_ = open_[judged.pairs.lying[open_] == AS_THEY_LIE]
    ranked = np.lexsort(
        (judged.pairs.second[open_], judged.pairs.first[open_], -judged.chance[open_])
    )
    return np.sort(
        np.concatenate([np.flatnonzero(~doubtful), open_[ranked[: room(count, params)]]])
    )


def _suspicions(pairs: Candidates, likeness: Likeness, is_flat: Flags) -> Texts:
    """Why each pair is not decided."""
    view, _ = view_of(pairs.lying)
    agrees = likeness.light_distance <= 4.0
    # Two black watches on white both have no colours, and differ in something else.
    lacks_colours = (likeness.least_chroma < GREY) & (
        likeness.chroma_distance > likeness.least_chroma
    )
    in_colours = likeness.light_distance <= 0.6 * likeness.region_distance
    conditions = [
        (is_flat, Suspicion.FLAT),
        (pairs.lying == WHOLES, Suspicion.SQUASHED),
        (view == BORDERED, Suspicion.BORDER),
        (agrees & in_colours & lacks_colours, Suspicion.GREY),
        (in_colours & (likeness.region_distance > MAYBE_REGION), Suspicion.COLOURS),
        (likeness.shift > 1.0, Suspicion.CROP),
    ]
    names = [np.full(len(pairs), str(name), object) for _, name in conditions]
    chosen: Texts = np.select(
        [which for which, _ in conditions], names, str(Suspicion.DETAIL)
    ).astype(object)
    return chosen


def table(judged: Judged, ids: Texts, phashes: npt.NDArray[np.uint64]) -> pa.Table:
    """All pairs as a table of PAIRS.

    Args:
        judged: what was judged.
        ids: by row of the image.
        phashes: by row of the image, one column a symmetry (n, 8).
    """
    first, second, symmetry = judged.pairs.first, judged.pairs.second, judged.pairs.symmetry
    bits = np.bitwise_count(phashes[first, symmetry] ^ phashes[second, 0])
    likeness = judged.likeness
    columns = {
        "a": ids[first],
        "b": ids[second],
        "kind": judged.kind,
        "symmetry": [str(SYMMETRIES[place]) for place in symmetry],
        "phash_distance": bits.astype(np.int32),
        "lab_distance": likeness.lab_distance,
        "gradient_correlation": likeness.gradient_correlation,
        "chroma_distance": likeness.chroma_distance,
        "region_distance": likeness.region_distance,
        "edge_distance": likeness.edge_distance,
        "light_distance": likeness.light_distance,
        "lookalikes": judged.lookalikes.astype(np.int32),
        "neighbours": judged.neighbours.astype(np.int32),
        "chance": judged.chance,
        "suspicion": judged.suspicion,
    }
    return pa.table(columns, schema=PAIRS.arrow)


def _firsts(candidates: Candidates, order: Indices) -> Indices:
    """The first of ``order`` for each two images of ``candidates``, which it keeps together."""
    key = np.stack([candidates.first[order], candidates.second[order]])
    is_first = np.ones(len(order), bool)
    is_first[1:] = np.any(key[:, 1:] != key[:, :-1], axis=0)
    return order[is_first]
