"""Duplicate groups as stars: every copy hangs on one preferred image, never on another copy.

Joining whatever a chain of pairs links merges pictures that are nothing alike. So images are
taken in order of preference; each that is still free becomes a centre, and only its own
neighbours are attached to it: the lexicographically first maximal independent set of the graph
of pairs, with everything else hung on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curation.selection.evidence import CopyPairs, Floats, Integers, Mask
from curation.selection.preference import Preference


@dataclass(frozen=True)
class Stars:
    """What hangs on what: for each leaf its row, its centre's row, and the edge between them."""

    leaf: Integers
    centre: Integers
    exact: Mask
    distance: Floats


def stars(edges: CopyPairs, order: Preference) -> tuple[Stars, Stars]:
    """Hang copies on preferred images: (what hangs, what would hang had no curator kept it).

    What a curator keeps is always a centre.
    """
    better, worse, in_turn = _in_turn(edges, order)
    kept = order.kept[worse]
    attached: dict[int, int] = {}
    kept_leaves: dict[int, int] = {}
    # One step depends on all before it, and only images that have a copy are visited. When an
    # edge is reached, all edges to its better end were, so whether that is a centre is known.
    for edge in in_turn.tolist():
        if int(better[edge]) not in attached:
            (kept_leaves if kept[edge] else attached).setdefault(int(worse[edge]), edge)
    return _stars(attached, better, edges), _stars(kept_leaves, better, edges)


def labels(edges: CopyPairs, order: Preference) -> Integers:
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


def _in_turn(edges: CopyPairs, order: Preference) -> tuple[Integers, Integers, Integers]:
    """The better and the worse end of each edge, and the edges by rank of the two."""
    rank = order.rank(np.unique(np.concatenate([edges.a, edges.b])))
    swap = rank[edges.a] > rank[edges.b]
    better, worse = np.where(swap, edges.b, edges.a), np.where(swap, edges.a, edges.b)
    return better, worse, np.lexsort([rank[worse], rank[better]])


def _stars(edge_of: dict[int, int], better: Integers, edges: CopyPairs) -> Stars:
    leaf = np.fromiter(edge_of.keys(), np.int64, len(edge_of))
    edge = np.fromiter(edge_of.values(), np.int64, len(edge_of))
    return Stars(leaf, better[edge], edges.exact[edge], edges.distance[edge])
