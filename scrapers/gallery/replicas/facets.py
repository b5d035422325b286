"""Items of a catalogue that share a style, a genre, a medium, a model or a reference."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from scrapers.gallery.lazy import Lazy
from scrapers.parsing.text import slug

T = TypeVar("T")


class Facet:
    """One name and the places of the items that bear it; eight bytes an item."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._places = array("l")

    def __len__(self) -> int:
        """How many items there are."""
        return len(self._places)

    def add(self, place: int) -> None:
        """Put the item at ``place`` of its collection behind the others."""
        self._places.append(place)

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """The items themselves, in the order of the collection ``items``, made when asked for."""
        return Lazy(len(self), lambda n: items[self._places[n]])


def facets(
    items: Iterable[T], names: Sequence[Callable[[T], Iterable[str]]]
) -> list[dict[str, Facet]]:
    """Go through ``items`` once; one mapping of slugs to facets for each function of ``names``."""
    by_name: list[dict[str, Facet]] = [{} for _ in names]
    for place, item in enumerate(items):
        for group, names_of in zip(by_name, names, strict=True):
            for name in names_of(item):
                group.setdefault(slug(name), Facet(name)).add(place)
    return by_name
