"""The replicas by the name of their site: the one place where they are put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.replicas.carlogos.replica import REPLICA as CARLOGOS
from scrapers.gallery.replicas.chrono24.replica import REPLICA as CHRONO24
from scrapers.gallery.replicas.fashion.replica import REPLICA as FASHION
from scrapers.gallery.replicas.museum.replica import REPLICA as MUSEUM
from scrapers.gallery.replicas.replica import Replica
from scrapers.gallery.replicas.wikiart.replica import REPLICA as WIKIART
from scrapers.gallery.web.messages import App

REPLICAS: Final[Mapping[str, Replica[Any]]] = {
    replica.site: replica for replica in (WIKIART, CHRONO24, CARLOGOS, FASHION, MUSEUM)
}


def app_of(site: str, gallery: Gallery, origins: Mapping[str, str]) -> App:
    """The replica of ``site`` whose absolute links use the addresses ``origins``."""
    replica = REPLICAS[site]
    catalogue = replica.catalogue(gallery)
    return replica.app(catalogue, origins)
