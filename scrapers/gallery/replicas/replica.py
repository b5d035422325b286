"""What a replica is to the server, and the items of a name that it lists."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.items import Picture
from scrapers.gallery.lazy import Lazy
from scrapers.gallery.web.messages import App
from scrapers.parsing.text import slug

Catalogue = TypeVar("Catalogue")


class ListedPicture(NamedTuple):
    """A picture, and where it is listed."""

    listing_id: str
    position: int
    picture: Picture


@dataclass(frozen=True, kw_only=True)
class Replica(Generic[Catalogue]):
    """The replica of one site."""

    site: str
    """As `pipeline.core.sites` calls it."""
    hosts: tuple[str, ...]
    """The canonical origins that it answers for; the first serves the pages."""
    catalogue: Callable[[Gallery], Catalogue]
    """What it lists, of the kind, the size and the revision that the params name."""
    app: Callable[[Catalogue, Mapping[str, str]], App]
    """Serves a catalogue; absolute links name the address that the mapping gives a host."""
    pictures: Callable[[Catalogue], Iterator[ListedPicture]]
    """All pictures, in the order of the site."""
    marks_pictures: Callable[[Gallery], bool]
    """Whether it lays its mark over pictures, so that marked copies carry it, too."""


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
