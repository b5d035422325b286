"""The replica's entry in `scrapers.gallery.registry`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.names import brands
from scrapers.gallery.catalogue.pieces import BADGES, Pieces
from scrapers.gallery.replicas.carlogos.app import IMG, WWW, CarLogos
from scrapers.gallery.replicas.replica import ListedPicture, Replica


def _catalogue(gallery: Gallery) -> Pieces:
    makers = brands(gallery.seed, gallery.creators)
    return Pieces(BADGES, makers, gallery.seed, gallery.works, gallery.revision)


def listed(catalogue: Pieces) -> Iterator[ListedPicture]:
    """The pictures of all pieces, in the order of the site."""
    for piece in catalogue.pieces:
        for position, picture in enumerate(piece.pictures):
            yield ListedPicture(piece.id, position, picture)


REPLICA: Final = Replica(
    site="carlogos",
    hosts=(WWW, IMG),
    catalogue=_catalogue,
    app=CarLogos,
    pictures=listed,
    marks_pictures=lambda _: False,
)
