"""Which of several copies is to be kept, and in words why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curation.selection import copy_quality
from curation.selection.evidence import CopyPairs, Evidence, Floats, Integers, Mask

MARKED_ABOVE = 6.0
"""Watermark score above which a copy without mark is preferred, even where marks may stay: the
default of `select.max_watermark_score` (`tests.benches.watermark`)."""
BY_ID = "equal in all that counts, and first by id"


@dataclass(frozen=True)
class Preference:
    """Which of several copies is to be kept, one entry an image.

    What differs first decides: a curator's keep, no site's mark, no blur beside another copy, more
    pixels, no tones that are clipped or paler beside another copy, no letters that it lacks, no
    stronger blocks of a JPEG, no less detail, an earlier capture, a smoother picture, a lower id.
    Where no detail was lost, what is a little sharper was saved again, written on or brightened.
    The number of bytes speaks for nothing: whoever saves a copy again at a higher quality has more
    of them and no more detail, and whoever saves it at a lower one has fewer.
    """

    kept: Mask
    marked: Mask
    score: Floats
    blurred: Mask
    sharpness: Floats
    width: Floats
    height: Floats
    toned: Mask
    added: Mask
    """It has letters or the like that a copy lacks."""
    blockier: Mask
    duller: Mask
    capture: Integers
    """Place among the captures in order of their dates."""
    dates: tuple[str, ...]
    """Of the captures."""

    def rank(self, rows: Integers) -> Integers:
        """Places of ``rows`` (ascending) from 0, the most preferred, as an array over all images.

        Images that are not among the rows have the place -1.
        """
        pixels = self.width * self.height
        losses = [lost for lost, _ in reversed(self._losses())]
        keys = (
            self.sharpness, self.capture, *losses, -pixels, self.blurred, self.marked, ~self.kept,
        )  # fmt: skip
        order = np.lexsort([key[rows] for key in keys])  # stable: the lower id stays first
        rank = np.full(len(self.kept), -1)
        rank[rows[order]] = np.arange(len(rows))
        return rank

    def why(self, better: int, worse: int) -> str:
        """What speaks for one image against another, as a clause."""
        if self.kept[better] != self.kept[worse]:
            return "kept by a curator"
        if self.marked[better] != self.marked[worse]:
            return f"unmarked: score {self.score[better]:.1f} against {self.score[worse]:.1f}"
        if self.blurred[better] != self.blurred[worse]:
            return self._why_sharper(better, worse)
        if self._pixels(better) != self._pixels(worse):
            return f"larger: {self._size(better)} against {self._size(worse)}"
        for lost, clause in self._losses():
            if lost[better] != lost[worse]:
                return f"the other {clause}"
        if self.capture[better] != self.capture[worse]:
            return f"captured earlier: {self._date(better)} against {self._date(worse)}"
        if self.sharpness[better] != self.sharpness[worse]:
            here, there = self.sharpness[better], self.sharpness[worse]
            return f"as much detail, and smoother: {here:.1f} against {there:.1f}"
        return BY_ID

    def _losses(self) -> tuple[tuple[Mask, str], ...]:
        """What somebody did to an image, seen beside a copy; what counts first is first."""
        return (
            (self.toned, "has lost tones beside a copy: clipped, or paler"),
            (self.added, "has letters or a mark that a copy lacks"),
            (self.blockier, "shows the blocks of a JPEG more than a copy"),
            (self.duller, "has less detail than a copy"),
        )

    def _why_sharper(self, better: int, worse: int) -> str:
        here, there = self.sharpness[better], self.sharpness[worse]
        if here > there:
            return f"sharper at one size: {here:.0f} against {there:.0f}"
        return "the other is blurred beside a third copy"

    def _pixels(self, row: int) -> float:
        return float(self.width[row] * self.height[row])

    def _size(self, row: int) -> str:
        return f"{self.width[row]:.0f}x{self.height[row]:.0f}"

    def _date(self, row: int) -> str:
        return self.dates[int(self.capture[row])]


def preference(evidence: Evidence, edges: CopyPairs) -> Preference:
    """What speaks for each image, where ``edges`` join those that may be chosen."""
    captures = evidence.images["capture"].combine_chunks().dictionary_encode()
    dates = captures.dictionary.to_pylist()
    place = np.argsort(np.argsort(np.array(dates, dtype=str)))
    return Preference(
        kept=evidence.kept,
        marked=evidence.score > MARKED_ABOVE,
        score=evidence.score,
        blurred=copy_quality.blurred(evidence, edges.a, edges.b),
        sharpness=evidence.number("sharpness"),
        width=evidence.number("width"),
        height=evidence.number("height"),
        toned=copy_quality.toned(evidence, edges.a, edges.b),
        added=copy_quality.marked(evidence, edges.a, edges.b),
        blockier=copy_quality.blockier(evidence, edges.a, edges.b),
        duller=copy_quality.duller(evidence, edges.a, edges.b),
        capture=place[captures.indices.to_numpy()],
        dates=tuple(sorted(dates)),
    )
