"""The replica's entry in `scrapers.gallery.registry`."""

from __future__ import annotations

from typing import Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.names import brands
from scrapers.gallery.catalogue.pieces import GARMENTS, Pieces
from scrapers.gallery.replicas.carlogos.replica import listed
from scrapers.gallery.replicas.fashion.app import CDN, WWW, Fashion
from scrapers.gallery.replicas.replica import Replica


def _catalogue(gallery: Gallery) -> Pieces:
    makers = brands(gallery.seed, gallery.creators)
    return Pieces(GARMENTS, makers, gallery.seed, gallery.works, gallery.revision)


REPLICA: Final = Replica(
    site="fashion",
    hosts=(WWW, CDN),
    catalogue=_catalogue,
    app=Fashion,
    pictures=listed,
    marks_pictures=lambda _: False,
)
