"""The replica's entry in `scrapers.gallery.registry`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.replicas.chrono24.addresses import HOSTS
from scrapers.gallery.replicas.chrono24.app import Chrono24
from scrapers.gallery.replicas.replica import ListedPicture, Replica


def _pictures(catalogue: Watches) -> Iterator[ListedPicture]:
    for watch in catalogue.watches:
        for position, picture in enumerate(watch.pictures):
            yield ListedPicture(watch.id, position, picture)


REPLICA: Final = Replica(
    site="chrono24",
    hosts=HOSTS,
    catalogue=Watches,
    app=Chrono24,
    pictures=_pictures,
    marks_pictures=True,
)
