"""The image that a page speaks of, among the files that were saved with the page."""

from __future__ import annotations

from collections.abc import Sequence
from posixpath import basename
from typing import NamedTuple
from urllib.parse import quote

from scrapers.parsing.facts import Fact
from scrapers.saved.folder import canonical
from scrapers.saved.page import Resource, without_copy_mark
from scrapers.sites.site import Site


class Picture(NamedTuple):
    """An image of a listing that was saved with the page."""

    url: str
    """Of the size that was saved."""
    body: bytes


def saved_picture(resources: Sequence[Resource], fact: Fact, site: Site) -> Picture | None:
    """The largest size in which the image of ``fact`` was saved; None where it was not."""
    if fact.image_url is None:
        return None
    best: Picture | None = None
    for resource in resources:
        for name in dict.fromkeys((resource.name, without_copy_mark(resource.name))):
            url = _address(name, fact.image_url, site)
            if url is not None:
                body = resource.read()
                if body and (best is None or len(body) > len(best.body)):
                    best = Picture(url, body)
                break
    return best


def _address(name: str, image_url: str, site: Site) -> str | None:
    """The address of a saved file, if it shows the image at ``image_url`` in any size."""
    key = site.image_key(image_url)
    if "://" in name:
        url = canonical(name)
        return url if site.image_key(url) == key else None
    if site.image_key(quote(name)) != basename(key):
        return None
    return site.image_saved_as(image_url, name)
