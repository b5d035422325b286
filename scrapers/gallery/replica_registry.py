"""The replicas by the name of their site, and what each has planted: what rules answer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.replicas.carlogos import REPLICA as CARLOGOS
from scrapers.gallery.replicas.chrono24.app import REPLICA as CHRONO24
from scrapers.gallery.replicas.fashion import REPLICA as FASHION
from scrapers.gallery.replicas.museum import REPLICA as MUSEUM
from scrapers.gallery.replicas.replica import Replica
from scrapers.gallery.replicas.wikiart.app import REPLICA as WIKIART
from scrapers.gallery.web.messages import App

REPLICAS: Final[Mapping[str, Replica[Any]]] = {
    replica.site: replica for replica in (WIKIART, CHRONO24, CARLOGOS, FASHION, MUSEUM)
}


def app_of(site: str, gallery: Gallery, origins: Mapping[str, str]) -> App:
    """The replica of ``site`` whose absolute links use the addresses ``origins``."""
    replica = REPLICAS[site]
    catalogue = replica.catalogue(gallery)
    return replica.app(catalogue, origins)


def truth_rows(site: str, gallery: Gallery) -> list[dict[str, Any]]:
    """One row a picture of the replica of ``site``, in the order of the site.

    ``source`` and ``listing_id`` name the listing, ``position`` the picture's place in it, ``key``
    the picture (its address holds it), ``defects`` what was planted (joined by commas, empty for a
    faultless picture) and ``original`` the key of the picture of which it is a copy, or None.
    """
    replica = REPLICAS[site]
    catalogue = replica.catalogue(gallery)
    return [
        {
            "source": site,
            "listing_id": listing_id,
            "position": position,
            "key": picture.key,
            "defects": ",".join(picture.defects),
            "original": picture.original,
        }
        for listing_id, position, picture in replica.pictures(catalogue)
    ]
