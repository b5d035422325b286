"""All marks of a collection: each group of images is searched until it has no more.

Shops that sell on one site mark their own photographs. So the images that carry a mark are taken
out, and the rest is searched again; what carries several marks, or may, is scored for each, and
the mark that it shows best is its mark.

`python -m tests.benches.watermark --vary search.NAME VALUE ...` finds its constants again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft

from curation.watermark.estimation import estimate, estimate_tied
from curation.watermark.overlay import MARKED_SCORE, Scores
from curation.watermark.passes import Overlay, score
from curation.watermark.samples import Images
from curation.watermark.served_sizes import groups
from pipeline.core.params.watermark_estimation import Watermark

TIED: Final = "sizes that differ"
"""The group of what is in no group of one size or shape with a mark."""
SAME_MARK: Final = 0.5
"""Correlation of two templates from which on they are one mark: three words in one place have .06
to .13 (`python -m tests.benches.watermark --several` prints it)."""

Rows = npt.NDArray[np.int64]
Estimate = Callable[[Images, Watermark, str], Overlay | None]


@dataclass(frozen=True)
class ScoredMark:
    """A mark, and the images that were scored for it."""

    name: str
    overlay: Overlay
    rows: Rows
    """Among all images."""
    scores: Scores


@dataclass(frozen=True)
class Group:
    """Images in which marks were sought together, and the marks they carry."""

    name: str
    rows: Rows
    sampled: int
    marks: list[ScoredMark]


@dataclass(frozen=True)
class Shown:
    """What each of n images shows: the mark that fits best, by name ("" for none), and how well."""

    mark: npt.NDArray[np.object_]
    score: npt.NDArray[np.float64]
    """NaN where no mark was found to score by, or its place is not in the square."""
    opacity: npt.NDArray[np.float64]

    def marked(self, name: str) -> int:
        """How many images carry the mark of that name."""
        return int(((self.mark == name) & (self.score > MARKED_SCORE)).sum())


def search(images: Images, params: Watermark) -> list[Group]:
    """The groups of ``images``, each with its marks."""
    heights, widths = images.geometry.sizes.T.astype(int)
    names, helps = groups(widths, heights, params.min_images)
    searched = [
        _searched(images, name, np.flatnonzero(names == name), helps, params)
        for name in sorted(set(names) - {""})
    ]
    return [*searched, *_rest_searched(images, searched, params)]


def best(count: int, searched: list[Group]) -> Shown:
    """The mark that each of ``count`` images shows best."""
    shown = Shown(np.full(count, "", object), np.full(count, np.nan), np.full(count, np.nan))
    for mark in (mark for group in searched for mark in group.marks):
        rows, scores = mark.rows, mark.scores
        is_first, known = shown.mark[rows] == "", shown.score[rows]
        is_better = is_first | np.isnan(known) | (scores.score > known)
        chosen = rows[is_better]
        shown.mark[chosen] = mark.name
        shown.score[chosen] = scores.score[is_better]
        shown.opacity[chosen] = scores.opacity[is_better]
    return shown


def _searched(
    images: Images, name: str, rows: Rows, helps: npt.NDArray[np.bool_], params: Watermark
) -> Group:
    # Ids are hashes, so the first ones are a random sample that only grows with the data.
    sampled = len(rows[helps[rows]][: params.sample])
    marks = [
        ScoredMark(name if number == 1 else f"{name}-{number}", overlay, left, scores)
        for number, (overlay, left, scores) in enumerate(
            _marks(images, rows, helps, params, name, estimate), 1
        )
    ]
    return Group(name, rows, sampled, marks)


def _rest_searched(images: Images, searched: list[Group], params: Watermark) -> Iterator[Group]:
    """What images of different sizes, on which no overlay was found, have in a corner."""
    is_left = np.ones(len(images), bool)
    for group in searched:
        is_left[group.rows] = not group.marks
    rest = np.flatnonzero(is_left)
    if len(rest) < params.min_images or len(np.unique(images.geometry.sizes[rest], axis=0)) == 1:
        return
    marks: list[ScoredMark] = []
    for overlay, left, scores in _marks(images, rest, is_left, params, TIED, estimate_tied):
        place = overlay.tie.anchor.name if overlay.tie else TIED
        before = sum(mark.name.startswith(place) for mark in marks)
        marks.append(
            ScoredMark(f"{place}-{before + 1}" if before else place, overlay, left, scores)
        )
    if marks:
        yield Group(TIED, rest, len(rest[: params.sample]), marks)


def _marks(
    images: Images,
    rows: Rows,
    helps: npt.NDArray[np.bool_],
    params: Watermark,
    name: str,
    estimated: Estimate,
) -> Iterator[tuple[Overlay, Rows, Scores]]:
    """Each mark of the images at ``rows``, the rows that were left for it, and their scores."""
    earlier: list[Overlay] = []
    left = rows
    while len(earlier) < params.max_marks and len(left) >= params.min_images:
        sample = images.take(left[helps[left]][: params.sample])
        overlay = estimated(sample, params, name)
        if overlay is None or any(likeness(overlay, other) > SAME_MARK for other in earlier):
            return
        scores = score(images.take(left), overlay, name)
        yield overlay, left, scores
        earlier.append(overlay)
        left = left[~scores.carries]


def likeness(first: Overlay, second: Overlay) -> float:
    """The correlation of two templates, 0..1, at its best within the reach of either."""
    if (first.tie and first.tie.anchor) != (second.tie and second.tie.anchor):
        return 0.0
    reach = max(first.reach, second.reach)
    offsets = np.arange(-reach, reach + 1)
    response = fft.ifft2(fft.fft2(first.mark) * np.conj(fft.fft2(second.mark))).real
    energies = [np.sum(np.abs(overlay.mark) ** 2) for overlay in (first, second)]
    within = response[offsets[:, None], offsets[None, :]]
    return float(within.max() / np.sqrt(np.prod(energies)))
