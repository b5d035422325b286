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

import numba
import numpy as np
import numpy.typing as npt

from curation.duplicates import tone
from curation.duplicates.lab import lab_of_levels
from curation.duplicates.registration import (
    COARSE_STEPS,
    FINE_STEPS,
    Warp,
    blurred,
    drift,
    halved,
    refine,
    warped_lightness,
)
from pipeline.core.shards import Pixels

SIDE: Final = 64
CELL: Final = 4
"""Pixels a side of a cell; a region is three by three cells."""
CELLS: Final = SIDE // CELL
STRIP: Final = 5
"""Rows of regions that may be set aside: a line of text, as shops lay over pictures."""
EDGE_NOISE: Final = 16.0
"""Mean square of the gradients (of L*, over two pixels) that JPEG makes of plain ground."""
LEAST_EDGES: Final = 0.5
"""Correlation of the gradients, after the coarse steps, below which no more is measured."""
MAYBE_REGION: Final = 8.0
MAYBE_EDGES: Final = 0.8
"""Beyond these no pair is ever decided, and hues need no look."""
HUES: Final = 8
LIGHTS: Final = 3
LEAST_CHROMA: Final = 8.0
LEAST_PIXELS: Final = 15
USUAL_CHROMA: Final = 20.0
"""Above it a hue is told by its angle: what saving does to strong colours is larger."""

Floats = npt.NDArray[np.float32]


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
    shift: Floats
    """Pixels by which a corner had to be moved."""

    @property
    def columns(self) -> tuple[Floats, ...]:
        """All measures, in their order."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @property
    def columns_by_name(self) -> dict[str, Floats]:
        """All measures by their names."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

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


def compare(first: Pixels, second: Pixels, warps: Warp) -> Likeness:
    """Measure n pairs of images (n, 64, 64, 3), looked for at ``warps`` (n, 6)."""
    rows = np.full((len(first), MEASURES), np.inf, np.float32)
    measure_pairs(np.ascontiguousarray(first), np.ascontiguousarray(second), warps, rows)
    return Likeness.of(rows)


@numba.njit(cache=True)
def measure_pairs(first: Pixels, second: Pixels, warps: Warp, rows: Floats) -> None:
    """Fill a row of ``rows`` (n, measures) for each pair."""
    for n in range(len(first)):
        _measure(first[n], second[n], warps[n], rows[n])


@numba.njit(cache=True)
def _measure(first: Pixels, second: Pixels, start: Warp, row: Floats) -> None:
    one, other = _lab(first), _lab(second)
    light, target = one[..., 0].copy(), other[..., 0].copy()
    warp = start.copy()
    row[0] = _laid_over(light, target, warp, start)
    row[16] = drift(warp, np.array([0.0, 1.0, 0.0, 0.0, 0.0, 1.0]))
    if row[0] < LEAST_EDGES and not (_is_flat(light) and _is_flat(target)):
        return
    moved, is_seen = _warped(first, warp)
    seen = _lab_of_floats(moved, is_seen)
    row[1], row[2], row[11] = _means(seen, other, is_seen)
    edges, energy = _edge_distances(seen[..., 0].copy(), target, is_seen, row)
    have, share = _cells(moved, is_seen)
    want, _ = _cells(second.astype(np.float32), is_seen)
    colours, chromas, change, is_back = _nearer_tone(have, want, share)
    _summarise(colours, chromas, edges, energy, row)
    row[15] = 64 * abs(change[0] - 1) + abs(128 * (change[0] - 1) + change[1])
    row[10] = _light_distance(have, want, share) if row[3] > MAYBE_REGION else row[3]
    if row[3] > MAYBE_REGION or row[4] > MAYBE_EDGES:
        return
    if is_back:
        row[8], row[9] = _hue_distances(second.astype(np.float32), moved, is_seen, change)
    else:
        row[8], row[9] = _hue_distances(moved, second.astype(np.float32), is_seen, change)


@numba.njit(cache=True)
def _lab(picture: Pixels) -> Floats:
    made = np.empty((SIDE, SIDE, 3), np.float32)
    for y in range(SIDE):
        for x in range(SIDE):
            made[y, x, 0], made[y, x, 1], made[y, x, 2] = lab_of_levels(
                picture[y, x, 0], picture[y, x, 1], picture[y, x, 2]
            )
    return made


