"""What the server, the command and the truth have to know of a replica."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.items import Picture
from scrapers.gallery.web.messages import App

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
