"""The image that a page speaks of, among the files that were saved with the page."""

from __future__ import annotations

from collections.abc import Sequence
from posixpath import basename
from typing import NamedTuple
from urllib.parse import urlsplit

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
    if fact.image_key is None:
        return None
    key_name = basename(urlsplit(fact.image_key).path)
    best: Picture | None = None
    for resource in resources:
        for name in dict.fromkeys((resource.name, without_copy_mark(resource.name))):
            url = _address(name, fact.image_key, key_name, site)
            if url is not None:
                body = resource.read()
                if body and (best is None or len(body) > len(best.body)):
                    best = Picture(url, body)
                break
    return best


def _address(name: str, image_key: str, key_name: str, site: Site) -> str | None:
    """The address of a saved file, if it shows the image with that key."""
    if "://" in name:
        url = canonical(name)
        return url if site.image_key(url) == image_key else None
    if site.image_key(name) != key_name:
        return None
    return image_key + name.removeprefix(key_name)
