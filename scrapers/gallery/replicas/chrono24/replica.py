"""The replica's entry in `scrapers.gallery.registry`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.shop import Shop
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.replicas.chrono24.addresses import HOSTS
from scrapers.gallery.replicas.chrono24.app import Chrono24
from scrapers.gallery.replicas.replica import ListedPicture, Replica


def _catalogue(gallery: Gallery) -> Watches:
    kind = Shop if gallery.kind == "shop" else Watches
    return kind(gallery.seed, gallery.works, gallery.creators, gallery.revision)


def _pictures(catalogue: Watches) -> Iterator[ListedPicture]:
    for watch in catalogue.watches:
        for position, picture in enumerate(watch.pictures):
            yield ListedPicture(watch.id, position, picture)


REPLICA: Final = Replica(
    site="chrono24",
    hosts=HOSTS,
    catalogue=_catalogue,
    app=Chrono24,
    pictures=_pictures,
    marks_pictures=lambda gallery: gallery.kind == "site",
)