@numba.njit(cache=True)
def _lab_of_floats(picture: Floats, is_seen: npt.NDArray[np.bool_]) -> Floats:
    made = np.zeros((SIDE, SIDE, 3), np.float32)
    for y in range(SIDE):
        for x in range(SIDE):
            if is_seen[y, x]:
                made[y, x, 0], made[y, x, 1], made[y, x, 2] = lab_of_levels(
                    picture[y, x, 0], picture[y, x, 1], picture[y, x, 2]
                )
    return made


@numba.njit(cache=True)
def _laid_over(light: Floats, target: Floats, warp: Warp, start: Warp) -> float:
    """Improve ``warp`` where that helps; the correlation of the gradients then."""
    moved = np.empty_like(target)
    warped_lightness(light, warp, moved)
    before = _correlation(moved, target)
    if before > 0.995:
        return before
    coarse, coarse_target = blurred(halved(light)), blurred(halved(target))
    better = warp.copy()
    if not refine(coarse, coarse_target, better, start, COARSE_STEPS):
        return before
    warped_lightness(light, better, moved)
    if max(before, _correlation(moved, target)) < LEAST_EDGES:
        return before
    refine(blurred(light), blurred(target), better, start, FINE_STEPS)
    if warped_lightness(light, better, moved) < 0.5 * SIDE * SIDE:
        return before
    after = _correlation(moved, target)
    if after > before:
        warp[:] = better
        return after
    return before


@numba.njit(cache=True)
def _is_flat(light: Floats) -> bool:
    """Whether all edges together are no more than what JPEG makes of plain ground."""
    across, down = light[:, 2:] - light[:, :-2], light[2:] - light[:-2]
    is_quiet: bool = (across * across).mean() + (down * down).mean() < EDGE_NOISE
    return is_quiet


@numba.njit(cache=True)
def _correlation(moved: Floats, target: Floats) -> float:
    """Of the gradients of ``moved`` (NaN where it is not seen) and ``target``."""
    products, ours, theirs = 0.0, 1e-6, 1e-6
    for y in range(1, SIDE - 1):
        for x in range(1, SIDE - 1):
            a, b = moved[y, x + 1] - moved[y, x - 1], moved[y + 1, x] - moved[y - 1, x]
            if np.isnan(a) or np.isnan(b):
                continue
            c, d = target[y, x + 1] - target[y, x - 1], target[y + 1, x] - target[y - 1, x]
            products += a * c + b * d
            ours += a * a + b * b
            theirs += c * c + d * d
    measured: float = products / np.sqrt(ours * theirs)
    return measured


@numba.njit(cache=True)
def _cubic(t: float, weights: npt.NDArray[np.float64]) -> None:
    """Weights of four pixels at ``t`` (0..1) between the middle two (Keys 1981, a = -.5)."""
    weights[0] = ((-0.5 * t + 1) * t - 0.5) * t
    weights[1] = (1.5 * t - 2.5) * t * t + 1
    weights[2] = ((-1.5 * t + 2) * t + 0.5) * t
    weights[3] = (0.5 * t - 0.5) * t * t


@numba.njit(cache=True)
def _warped(picture: Pixels, warp: Warp) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """``picture`` under ``warp``, by cubic convolution, and which of its pixels are seen."""
    made = np.zeros((SIDE, SIDE, 3), np.float32)
    is_seen = np.zeros((SIDE, SIDE), np.bool_)
    across, down = np.empty(4), np.empty(4)
    for y in range(SIDE):
        for x in range(SIDE):
            from_left, from_top = x - 31.5, y - 31.5
            u = warp[0] + warp[1] * from_left + warp[2] * from_top + 31.5
            v = warp[3] + warp[4] * from_left + warp[5] * from_top + 31.5
            if u < -0.5 or v < -0.5 or u > SIDE - 0.5 or v > SIDE - 0.5:
                continue
            is_seen[y, x] = True
            i, j = int(np.floor(v)), int(np.floor(u))
            _cubic(v - i, down)
            _cubic(u - j, across)
            for k in range(3):
                level = 0.0
                for p in range(4):
                    line = picture[min(max(i - 1 + p, 0), SIDE - 1)]
                    for q in range(4):
                        level += down[p] * across[q] * line[min(max(j - 1 + q, 0), SIDE - 1), k]
                made[y, x, k] = min(max(level, 0.0), 255.0)
    return made, is_seen


