"""What was planted, as a table: what rules are measured against."""

from __future__ import annotations

from typing import Any

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.registry import REPLICAS


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
