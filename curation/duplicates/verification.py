"""How alike two images are, seen on their 64-pixel squares, region by region.

One picture is laid over the other, its tone brought to the other's, and then both are compared in
regions of 12 pixels: how far their mean colours are apart, and how well their edges agree. The
worst region counts, never a mean over the picture: plain ground agrees in all product shots, and
one changed dial on a big strap is one region. What is left of a region in which a person would
see no difference is the noise of saving and resizing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from curation.duplicates import regions
from curation.duplicates.alignment import LEAST_EDGES, UNMOVED, align, warped_pictures
from curation.duplicates.cielab import lab_of
from curation.duplicates.hues import hue_distances
from curation.duplicates.registration import Warp, degrees_turned
from pipeline.core.shards import Pixels

PLAIN_REGION: Final = 2.0
"""Up to it the colours agree, and nobody need know whether they would in grey: a grey copy of a
steel watch has 4 to 8 (`tests.benches.duplicate_bounds --vary verification.PLAIN_REGION`)."""
MAYBE_REGION: Final = 14.0
MAYBE_EDGES: Final = 1.0
"""Beyond these no pair is ever decided, and hues need no look; the same bench varies them."""
PLAIN: Final = 0.5
"""`framing` below which a picture has a plain ground: watches on white have .2 to .4, paintings .57
and more (`tests.benches.duplicate_bounds`)."""

SLIGHT_SHIFT: Final = 2.5
"""Pixels up to which the steps that lay one picture over the other may have followed letters."""
SLIGHT_REGION: Final = 4.0
"""`strip_region_distance` up to which it may be one picture: most of a shop's are farther apart."""
SURE_EDGES: Final = 0.03
"""`edge_distance` up to which a picture agrees where it stands, and had not to be moved."""

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Likeness:
    """How alike each of n pairs is; where the edges are far apart, all else is infinite."""

    gradient_correlation: Floats
    """Of all edges, once one picture lies over the other: -1..1."""
    lab_distance: Floats
    """Mean CIE76 distance, as it lies then, without any change of tone."""
    chroma_distance: Floats
    """The same in a* and b* alone."""
    region_distance: Floats
    """CIE76 distance of the mean colours of the worst region, at one tone."""
    edge_distance: Floats
    """1 - the correlation of the gradients in the worst region, 0..2."""
    strip_region_distance: Floats
    """`region_distance` without the `STRIP` rows that are worst."""
    strip_edge_distance: Floats
    """`edge_distance` without the same rows."""
    line: Floats
    """How many times as wide as high the one line is outside which `regions.line` sees no
    difference; 0 where there is none."""
    region_chroma: Floats
    """The part of a* and b* in the worst region of all."""
    hue_distance: Floats
    """Most by which the pixels of one hue are turned to another, beyond their scatter."""
    paled_distance: Floats
    """Most by which the pixels of one hue are paled or coloured, beyond their scatter."""
    light_distance: Floats
    """`region_distance` of the two pictures without their colours."""
    least_chroma: Floats
    """Mean chroma of the paler of the two."""
    usual_edges: Floats
    """`edge_distance` that nine regions of ten stay below."""
    usual_region: Floats
    """`region_distance` that nine regions of ten stay below."""
    features: Floats
    """Share of the regions that have edges in both."""
    tone_change: Floats
    """Levels by which the tone of one had to be changed: in the middle, and for the contrast."""
    common_change: Floats
    """Median CIE76 distance of the dark regions, at no change of tone."""
    dark_change: Floats
    """Levels by which the dark pixels changed, at no change of tone."""
    ground_change: Floats
    """As `common_change`, of the regions along the border."""
    shift: Floats
    """Pixels by which a corner had to be moved."""
    turn: Floats
    """Degrees by which it had to be turned."""
    framing: Floats
    """Share of the regions along the border that have edges in both."""
    ground: Floats
    """Share of the pixels along the border that are of its usual colour, the lower of the two."""

    @property
    def columns(self) -> tuple[Floats, ...]:
        """All measures, in their order."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @property
    def columns_by_name(self) -> dict[str, Floats]:
        """All measures by their names."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def is_plain(self) -> Flags:
        """Which pairs have a plain ground, so that only the object can differ."""
        plain: Flags = self.framing < PLAIN
        return plain

    @classmethod
    def of(cls, rows: Floats) -> Likeness:
        """Measures from an array (n, measures)."""
        return cls(*np.ascontiguousarray(rows.T))

    @classmethod
    def concatenated(cls, parts: Iterable[Likeness]) -> Likeness:
        """That of the pairs of all ``parts``, in their order."""
        none = (np.empty(0, np.float32),) * MEASURES
        columns = zip(none, *(part.columns for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    def only(self, chosen: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Likeness:
        """That of some of the pairs."""
        return Likeness(*(column[chosen] for column in self.columns))


MEASURES: Final = len(fields(Likeness))


def verify(first: Pixels, second: Pixels, warps: Warp) -> Likeness:
    """Measure n pairs of images (n, 64, 64, 3), looked for at ``warps`` (n, 6)."""
    first, second = np.ascontiguousarray(first), np.ascontiguousarray(second)
    alignments = align(first, second, warps)
    columns = {
        field.name: np.full(len(first), np.inf, np.float32) for field in fields(Likeness)
    } | {
        "gradient_correlation": alignments.correlation,
        "shift": alignments.shift,
        "turn": degrees_turned(alignments.warps),
    }
    chosen = np.flatnonzero((alignments.correlation >= LEAST_EDGES) | alignments.is_flat)
    measured = _laid_over(first[chosen], second[chosen], alignments.warps[chosen])
    measured["ground"] = np.minimum(*(regions.ground(part[chosen]) for part in (first, second)))
    for name, column in measured.items():
        columns[name][chosen] = column
    _set_back(first, second, columns)
    return Likeness(**columns)


def _set_back(first: Pixels, second: Pixels, columns: dict[str, Floats]) -> None:
    """Write into ``columns`` what the pairs agree in that had not to be moved, as they stood.

    Where it is more outside a strip: letters over a dark picture have most of its edges, so that
    the steps of `align` follow them, half a pixel, by which then all else is off. And where all
    edges agree as they stood: another contrast moves a picture that has few.
    """
    shift = columns["shift"]
    is_slight = (shift > 0) & (shift <= SLIGHT_SHIFT)
    slight = np.flatnonzero(is_slight & (columns["strip_region_distance"] <= SLIGHT_REGION))
    still = _laid_over(first[slight], second[slight], np.tile(UNMOVED, (len(slight), 1)))
    before, after = (
        regions.badness(part["strip_region_distance"], part["strip_edge_distance"])
        for part in ({name: column[slight] for name, column in columns.items()}, still)
    )
    stood = (after < before) | (still["edge_distance"] <= SURE_EDGES)
    for name, column in still.items():
        columns[name][slight[stood]] = column[stood]
    for name in ("shift", "turn"):
        columns[name][slight[stood]] = 0


def _laid_over(first: Pixels, second: Pixels, warps: Warp) -> dict[str, Floats]:
    """What is told of ``first`` laid over ``second`` by ``warps``."""
    moved, is_seen = warped_pictures(first, warps)
    return _measured(moved, second.astype(np.float32), is_seen)


def _measured(first: Floats, second: Floats, is_seen: Flags) -> dict[str, Floats]:
    """What is told of pictures (n, 64, 64, 3) that lie over each other."""
    lab, target = lab_of(first), lab_of(second)
    edges = regions.edges(lab[..., 0], target[..., 0], is_seen)
    have, share = regions.cells(first, is_seen)
    want, _ = regions.cells(second, is_seen)
    colours = regions.colours(have, want, share)
    region_distance, edge_distance = (
        part.max(axis=(1, 2)) for part in (colours.distance, edges.distance)
    )
    strip_region, strip_edge = regions.without_worst_rows(colours.distance, edges.distance)
    hue = np.full((len(first), 2), np.inf, np.float32)
    maybe = np.flatnonzero((region_distance <= MAYBE_REGION) & (edge_distance <= MAYBE_EDGES))
    hue[maybe] = _hues(first[maybe], second[maybe], is_seen[maybe], colours, maybe)
    light = region_distance.copy()
    odd = np.flatnonzero(region_distance > PLAIN_REGION)
    grey, grey_target = (regions.in_grey(part[odd]) for part in (have, want))
    light[odd] = regions.colours(grey, grey_target, share[odd]).distance.max(axis=(1, 2))
    contrast, lift = colours.tones[:, 0] - 1, colours.tones[:, 1]
    common, ground = regions.untoned_changes(have, want, share)
    return {
        **_means(lab, target, is_seen),
        "gradient_correlation": edges.correlation,
        "region_distance": region_distance,
        "edge_distance": edge_distance,
        "strip_region_distance": strip_region,
        "strip_edge_distance": strip_edge,
        "line": regions.line(lab[..., 0], target[..., 0], is_seen),
        "region_chroma": colours.chroma.max(axis=(1, 2)),
        "hue_distance": hue[:, 0],
        "paled_distance": hue[:, 1],
        "light_distance": light,
        "usual_edges": regions.usual(edges.distance),
        "usual_region": regions.usual(colours.distance),
        "features": (edges.energy > 1).mean(axis=(1, 2), dtype=np.float32),
        "framing": (edges.energy > 1)[:, regions.BORDER].mean(axis=1, dtype=np.float32),
        "common_change": common,
        "dark_change": regions.dark_changes(first, second, is_seen),
        "ground_change": ground,
        "tone_change": (64 * abs(contrast) + abs(128 * contrast + lift)).astype(np.float32),
    }


def _means(lab: Floats, target: Floats, is_seen: Flags) -> dict[str, Floats]:
    """Mean distances, and the mean chroma of the paler picture."""
    count = np.maximum(is_seen.sum(axis=(1, 2)), 1)
    difference = lab - target
    squares = difference[..., 1] ** 2 + difference[..., 2] ** 2
    fields_ = {
        "lab_distance": np.sqrt(squares + difference[..., 0] ** 2),
        "chroma_distance": np.sqrt(squares),
    }
    made = {name: (field * is_seen).sum(axis=(1, 2)) / count for name, field in fields_.items()}
    chromas = [
        (np.hypot(part[..., 1], part[..., 2]) * is_seen).sum(axis=(1, 2)) / count
        for part in (lab, target)
    ]
    return made | {"least_chroma": np.minimum(*chromas)}


def _hues(
    first: Floats,
    second: Floats,
    is_seen: Flags,
    colours: regions.Colours,
    rows: npt.NDArray[np.int64],
) -> Floats:
    """How far hues are turned and paled, in the direction in which the tone was changed."""
    is_back = colours.is_back[rows, None, None, None]
    have, want = np.where(is_back, second, first), np.where(is_back, first, second)
    return hue_distances(have, want, is_seen, colours.tones[rows])
