"""What was planted, as a table: what rules are measured against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapers.gallery.catalogue import PaintingCatalogue, Picture, WatchCatalogue


def truth_rows(catalogue: PaintingCatalogue | WatchCatalogue) -> list[dict[str, Any]]:
    """One row a picture, in the order of the site.

    ``source`` and ``listing_id`` name the listing, ``position`` the picture's place in it, ``key``
    the picture (its address holds it), ``defects`` what was planted (joined by commas, empty for a
    faultless picture) and ``original`` the key of the picture of which it is a copy, or None.
    """
    return [
        {
            "source": source,
            "listing_id": listing_id,
            "position": position,
            "key": picture.key,
            "defects": ",".join(picture.defects),
            "original": picture.original,
        }
        for source, listing_id, position, picture in _pictures(catalogue)
    ]


def _pictures(
    catalogue: PaintingCatalogue | WatchCatalogue,
) -> Iterator[tuple[str, str, int, Picture]]:
    if hasattr(catalogue, "works"):
        for work in catalogue.works:
            yield "wikiart", work.id, 0, work.picture
        return
    for watch in catalogue.watches:
        for position, picture in enumerate(watch.pictures):
            yield "chrono24", watch.id, position, picture
