"""The addresses of WikiArt: its hosts, which of them has a picture, and where pages stand."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from scrapers.gallery.items import Work

WWW: Final = "https://www.wikiart.org"
UPLOADS: Final = "https://uploads.wikiart.org"
"""Has the pictures that are nobody's work."""
SHARDS: Final = tuple(f"https://uploads{number}.wikiart.org" for number in range(9))
HOSTS: Final[tuple[str, ...]] = (WWW, UPLOADS, *SHARDS)
FRAME: Final = "/Content/images/FRAME-600x480.jpg"
LAZY: Final = "/Content/wiki/img/lazy-load-placeholder.png"

_IMAGE = re.compile(
    r"(?P<folder>/(?:(?:[0-9]{5}/)?images/[^/]+/)?)(?P<key>[^/!]+?)"
    r"(?P<suffix>\.(?:jpe?g|JPG|png))(?:!(?P<variant>\w+)(?P=suffix))?"
)


def host_of(path: str) -> str:
    """The host that has the image at ``path``, the one and only.

    It follows from the length of the path, which differs with the size, so that each size of a
    picture may be on another host. Where the count starts is known of ``/images/``; for numbered
    folders and the root it is what the few addresses known of them have in common.

    >>> host_of("/images/a-painter/a-work.jpg"), host_of("/images/a-painter/a-work.jpg!Large.jpg")
    ('https://uploads4.wikiart.org', 'https://uploads5.wikiart.org')
    """
    return SHARDS[(len(path) - _start(path.split("/")[1])) % len(SHARDS)]


def _start(folder: str) -> int:
    """From where the length of a path is counted, by the first folder in it."""
    if folder == "images":
        return 6
    return 17 - int(folder) // 10 if folder.isdecimal() else 2


def image_named(path: str) -> tuple[str, str | None] | None:
    """The key of the picture and the variant that ``path`` names; None where it names none."""
    named = _IMAGE.fullmatch(path)
    return None if named is None else (named["key"], named["variant"])


def page_path(work: Work) -> str:
    """Path of a work's own page."""
    return f"/en/{quote(work.artist.slug)}/{quote(work.slug)}"
