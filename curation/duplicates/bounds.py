"""Which verified pairs show the same picture: the bounds, and what they rest on.

Near is what agrees in every region, in edges and in colours; or in every region but those of one
strip, where a line of text may lie. `python -m tests.benches.duplicate_bounds FOLDER` prints, of
planted copies and of other pairs, what each bound is about; `--vary bounds.NAME VALUE ...` says
what others would cost, and `tests.benches.shop_pairs` does it for colourways.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from curation.duplicates.verification import MAYBE_EDGES, MAYBE_REGION, Likeness
from pipeline.core.params.dedupe import Dedupe

STRICT_REGION: Final = 1.5
STRICT_EDGES: Final = 0.025
"""What `region_distance` and `edge_distance` may be outside a strip that holds a mark: of 167
marked copies of real pictures all but one have up to 1.21 and .021, and that one 1.43."""
MARKED_REGION: Final = 7.5
MARKED_EDGES: Final = 0.7
MARKED_CHROMA: Final = 2.6
MARKED_PALER: Final = 0.12
PALED_CHROMA: Final = 1.4
"""And within it: a mark is faint, and has no colour of its own; it pales those of the picture, so
that the worst region may lose this, and this share of the mean chroma. Grey letters over a golden
strap take up to 3. Where there are no letters (edges that agree) a strip may lose less: silver
hands instead of golden ones, the rest alike, differ by 2.2."""
LINE: Final = 2.5
LINE_REST: Final = 1.9
"""`line` from which on letters may hide what is below them, as they do where it is dark and flat
(regions up to 12 apart, edges .93), and `strip_region_distance` there: what is outside differs in
no pixel's lightness then, only in what saving does to strong colours (1.64)."""
MARKED_TONE: Final = 8.0
"""`tone_change` of a copy that only letters were laid over: real ones have up to 6.0. A silver dial
in the place of a white one, whose strip may hold all that differs, has 13 and more."""
UNTONED_REGION: Final = 2.1
"""`region_distance` of pictures whose tone did not change; `Dedupe` bounds that of others."""
ALIKE_LIGHT: Final = 0.6
NOISY_CHROMA: Final = 1.0
"""Lightness and colours (means over all) of pictures that may be as far apart as in another tone:
where 128 pixels were halved, all colours are put out (1.2 to 3.0), one region by up to 2.4, and no
lightness by more than .4. Golden hands instead of steel ones put out no others (.3 to .4)."""
ALIKE_REGION: Final = 1.75
ALIKE_EDGES: Final = 1.3
"""Where no region is further apart, the edges may be so many times `max_edge_distance` apart,
unless one picture had to be moved: saving scatters the fine ones of 128 pixels by up to .13."""
MAYBE_TONED: Final = 4.0
TONED: Final = 12.0
"""Levels by which a tone may have changed, and has surely changed: saving makes up to 3.9."""
LEAST_COMMON: Final = 1.0
UNCOMMON_REGION: Final = 1.4
"""`common_change` that a change of tone leaves, and `region_distance` up to which it is believed
without. A brighter copy has a brighter strap and case as well; a white dial in the place of a
silver one, on white ground, has not."""
LEAST_GROUND: Final = 3.0
LEAST_DARK: Final = 3.5
"""`ground_change` and `dark_change` that tell of a change of tone as well: light grey became white;
hands and shadows became darker (4.4 levels and more on light watches, on another dial .0 to 2)."""
TONED_EDGES: Final = 0.045
"""`edge_distance` where a change of tone alone explains the colours: white is not lilac."""
MOVED: Final = 0.3
"""Pixels from which on one picture had to be laid over the other; of 2,000 copies of half the size
all but one are moved by less than .26. Two sizes of one watch can be laid over each other, too, two
photographs of one strap half a pixel apart, and strokes for hours over stones, so that such pairs
must agree better, and no strip of them is set aside."""
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
"""Degrees from which on a picture is turned; other planted copies reach .2."""

Flags = npt.NDArray[np.bool_]


def is_near(likeness: Likeness, params: Dedupe) -> Flags:
    """Which pairs show the same picture, if they have features at all."""
    moved, partial = likeness.shift > MOVED, _is_partly_toned(likeness)
    return _agrees(likeness, params, moved, partial) | (
        _is_marked(likeness, params) & ~moved & ~partial
    )


def _is_partly_toned(likeness: Likeness) -> Flags:
    """Which pairs differ in a tone that neither what is dark nor the ground shares."""
    return (
        likeness.is_plain
        & (likeness.tone_change >= TONED)
        & (likeness.common_change < LEAST_COMMON)
        & (likeness.ground_change < LEAST_GROUND)
        & (likeness.dark_change < LEAST_DARK)
    )


def _agrees(likeness: Likeness, params: Dedupe, moved: Flags, partial: Flags) -> Flags:
    """Which pairs agree in every region."""
    least = np.where(moved, min(MOVED_HUE, params.max_hue_distance), params.max_hue_distance)
    hue = np.clip(3 * likeness.chroma_distance, least, NOISY_HUE)
    toned = np.clip((likeness.tone_change - MAYBE_TONED) / (TONED - MAYBE_TONED), 0, 1)
    still = min(UNTONED_REGION, params.max_region_distance)
    is_noisy = likeness.chroma_distance >= NOISY_CHROMA
    toned = np.where(is_noisy & (likeness.light_distance <= ALIKE_LIGHT), 1, toned)
    region = still + toned * (params.max_region_distance - still)
    region = np.where(partial, np.minimum(region, UNCOMMON_REGION), region)
    by_tone = likeness.is_plain & (likeness.region_distance > still)
    edges = np.where(by_tone, TONED_EDGES, params.max_edge_distance)
    is_alike = likeness.region_distance <= ALIKE_REGION
    edges = np.where(is_alike, ALIKE_EDGES * params.max_edge_distance, edges)
    agrees: Flags = (
        (likeness.region_distance <= np.where(moved, MOVED_REGION, region))
        & (likeness.edge_distance <= np.where(moved, MOVED_EDGES, edges))
        & (likeness.hue_distance <= hue)
        & (likeness.paled_distance <= MAX_PALED)
    )
    return agrees


def _is_marked(likeness: Likeness, params: Dedupe) -> Flags:
    """Which pairs agree but for a strip that holds letters, or is a little paler."""
    # Letters have edges; a dial in a paler colour has none that the other has not.
    has_letters = likeness.edge_distance > STRICT_EDGES
    is_line = has_letters & (likeness.line >= LINE)
    chroma = np.where(has_letters, MARKED_CHROMA, PALED_CHROMA)
    region = np.where(has_letters, MARKED_REGION, params.max_region_distance)
    marked: Flags = (
        (likeness.strip_region_distance <= np.where(is_line, LINE_REST, STRICT_REGION))
        & (likeness.strip_edge_distance <= STRICT_EDGES)
        & (likeness.region_distance <= np.where(is_line, MAYBE_REGION, region))
        & (likeness.edge_distance <= np.where(is_line, MAYBE_EDGES, MARKED_EDGES))
        & (likeness.region_chroma <= chroma + MARKED_PALER * likeness.least_chroma)
        & (likeness.hue_distance <= MOVED_HUE)
        & (likeness.tone_change <= MARKED_TONE)
    )
    return marked


def turned_on_plain_ground(likeness: Likeness) -> Flags:
    """Pairs of which one picture is turned, and no ground tells that the whole picture was.

    A watch that lies turned on white is another photograph as likely as a tilted copy.
    """
    return (likeness.turn > TURNED) & likeness.is_plain
