"""The replica's entry in `scrapers.gallery.registry`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.replicas.museum.app import API, IIIF, Museum
from scrapers.gallery.replicas.replica import ListedPicture, Replica


def _catalogue(gallery: Gallery) -> Paintings:
    return Paintings(gallery.seed, gallery.works, gallery.creators, gallery.revision)


def _pictures(catalogue: Paintings) -> Iterator[ListedPicture]:
    return (ListedPicture(work.id, 0, work.picture) for work in catalogue.works)


REPLICA: Final = Replica(
    site="museum",
    hosts=(API, IIIF),
    catalogue=_catalogue,
    app=Museum,
    pictures=_pictures,
    marks_pictures=lambda _: False,
)
