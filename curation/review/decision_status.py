"""What the lists say of each item of a sheet, as arrays that follow every decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from curation.decisions.list_syntax import TargetKind
from curation.decisions.resolution import Index
from curation.review.collection import NONE, FacetColumn, Integers
from curation.review.decision_store import Ids, Placed

UNDECIDED, KEPT, REMOVED = 0, 1, 2
NAMES: Final = ("undecided", "keep", "remove")
LETTERS: Final = np.array(["-", "k", "r"])
"""One for each status, as the page receives them."""

_WIDEST_FIRST = (TargetKind.GROUP, TargetKind.CREATOR, TargetKind.LISTING, TargetKind.IMAGE)
"""What is said of an image itself holds against what is said of more."""


class Places(Protocol):
    """Where the items of a sheet stand."""

    def __len__(self) -> int:
        """How many items there are."""

    def find(self, keys: Sequence[str]) -> Integers:
        """The place of each key, -1 where there is none."""

    def of_group(self, image_id: str) -> Iterable[str]:
        """The members of an image's duplicate group."""


class DecisionStatus:
    """For each item whether it is decided, and by whom."""

    def __init__(self, places: Places, index: Index, kinds: frozenset[TargetKind]) -> None:
        """Begin with everything undecided; ``kinds`` are the entries that speak of the items."""
        self._places = places
        self._index = index
        self._kinds = kinds
        self._hands: dict[str, int] = {}
        self.codes: npt.NDArray[np.uint8] = np.zeros(len(places), np.uint8)
        self._by: npt.NDArray[np.int32] = np.full(len(places), NONE, np.int32)

    @property
    def letters(self) -> npt.NDArray[np.str_]:
        """One letter an item."""
        return LETTERS[self.codes]

    def decided(self) -> FacetColumn:
        """The statuses as a facet."""
        return FacetColumn(self.codes.astype(np.int32), list(NAMES))

    def by(self) -> FacetColumn:
        """Who decided, as a facet."""
        return FacetColumn(self._by, list(self._hands))

    def follow_all(self, entries: Mapping[Ids, Sequence[Placed]]) -> None:
        """Bring every item up to what the lists say."""
        self.codes[:], self._by[:] = UNDECIDED, NONE
        by_kind: dict[TargetKind, list[tuple[str, Placed]]] = {}
        for ids, placed in entries.items():
            if len(ids) == 1 and placed:
                entry = placed[-1][1]
                kind = entry.targets[0].kind if ":" in ids[0] else _kind_of(ids[0])
                by_kind.setdefault(kind, []).append((ids[0], placed[-1]))
        for kind in (*_WIDEST_FIRST, TargetKind.VARIANT):
            if kind in self._kinds:
                self._set(list(self._spread(kind, by_kind.get(kind, []))))

    def follow(self, changed: Iterable[tuple[Ids, Sequence[Placed]]]) -> bool:
        """Bring the changed items up; False when that takes all that the lists say."""
        pairs = [(ids[0], placed) for ids, placed in changed if len(ids) == 1]
        if any(":" in name or not placed for name, placed in pairs):
            return False
        self._set([(name, placed[-1]) for name, placed in pairs if _kind_of(name) in self._kinds])
        return True

    def _set(self, entries: list[tuple[str, Placed]]) -> None:
        if not entries:  # nearly always of variants, whose places take seconds to number
            return
        places = self._places.find([name for name, _ in entries])
        here = places != NONE
        codes = [NAMES.index(placed[0]) if placed[0] in NAMES else 0 for _, placed in entries]
        hands = [self._hand(placed[1].by) for _, placed in entries]
        self.codes[places[here]] = np.array(codes, np.uint8)[here]
        self._by[places[here]] = np.array(hands, np.int32)[here]

    def _hand(self, name: str) -> int:
        return self._hands.setdefault(name or "nobody named", len(self._hands))

    def _spread(
        self, kind: TargetKind, entries: Iterable[tuple[str, Placed]]
    ) -> Iterator[tuple[str, Placed]]:
        """What is said of listings, creators and groups, image by image."""
        for name, placed in entries:
            if kind in (TargetKind.IMAGE, TargetKind.VARIANT):
                yield name, placed
                continue
            target = placed[1].targets[0]
            members = (
                self._places.of_group(target.name)
                if kind is TargetKind.GROUP
                else self._index.find(target) or []
            )
            yield from ((member, placed) for member in members)


def _kind_of(name: str) -> TargetKind:
    return TargetKind.VARIANT if "/" in name else TargetKind.IMAGE
