"""Duplicate groups as stars: every copy hangs on one preferred image, never on another copy.

Joining whatever a chain of pairs links merges pictures that are nothing alike. So images are
taken in order of preference; each that is still free becomes a centre, and only its own
neighbours are attached to it: the lexicographically first maximal independent set of the graph
of pairs, with everything else hung on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curation.selection.evidence import Evidence, Floats, Integers, Mask

MARKED_ABOVE = 6.0
"""Watermark score above which a copy without mark is preferred, even where marks may stay."""
SHARPER_BY = 2.0
"""Times by which `sharpness` must exceed a copy's before that counts as blurred: another tone, a
mark or another encoding changes it by less than 1.8 on a picture with edges."""
MIN_SHARPER_BY = 300.0
"""And the least difference: on a flat picture a mark alone doubles it, but adds less than 150."""
MEASURED_SIDE = 256
"""Pixels of the shorter side from which on sharpness was measured at one size; smaller pictures
seem sharper than they are."""


@dataclass(frozen=True)
class Edges:
    """Pairs of duplicates, as rows of the images."""

    a: Integers
    b: Integers
    exact: Mask
    distance: Floats
    """Colour distance of the two images, as `dedupe` measured it."""

    def __len__(self) -> int:
        return len(self.a)

    def where(self, mask: Mask) -> Edges:
        """Some of the edges."""
        return Edges(self.a[mask], self.b[mask], self.exact[mask], self.distance[mask])

    def among(self, images: Mask) -> Edges:
        """The edges that join two of ``images``."""
        return self.where(images[self.a] & images[self.b])


@dataclass(frozen=True)
class Stars:
    """What hangs on what: for each leaf its row, its centre's row, and the edge between them."""

    leaf: Integers
    centre: Integers
    exact: Mask
    distance: Floats


@dataclass(frozen=True)
class Preference:
    """Which of several copies is to be kept, one entry an image.

    What differs first decides: a curator's keep, no mark, no blur beside another copy, more pixels,
    more bytes for them, an earlier capture, a lower id.
    """

    kept: Mask
    marked: Mask
    score: Floats
    blurred: Mask
    sharpness: Floats
    width: Floats
    height: Floats
    bytes: Integers
    capture: Integers
    """Place among the captures in order of their dates."""
    dates: tuple[str, ...]
    """Of the captures."""

    def rank(self, rows: Integers) -> Integers:
        """Places of ``rows`` (ascending) from 0, the most preferred, as an array over all images.

        Images that are not among the rows have the place -1.
        """
        pixels = self.width * self.height
        keys = (self.capture, -self.bytes, -pixels, self.blurred, self.marked, ~self.kept)
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
        if self.bytes[better] != self.bytes[worse]:
            return f"less compressed: {self.bytes[better]} bytes against {self.bytes[worse]}"
        if self.capture[better] != self.capture[worse]:
            return f"captured earlier: {self._date(better)} against {self._date(worse)}"
        return "equal in all that counts, and first by id"

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


def preference(evidence: Evidence, edges: Edges) -> Preference:
    """What speaks for each image, where ``edges`` join those that may be chosen."""
    captures = evidence.images["capture"].combine_chunks().dictionary_encode()
    dates = captures.dictionary.to_pylist()
    place = np.argsort(np.argsort(np.array(dates, dtype=str)))
    return Preference(
        kept=evidence.kept,
        marked=evidence.score > MARKED_ABOVE,
        score=evidence.score,
        blurred=_blurred(evidence, edges),
        sharpness=evidence.number("sharpness"),
        width=evidence.number("width"),
        height=evidence.number("height"),
        bytes=evidence.images["bytes"].to_numpy(),
        capture=place[captures.indices.to_numpy()],
        dates=tuple(sorted(dates)),
    )


def _blurred(evidence: Evidence, edges: Edges) -> Mask:
    """Which images have much less detail than a copy, though they may have more pixels."""
    sharpness = evidence.number("sharpness")
    blurred = np.zeros(len(evidence), bool)
    for this, other in ((edges.a, edges.b), (edges.b, edges.a)):
        here, there = sharpness[this], sharpness[other]
        is_sharper = (there >= SHARPER_BY * here) & (there - here >= MIN_SHARPER_BY)
        blurred[this[is_sharper & (evidence.shorter_side[other] >= MEASURED_SIDE)]] = True
    return blurred


def stars(edges: Edges, order: Preference) -> tuple[Stars, Stars]:
    """Hang copies on preferred images: (what hangs, what would hang had no curator kept it).

    What a curator keeps is always a centre.
    """
    better, worse, in_turn = _in_turn(edges, order)
    kept = order.kept[worse]
    hung: dict[int, int] = {}
    spared: dict[int, int] = {}
    # One step depends on all before it, and only images that have a copy are visited. When an
    # edge is reached, all edges to its better end were, so whether that is a centre is known.
    for edge in in_turn.tolist():
        if int(better[edge]) not in hung:
            (spared if kept[edge] else hung).setdefault(int(worse[edge]), edge)
    return _stars(hung, better, edges), _stars(spared, better, edges)


def labels(edges: Edges, order: Preference) -> Integers:
    """For each image the row of the most preferred one that ``edges`` link it to, over others too.

    Meant for images that all stay: what is held back from training takes along all that shows
    the same.
    """
    label = np.arange(len(order.kept))
    rank = order.rank(np.unique(np.concatenate([edges.a, edges.b])))
    while True:
        first, second = label[edges.a], label[edges.b]
        apart = first != second
        if not apart.any():
            return label
        first, second = first[apart], second[apart]
        swap = rank[first] > rank[second]
        label[np.where(swap, first, second)] = np.where(swap, second, first)
        while not np.array_equal(label, label[label]):
            label = label[label]


def _in_turn(edges: Edges, order: Preference) -> tuple[Integers, Integers, Integers]:
    """The better and the worse end of each edge, and the edges by rank of the two."""
    rank = order.rank(np.unique(np.concatenate([edges.a, edges.b])))
    swap = rank[edges.a] > rank[edges.b]
    better, worse = np.where(swap, edges.b, edges.a), np.where(swap, edges.a, edges.b)
    return better, worse, np.lexsort([rank[worse], rank[better]])


def _stars(hung: dict[int, int], better: Integers, edges: Edges) -> Stars:
    leaf = np.fromiter(hung.keys(), np.int64, len(hung))
    edge = np.fromiter(hung.values(), np.int64, len(hung))
    return Stars(leaf, better[edge], edges.exact[edge], edges.distance[edge])
