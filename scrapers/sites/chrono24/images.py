"""Addresses of Chrono24's photographs: ``.../images/uhren/{key}-{size}.jpg``.

The key cannot be guessed from a listing; only the size may be exchanged. ``Square_SIZE_`` is the
form in which lazy images name all squares at once.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

LARGEST: Final = "ExtraLarge"
"""The whole photograph; the squares are cropped or padded."""

_ADDRESS = re.compile(
    r"(?P<key>.*)-(?P<size>ExtraLarge|Large|Square_SIZE_|Square[0-9]+)\.(?P<type>jpe?g|png|webp)"
    r"(?:\?.*)?$"
)


def image_key(url: str) -> str:
    """What the addresses of all sizes of one photograph share, whichever host serves it.

    >>> image_key("https://cdn2.chrono24.com/images/uhren/1-a-Square280.jpg")
    'images/uhren/1-a'
    """
    path = unquote(urlsplit(url).path).lstrip("/")
    written = _ADDRESS.match(path)
    return written["key"] if written else path


def image_of_size(url: str, size: str) -> str:
    """The address of the photograph at ``url`` in another size; unchanged where it names none.

    >>> image_of_size("https://img.chrono24.com/images/uhren/1-a-Square_SIZE_.jpg", "ExtraLarge")
    'https://img.chrono24.com/images/uhren/1-a-ExtraLarge.jpg'
    """
    written = _ADDRESS.match(url)
    return f"{written['key']}-{size}.{written['type']}" if written else url


def image_saved_as(url: str, name: str) -> str:
    """The address of the photograph at ``url`` in the size that the file ``name`` has."""
    written = _ADDRESS.match(name)
    return url if written is None else image_of_size(url, written["size"])


def is_photograph(url: str) -> bool:
    """Whether ``url`` names a photograph of a listing, not an icon or a stand-in."""
    return "/images/uhren/" in url and _ADDRESS.match(url) is not None
