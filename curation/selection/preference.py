"""Which of several copies is to be kept, and in words why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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
        return self.clauses(np.array([better]), np.array([worse]))[0]

    def clauses(self, better: Integers, worse: Integers) -> list[str]:
        """What speaks for each image against another."""
        clauses = [BY_ID] * len(better)
        told = np.zeros(len(better), bool)
        for differs, clause, shown in self._differences(better, worse):
            rows = np.flatnonzero(differs & ~told)
            told |= differs
            columns = [column[side[rows]] for side in (better, worse) for column in shown]
            cells = list(zip(*(column.tolist() for column in columns), strict=True))
            for row, numbers in zip(rows.tolist(), cells or [()] * len(rows), strict=True):
                clauses[row] = clause.format(*numbers)
        return clauses

    def _differences(
        self, better: Integers, worse: Integers
    ) -> Iterator[tuple[Mask, str, tuple[npt.NDArray[Any], ...]]]:
        """In the order in which they decide: which pairs differ, the clause, and what it shows."""

        def differ(values: npt.NDArray[Any]) -> Mask:
            return np.asarray(values[better] != values[worse])

        yield differ(self.kept), "kept by a curator", ()
        yield differ(self.marked), "unmarked: score {:.1f} against {:.1f}", (self.score,)
        is_sharper = self.sharpness[better] > self.sharpness[worse]
        sharper = "sharper at one size: {:.0f} against {:.0f}"
        yield differ(self.blurred) & is_sharper, sharper, (self.sharpness,)
        yield differ(self.blurred), "the other is blurred beside a third copy", ()
        larger = "larger: {:.0f}x{:.0f} against {:.0f}x{:.0f}"
        yield differ(self.width * self.height), larger, (self.width, self.height)
        for lost, clause in self._losses():
            yield differ(lost), f"the other {clause}", ()
        dates = np.array(self.dates, object)[self.capture]
        yield differ(self.capture), "captured earlier: {} against {}", (dates,)
        smoother = "as much detail, and smoother: {:.1f} against {:.1f}"
        yield differ(self.sharpness), smoother, (self.sharpness,)

    def _losses(self) -> tuple[tuple[Mask, str], ...]:
        """What somebody did to an image, seen beside a copy; what counts first is first."""
        return (
            (self.toned, "has lost tones beside a copy: clipped, or paler"),
            (self.added, "has letters or a mark that a copy lacks"),
            (self.blockier, "shows the blocks of a JPEG more than a copy"),
            (self.duller, "has less detail than a copy"),
        )


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