@numba.njit(cache=True)
def _means(
    one: Floats, other: Floats, is_seen: npt.NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Mean distance, mean distance of the chroma, and mean chroma of the paler."""
    count, lab, chroma, ours, theirs = 1e-6, 0.0, 0.0, 0.0, 0.0
    for y in range(SIDE):
        for x in range(SIDE):
            if is_seen[y, x]:
                light = one[y, x, 0] - other[y, x, 0]
                a, b = one[y, x, 1] - other[y, x, 1], one[y, x, 2] - other[y, x, 2]
                count += 1
                chroma += np.sqrt(a * a + b * b)
                lab += np.sqrt(light * light + a * a + b * b)
                ours += np.sqrt(one[y, x, 1] ** 2 + one[y, x, 2] ** 2)
                theirs += np.sqrt(other[y, x, 1] ** 2 + other[y, x, 2] ** 2)
    return lab / count, chroma / count, min(ours, theirs) / count


@numba.njit(cache=True)
def _edge_distances(
    one: Floats, other: Floats, is_seen: npt.NDArray[np.bool_], row: Floats
) -> tuple[Floats, Floats]:
    """How badly the gradients agree in each region, and how strong they are there."""
    sums = np.zeros((CELLS, CELLS, 3), np.float32)
    for y in range(1, SIDE - 1):
        for x in range(1, SIDE - 1):
            if not (
                is_seen[y, x + 1] and is_seen[y, x - 1] and is_seen[y + 1, x] and is_seen[y - 1, x]
            ):
                continue
            a, b = one[y, x + 1] - one[y, x - 1], one[y + 1, x] - one[y - 1, x]
            c, d = other[y, x + 1] - other[y, x - 1], other[y + 1, x] - other[y - 1, x]
            sums[y // CELL, x // CELL, 0] += a * c + b * d
            sums[y // CELL, x // CELL, 1] += a * a + b * b
            sums[y // CELL, x // CELL, 2] += c * c + d * d
    ours, theirs = sums[..., 1].sum(), sums[..., 2].sum()
    row[0] = sums[..., 0].sum() / np.sqrt(ours * theirs + 1e-6)
    made, energy = np.zeros((CELLS, CELLS), np.float32), np.zeros((CELLS, CELLS), np.float32)
    noise = EDGE_NOISE * 9 * CELL * CELL
    for y in range(CELLS):
        for x in range(CELLS):
            part = sums[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
            products, first, second = part[..., 0].sum(), part[..., 1].sum(), part[..., 2].sum()
            both = np.sqrt(first * second)
            made[y, x] = 1 - (products + noise) / (both + noise)
            energy[y, x] = both / noise
    return made, energy


@numba.njit(cache=True)
def _cells(picture: Floats, is_seen: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The mean levels of each cell, of what is seen of it, and how much of it is seen."""
    made, share = np.zeros((CELLS, CELLS, 3), np.float32), np.zeros((CELLS, CELLS), np.float32)
    for y in range(SIDE):
        for x in range(SIDE):
            if is_seen[y, x]:
                share[y // CELL, x // CELL] += 1
                for k in range(3):
                    made[y // CELL, x // CELL, k] += picture[y, x, k]
    for y in range(CELLS):
        for x in range(CELLS):
            for k in range(3):
                made[y, x, k] /= max(share[y, x], 1)
            share[y, x] /= CELL * CELL
    return made, share


@numba.njit(cache=True)
def _regions(one: Floats, other: Floats, share: Floats) -> tuple[Floats, Floats]:
    """The distance of the mean colours of each region, and that of a* and b* alone."""
    difference = np.zeros((CELLS, CELLS, 3), np.float32)
    for y in range(CELLS):
        for x in range(CELLS):
            a = lab_of_levels(one[y, x, 0], one[y, x, 1], one[y, x, 2])
            b = lab_of_levels(other[y, x, 0], other[y, x, 1], other[y, x, 2])
            for k in range(3):
                difference[y, x, k] = (a[k] - b[k]) * share[y, x]
    colour, chroma = np.zeros((CELLS, CELLS), np.float32), np.zeros((CELLS, CELLS), np.float32)
    for y in range(CELLS):
        for x in range(CELLS):
            total, light, green, blue = 0.0, 0.0, 0.0, 0.0
            for p in range(max(y - 1, 0), min(y + 2, CELLS)):
                for q in range(max(x - 1, 0), min(x + 2, CELLS)):
                    total += share[p, q]
                    light += difference[p, q, 0]
                    green += difference[p, q, 1]
                    blue += difference[p, q, 2]
            if total < 2:
                continue
            chroma[y, x] = np.sqrt(green * green + blue * blue) / total
            colour[y, x] = np.sqrt(light * light + green * green + blue * blue) / total
    return colour, chroma


@numba.njit(cache=True)
def _nearer_tone(
    have: Floats, want: Floats, share: Floats
) -> tuple[Floats, Floats, npt.NDArray[np.float64], bool]:
    """Regions at the better of the two changes of tone, that change, and whether it is back."""
    made, back = np.empty_like(have), np.empty_like(have)
    there_change = tone.fit(have, want, share, made)
    back_change = tone.fit(want, have, share, back)
    there, there_chroma = _regions(made, want, share)
    other, other_chroma = _regions(back, have, share)
    if there.max() <= other.max():
        return there, there_chroma, there_change, False
    return other, other_chroma, back_change, True


@numba.njit(cache=True)
def _light_distance(have: Floats, want: Floats, share: Floats) -> float:
    """The worst region of both pictures in grey, at the better of the two changes of tone."""
    grey, other = np.empty_like(have), np.empty_like(want)
    for y in range(CELLS):
        for x in range(CELLS):
            grey[y, x, :] = 0.299 * have[y, x, 0] + 0.587 * have[y, x, 1] + 0.114 * have[y, x, 2]
            other[y, x, :] = 0.299 * want[y, x, 0] + 0.587 * want[y, x, 1] + 0.114 * want[y, x, 2]
    measured: float = _nearer_tone(grey, other, share)[0].max()
    return measured


@numba.njit(cache=True)
def _summarise(
    colours: Floats, chromas: Floats, edges: Floats, energy: Floats, row: Floats
) -> None:
    row[3], row[4], row[7] = colours.max(), edges.max(), chromas.max()
    row[5], row[6] = row[3], row[4]
    for top in range(CELLS - STRIP + 1):
        colour, edge = 0.0, 0.0
        for y in range(CELLS):
            if y < top or y >= top + STRIP:
                colour, edge = max(colour, colours[y].max()), max(edge, edges[y].max())
        # A colour distance of 1.2 and edges .03 apart are as bad.
        if max(colour / 1.2, edge / 0.03) < max(row[5] / 1.2, row[6] / 0.03):
            row[5], row[6] = colour, edge
    row[12] = np.sort(edges.ravel())[int(0.9 * CELLS * CELLS)]
    row[13] = np.sort(colours.ravel())[int(0.9 * CELLS * CELLS)]
    row[14] = (energy > 1).mean()


@numba.njit(cache=True)
def _hue_distances(
    have: Floats, want: Floats, is_seen: npt.NDArray[np.bool_], change: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """How far the pixels of any one hue and lightness are turned, or paled, together.

    Pixel by pixel, because gold and rose gold may differ in a bezel of one pixel alone. What
    saving does to colours scatters, or pales them a little; it does not turn them.
    """
    sums = np.zeros((HUES, LIGHTS, 5))
    level = np.empty(3)
    for y in range(SIDE):
        for x in range(SIDE):
            if not is_seen[y, x]:
                continue
            for k in range(3):
                level[k] = (change[0] * have[y, x, k] + change[1]) * change[2 + k]
            if max(level.max(), want[y, x].max()) > 240 or min(level.min(), want[y, x].min()) < 4:
                continue
            a = lab_of_levels(level[0], level[1], level[2])
            b = lab_of_levels(want[y, x, 0], want[y, x, 1], want[y, x, 2])
            green, blue = a[1] + b[1], a[2] + b[2]
            chroma = np.sqrt(green * green + blue * blue)
            if chroma < 2 * LEAST_CHROMA:
                continue
            share = min(1.0, 2 * USUAL_CHROMA / chroma)
            turned = share * ((a[2] - b[2]) * green - (a[1] - b[1]) * blue) / chroma
            paled = share * ((a[1] - b[1]) * green + (a[2] - b[2]) * blue) / chroma
            hue = int((np.arctan2(blue, green) / (2 * np.pi) + 1) * HUES) % HUES
            part = sums[hue, min(int(b[0] / 34), LIGHTS - 1)]
            part[0] += 1
            part[1] += turned
            part[2] += turned * turned
            part[3] += paled
            part[4] += paled * paled
    turned, paled = 0.0, 0.0
    for hue in range(HUES):
        for light in range(LIGHTS):
            count, first, first_squares, second, second_squares = sums[hue, light]
            if count >= LEAST_PIXELS:
                turned = max(turned, _beyond(count, first, first_squares))
                paled = max(paled, _beyond(count, second, second_squares))
    return turned, paled


@numba.njit(cache=True)
def _beyond(count: float, total: float, squares: float) -> float:
    """The mean of so many pixels, less what their scatter alone may make of it."""
    mean = total / count
    measured: float = abs(mean) - np.sqrt(max(squares / count - mean * mean, 0.0)) * np.sqrt(
        6 / count
    )
    return measured
