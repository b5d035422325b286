"""The replica's entry in `scrapers.gallery.registry`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.walls import Walls
from scrapers.gallery.replicas.replica import ListedPicture, Replica
from scrapers.gallery.replicas.wikiart.addresses import HOSTS
from scrapers.gallery.replicas.wikiart.app import WikiArt


def _catalogue(gallery: Gallery) -> Paintings:
    kind = Walls if gallery.kind == "walls" else Paintings
    return kind(gallery.seed, gallery.works, gallery.creators, gallery.revision)


def _pictures(catalogue: Paintings) -> Iterator[ListedPicture]:
    return (ListedPicture(work.id, 0, work.picture) for work in catalogue.works)


REPLICA: Final = Replica(
    site="wikiart",
    hosts=HOSTS,
    catalogue=_catalogue,
    app=WikiArt,
    pictures=_pictures,
    marks_pictures=lambda _: False,
)
